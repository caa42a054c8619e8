/** What each instruction without a jump does to a stack of expressions. */

import type { PythonConstant, PythonVersion } from '../../containers/marshal/index.ts';
import type { Instruction } from '../instructions.ts';
import { withIterable } from './comprehensions.ts';
import { recoverStatements } from './recover.ts';
import { type CallArgument, type Expression, NoSource, type Statement } from './syntax.ts';

export interface Walk {
  readonly stack: Expression[];
  readonly statements: Statement[];
  readonly copied: Set<Expression>;
  readonly python: PythonVersion;
}

export function pop(stack: Expression[]): Expression {
  const value = stack.pop();
  if (!value) throw new NoSource('it takes what is not on the stack');
  return value;
}

export function popMany(stack: Expression[], count: number): Expression[] {
  if (count > stack.length) throw new NoSource('it takes what is not on the stack');
  return count === 0 ? [] : stack.splice(-count);
}

function peek(stack: readonly Expression[], depth: number): Expression {
  const value = stack[stack.length - depth];
  if (!value) throw new NoSource('it reads below its stack');
  return value;
}

/** True where an expression uses one of the names. */
export function mentions(value: Expression, names: readonly string[]): boolean {
  if (value.type === 'name') return names.includes(value.name);
  const parts = Object.entries(value).filter(([key]) => key !== 'code' && key !== 'value');
  const held = value.type === 'constant' ? [] : parts.map(([, part]) => part as unknown);
  if ('value' in value && value.type !== 'constant') held.push(value.value);
  const inside = (part: unknown): boolean => {
    if (Array.isArray(part)) return part.some(inside);
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return false;
    return 'type' in part ? mentions(part as Expression, names) : Object.values(part).some(inside);
  };
  return held.some(inside);
}

const none: Expression = { type: 'constant', value: { kind: 'none' } };

const isNone = (value: Expression) => value.type === 'constant' && value.value.kind === 'none';

/** Values whose end leaves no trace in source. */
const silent = new Set(['constant', 'iterator', 'item', 'saved', 'null', 'module', 'cell', 'code', 'name']);

/** Changes the stack as `instruction` does; adds the statement that it is. */
export function apply(instruction: Instruction, walk: Walk): undefined {
  const { stack, statements, copied } = walk;
  const push = (value: Expression): undefined => {
    stack.push(value);
  };
  switch (instruction.op) {
    case 'constant': {
      const { value } = instruction;
      return push(value.kind === 'code' ? { type: 'code', code: value.code } : { type: 'constant', value });
    }
    case 'load':
      // The argument of a comprehension's function is an iterator already.
      if (instruction.name === '.0') return push({ type: 'iterator', of: { type: 'name', name: '.0' } });
      return push({ type: 'name', name: instruction.name });
    case 'load cell':
      return push({ type: 'cell', name: instruction.name });
    case 'save local':
      return push({ type: 'saved' });
    case 'delete':
    case 'enter loop':
    case 'leave loop':
      return;
    case 'null':
      return push({ type: 'null' });
    case 'attribute': {
      const object = pop(stack);
      return push(object.type === 'module' ? object : { type: 'attribute', object, name: instruction.name });
    }
    case 'subscript': {
      const [object, key] = popMany(stack, 2) as [Expression, Expression];
      return push({ type: 'subscript', object, key });
    }
    case 'slice': {
      const stop = instruction.stop ? pop(stack) : none;
      const start = instruction.start ? pop(stack) : none;
      return push({ type: 'subscript', object: pop(stack), key: sliceOf([start, stop]) });
    }
    case 'store subscript': {
      const [value, object, key] = popMany(stack, 3) as [Expression, Expression, Expression];
      statements.push({ type: 'assign', target: { type: 'subscript', object, key }, value });
      return;
    }
    case 'binary': {
      const [left, right] = popMany(stack, 2) as [Expression, Expression];
      const made: Expression = { type: 'binary', operator: instruction.operator, left, right };
      return push(instruction.inPlace ? ({ ...made, inPlace: true } as Expression) : made);
    }
    case 'unary':
      return push({ type: 'unary', operator: instruction.operator, operand: pop(stack) });
    case 'compare': {
      const [first, operand] = popMany(stack, 2) as [Expression, Expression];
      return push({ type: 'compare', first, rest: [{ operator: instruction.operator, operand }] });
    }
    case 'iterate': {
      const of = pop(stack);
      return push(of.type === 'iterator' ? of : { type: 'iterator', of });
    }
    case 'yield':
      statements.push({ type: 'yield', value: pop(stack) });
      return push(none);
    case 'pop': {
      const value = pop(stack);
      if (!silent.has(value.type) && !copied.has(value)) statements.push({ type: 'expression', value });
      return;
    }
    case 'copy': {
      const value = peek(stack, instruction.depth);
      copied.add(value);
      return push(value);
    }
    case 'swap': {
      const [top, other] = [stack.length - 1, stack.length - instruction.depth];
      [stack[top], stack[other]] = [peek(stack, instruction.depth), peek(stack, 1)];
      return;
    }
    case 'rotate': {
      peek(stack, instruction.depth);
      const top = pop(stack);
      stack.splice(stack.length - instruction.depth + 1, 0, top);
      return;
    }
    case 'import': {
      const [, from] = popMany(stack, 2);
      return push({ type: 'module', name: instruction.name, from: from !== undefined && !isNone(from) });
    }
    case 'import from': {
      const module = peek(stack, 1);
      if (module.type !== 'module') throw new NoSource('an import of an unknown form');
      return push(module.from ? { type: 'attribute', object: module, name: instruction.name } : module);
    }
    default:
      applyToCollections(instruction, walk);
  }
}

function applyToCollections(instruction: Instruction, walk: Walk): void {
  const { stack } = walk;
  switch (instruction.op) {
    case 'build':
      stack.push(build(instruction.kind, instruction.count, stack));
      return;
    case 'build keyed map': {
      const keys = itemsOf(pop(stack));
      const values = popMany(stack, instruction.count);
      stack.push({ type: 'dict', entries: values.map((value, index) => [keys[index] ?? none, value] as const) });
      return;
    }
    case 'join': {
      const parts = popMany(stack, instruction.count);
      if (instruction.kind === 'map') stack.push({ type: 'dict', entries: parts.flatMap(entriesOf) });
      else stack.push({ type: 'collection', kind: instruction.kind, items: parts.flatMap(spread) });
      return;
    }
    case 'append': {
      const value = pop(stack);
      addTo(walk, instruction.depth, null, value);
      return;
    }
    case 'append pair': {
      const [lower, upper] = popMany(stack, 2) as [Expression, Expression];
      const [key, value] = instruction.keyOnTop ? [upper, lower] : [lower, upper];
      addTo(walk, instruction.depth, key, value);
      return;
    }
    case 'extend': {
      const more = pop(stack);
      const at = stack.length - instruction.depth;
      const to = peek(stack, instruction.depth);
      if (to.type === 'dict') stack[at] = { type: 'dict', entries: [...to.entries, ...entriesOf(more)] };
      else if (to.type === 'collection') stack[at] = { ...to, items: [...to.items, ...spread(more)] };
      else throw new NoSource('an extension of an unknown form');
      return;
    }
    case 'list to tuple':
      stack.push({ type: 'collection', kind: 'tuple', items: itemsOf(pop(stack)) });
      return;
    case 'format': {
      const spec = instruction.spec ? pop(stack) : null;
      const value = pop(stack);
      const inner = value.type === 'format' && value.spec === null ? value : null;
      const conversion = instruction.conversion ?? inner?.conversion ?? null;
      stack.push({ type: 'format', value: inner?.value ?? value, conversion, spec });
      return;
    }
    default:
      applyToFunctions(instruction, walk);
  }
}

function applyToFunctions(instruction: Instruction, walk: Walk): void {
  const { stack } = walk;
  switch (instruction.op) {
    case 'call': {
      const pairs = popMany(stack, instruction.pairs * 2);
      const names = instruction.named ? itemsOf(pop(stack)) : [];
      const values = popMany(stack, instruction.count);
      const args = values.map((value, index): CallArgument => {
        const name = names[index - (values.length - names.length)];
        return { value, keyword: name ? textOf(name) : null, spread: '' };
      });
      stack.push(call(popCallable(stack, instruction.self), [...args, ...keywordPairs(pairs)], walk));
      return;
    }
    case 'call spread': {
      const mapping = instruction.mapping ? pop(stack) : null;
      const args = spread(pop(stack)).map(argumentOf);
      const keywords = mapping && mapping.type !== 'null' ? entriesOf(mapping).map(keywordOf) : [];
      stack.push(call(popCallable(stack, instruction.self), [...args, ...keywords], walk));
      return;
    }
    case 'call mixed': {
      const mapping = instruction.mapping ? [keywordOf([null, pop(stack)])] : [];
      const above = instruction.iterable && !instruction.iterableBelowPairs ? [pop(stack)] : [];
      const pairs = keywordPairs(popMany(stack, instruction.pairs * 2));
      const below = instruction.iterable && instruction.iterableBelowPairs ? [pop(stack)] : [];
      const args = popMany(stack, instruction.count).map(argumentOf);
      const rest = [...above, ...below].flatMap(spread).map(argumentOf);
      stack.push(call([pop(stack), []], [...args, ...pairs, ...rest, ...mapping], walk));
      return;
    }
    case 'make function':
      stack.push(makeFunction(instruction, stack));
      return;
    case 'make old function': {
      if (instruction.nameOnTop) pop(stack);
      const code = pop(stack);
      if (instruction.closure) pop(stack);
      popMany(stack, instruction.annotations);
      const keywords = keywordPairs(popMany(stack, instruction.keywordDefaults * 2));
      const keywordDefaults = keywords.length > 0 ? dictOf(keywords) : null;
      stack.push({ ...functionOf(code), keywordDefaults, defaults: popMany(stack, instruction.defaults) });
      return;
    }
    case 'set function part': {
      const made = pop(stack);
      if (made.type !== 'function') throw new NoSource('a function of an unknown form');
      stack.push(withPart(made, instruction.flag, pop(stack)));
      return;
    }
    case 'unsupported':
      throw new NoSource(instruction.what);
    default:
      throw new NoSource(`the instruction ${instruction.op}`);
  }
}

function sliceOf(parts: readonly Expression[]): Expression {
  const [start, stop, step] = parts.map(part => (isNone(part) ? null : part));
  return { type: 'slice', start: start ?? null, stop: stop ?? null, step: step ?? null };
}

function build(kind: (Instruction & { op: 'build' })['kind'], count: number, stack: Expression[]): Expression {
  if (kind === 'map') {
    const flat = popMany(stack, count * 2);
    return {
      type: 'dict',
      entries: Array.from({ length: count }, (_, at) => [flat[at * 2]!, flat[at * 2 + 1]!] as const),
    };
  }
  const items = popMany(stack, count);
  if (kind === 'slice') return sliceOf(items);
  return kind === 'text' ? { type: 'text', parts: items } : { type: 'collection', kind, items };
}

/** Adds to a collection display, or inside a loop to what a comprehension fills. */
function addTo({ stack, statements }: Walk, depth: number, key: Expression | null, value: Expression): void {
  const to = peek(stack, depth);
  const at = stack.length - depth;
  if (stack.slice(at).some(one => one.type === 'iterator')) statements.push({ type: 'append', to, key, value });
  else if (to.type === 'dict' && key) stack[at] = { type: 'dict', entries: [...to.entries, [key, value]] };
  else if (to.type === 'collection' && !key) stack[at] = { ...to, items: [...to.items, value] };
  else throw new NoSource('a collection of an unknown form');
}

const constantOf = (value: PythonConstant): Expression => ({ type: 'constant', value });

/** Items of a display or of a constant tuple. */
function itemsOf(value: Expression): Expression[] {
  if (value.type === 'collection') return [...value.items];
  const held = value.type === 'constant' ? value.value : null;
  if (held?.kind === 'tuple' || held?.kind === 'frozenset') return held.items.map(constantOf);
  throw new NoSource('a sequence of an unknown form');
}

/** Items of a display, or `*value`. */
function spread(value: Expression): Expression[] {
  const isDisplay =
    value.type === 'collection' || (value.type === 'constant' && /^(tuple|frozenset)$/.test(value.value.kind));
  return isDisplay ? itemsOf(value) : [{ type: 'star', value }];
}

type Entry = readonly [Expression | null, Expression];

/** Entries of a display, or `**value`. */
function entriesOf(value: Expression): Entry[] {
  return value.type === 'dict' ? [...value.entries] : [[null, value]];
}

function textOf(value: Expression): string {
  if (value.type === 'constant' && value.value.kind === 'string') return value.value.value;
  throw new NoSource('a keyword that is no text');
}

function argumentOf(value: Expression): CallArgument {
  return value.type === 'star'
    ? { value: value.value, keyword: null, spread: '*' }
    : { value, keyword: null, spread: '' };
}

function keywordOf([key, value]: Entry): CallArgument {
  return key ? { value, keyword: textOf(key), spread: '' } : { value, keyword: null, spread: '**' };
}

function keywordPairs(flat: readonly Expression[]): CallArgument[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => keywordOf([flat[at * 2]!, flat[at * 2 + 1]!]));
}

function dictOf(keywords: readonly CallArgument[]): Expression {
  const entries = keywords.map(
    ({ keyword, value }): Entry => [constantOf({ kind: 'string', value: keyword ?? '' }), value],
  );
  return { type: 'dict', entries };
}

function popCallable(stack: Expression[], self: (Instruction & { op: 'call' })['self']): [Expression, Expression[]] {
  if (self === 'none') return [pop(stack), []];
  const upper = pop(stack);
  const lower = pop(stack);
  if (lower.type === 'null') return [upper, []];
  return upper.type === 'null' ? [lower, []] : [lower, [upper]];
}

function call(
  [callee, before]: [Expression, Expression[]],
  args: readonly CallArgument[],
  { python }: Walk,
): Expression {
  const all = [...before.map(argumentOf), ...args];
  const isComprehension = callee.type === 'function' && /^<(list|set|dict)comp>$|^<genexpr>$/.test(callee.code.name);
  const [only] = all;
  if (isComprehension && all.length === 1 && only?.value.type === 'iterator') {
    return withIterable(recoverStatements(callee.code, python), only.value.of);
  }
  return { type: 'call', callee, args: all };
}

function functionOf(code: Expression): Expression & { type: 'function' } {
  if (code.type !== 'code') throw new NoSource('a function of an unknown form');
  return { type: 'function', code: code.code, defaults: [], keywordDefaults: null };
}

function makeFunction({ flags, nameOnTop }: Instruction & { op: 'make function' }, stack: Expression[]): Expression {
  if (nameOnTop) pop(stack);
  let made = functionOf(pop(stack));
  for (const flag of [8, 4, 2, 1]) if (flags & flag) made = withPart(made, flag, pop(stack));
  return made;
}

function withPart(
  made: Expression & { type: 'function' },
  flag: number,
  part: Expression,
): Expression & { type: 'function' } {
  if (flag === 1) return { ...made, defaults: itemsOf(part) };
  return flag === 2 ? { ...made, keywordDefaults: part } : made;
}
