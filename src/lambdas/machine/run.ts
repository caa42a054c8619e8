/**
 * The stack machine: runs a function in the common instruction set on symbolic values. Nothing of Python is executed:
 * what is called are entries of the allow-list, and everything else is refused by name.
 */

import type { Instruction, SelfPlace } from '../instructions.ts';
import { attributeOf } from './attributes.ts';
import { itemsOf, iteratorOf } from './iterate.ts';
import { binary, compare, isTrue, unary } from './operators.ts';
import { raises, refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { storeItem, subscript } from './subscript.ts';
import { formatValue } from './text.ts';
import {
  type Cell,
  type DictValue,
  type FunctionValue,
  fromConstant,
  type ListValue,
  none,
  pyList,
  pyText,
  pyTuple,
  type SetValue,
  typeName,
  type Value,
} from './values.ts';

export interface Frame {
  readonly callee: FunctionValue;
  readonly instructions: readonly Instruction[];
  readonly locals: Map<string, Value>;
  readonly cells: Map<string, Cell>;
  readonly stack: (Value | undefined)[];
  /** Loops that are open (up to Python 3.7): where they end, and the stack's height outside. */
  readonly loops: { readonly target: number; readonly height: number }[];
  /** What a generator has yielded; null in other functions. */
  readonly yielded: Value[] | null;
  readonly session: Session;
}

/** Runs to the return. */
export function run(frame: Frame): Value {
  let at = 0;
  for (;;) {
    frame.session.spend(1);
    const instruction = frame.instructions[at];
    if (!instruction) return refuse('bytecode that runs past its end');
    if (instruction.op === 'return') return pop(frame);
    at = step(frame, instruction) ?? at + 1;
  }
}

function pop(frame: Frame): Value {
  const value = frame.stack.pop();
  return value ?? refuse('bytecode that takes what it never put on the stack');
}

/** The top `count` values, lowest first. */
function popMany(frame: Frame, count: number): Value[] {
  if (count > frame.stack.length) refuse('bytecode that takes what it never put on the stack');
  return count === 0 ? [] : frame.stack.splice(-count).map(value => value ?? refuse('an unset local'));
}

function peek(frame: Frame, depth: number): Value {
  return frame.stack[frame.stack.length - depth] ?? refuse('bytecode that reads below its stack');
}

type Steps = { [I in Instruction as I['op']]?: (frame: Frame, instruction: I) => number | undefined };

/** What each instruction does; a number is the index at which to go on. */
const steps: Steps = {
  constant: (frame, { value }) => push(frame, fromConstant(value)),
  load: (frame, { scope, name }) => push(frame, loadVariable(frame, scope, name)),
  store: (frame, { scope, name }) => {
    const value = frame.stack.length > 0 ? frame.stack.pop() : pop(frame);
    // A comprehension that saved an unset local unsets it again.
    if (value) storeVariable(frame, scope, name, value);
    else frame.locals.delete(name);
  },
  delete: (frame, { name }) => {
    frame.locals.delete(name);
  },
  'load cell': (frame, { name }) => push(frame, { kind: 'cell', cell: cellNamed(frame, name) }),
  'save local': (frame, { name }) => {
    frame.stack.push(frame.locals.get(name));
    frame.locals.delete(name);
  },
  attribute: (frame, { name }) => push(frame, attributeOf(pop(frame), name, frame.session)),
  subscript: frame => {
    const [object, key] = popMany(frame, 2) as [Value, Value];
    push(frame, subscript(object, key, frame.session));
  },
  slice: (frame, { start, stop }) => {
    const end = stop ? pop(frame) : none;
    const begin = start ? pop(frame) : none;
    push(frame, subscript(pop(frame), { kind: 'slice', start: begin, stop: end, step: none }, frame.session));
  },
  'store subscript': frame => {
    const [value, object, key] = popMany(frame, 3) as [Value, Value, Value];
    storeItem(object, key, value);
  },
  binary: (frame, { operator, inPlace }) => {
    const [left, right] = popMany(frame, 2) as [Value, Value];
    if (inPlace && operator === '+' && left.kind === 'list') {
      left.items.push(...itemsOf(right, frame.session));
      return push(frame, left);
    }
    return push(frame, binary(operator, left, right, frame.session));
  },
  unary: (frame, { operator }) => push(frame, unary(operator, pop(frame), frame.session)),
  compare: (frame, { operator }) => {
    const [left, right] = popMany(frame, 2) as [Value, Value];
    push(frame, compare(operator, left, right, frame.session));
  },
  build: (frame, { kind, count }) => push(frame, build(frame, kind, count)),
  'build keyed map': (frame, { count }) => {
    const keys = itemsOf(pop(frame), frame.session);
    const values = popMany(frame, count);
    push(frame, { kind: 'dict', entries: values.map((value, index) => [keys[index] ?? none, value]) });
  },
  join: (frame, { kind, count }) => {
    const parts = popMany(frame, count);
    if (kind === 'map') return push(frame, { kind: 'dict', entries: parts.flatMap(part => entriesOf(part)) });
    const items = parts.flatMap(part => itemsOf(part, frame.session));
    return push(frame, kind === 'tuple' ? pyTuple(items) : kind === 'list' ? pyList(items) : { kind, items });
  },
  append: (frame, { kind, depth }) => {
    const value = pop(frame);
    collection<ListValue | SetValue>(frame, depth, kind).items.push(value);
  },
  'append pair': (frame, { depth, keyOnTop }) => {
    const [lower, upper] = popMany(frame, 2) as [Value, Value];
    const dict = collection<DictValue>(frame, depth, 'dict');
    storeItem(dict, keyOnTop ? upper : lower, keyOnTop ? lower : upper);
  },
  extend: (frame, { kind, depth }) => {
    const more = pop(frame);
    if (kind === 'map') {
      const dict = collection<DictValue>(frame, depth, 'dict');
      for (const [key, value] of entriesOf(more)) storeItem(dict, key, value);
    } else {
      collection<ListValue | SetValue>(frame, depth, kind).items.push(...itemsOf(more, frame.session));
    }
  },
  'list to tuple': frame => push(frame, pyTuple(itemsOf(pop(frame), frame.session))),
  format: (frame, { conversion, spec }) => {
    const format = spec ? pop(frame) : pyText('');
    push(frame, pyText(formatValue(pop(frame), conversion, format)));
  },
  null: frame => {
    frame.stack.push(undefined);
  },
  call: (frame, instruction) => push(frame, call(frame, instruction)),
  'call spread': (frame, { mapping, self }) => {
    const given = mapping ? frame.stack.pop() : undefined;
    const keywords = given ? keywordsOf(entriesOf(given)) : new Map<string, Value>();
    const args = itemsOf(pop(frame), frame.session);
    const [callee, before] = popCallable(frame, self);
    return push(frame, frame.session.call(callee, [...before, ...args], keywords));
  },
  'call mixed': (frame, instruction) => push(frame, callMixed(frame, instruction)),
  jump: (_, { target }) => target,
  branch: (frame, { when, target, keep }) => {
    const value = pop(frame);
    const jumps =
      when === 'none'
        ? value.kind === 'none'
        : when === 'not none'
          ? value.kind !== 'none'
          : isTrue(value) === (when === 'true');
    if (jumps && keep) push(frame, value);
    return jumps ? target : undefined;
  },
  iterate: frame => push(frame, iteratorOf(pop(frame), frame.session)),
  next: (frame, { target }) => {
    const iterator = peek(frame, 1);
    if (iterator.kind !== 'iterator') return refuse(`a loop over ${typeName(iterator)}`);
    const item = iterator.items.next();
    if (!item.done) return push(frame, item.value);
    frame.stack.pop();
    return target;
  },
  'enter loop': (frame, { target }) => {
    frame.loops.push({ target, height: frame.stack.length });
  },
  'leave loop': frame => {
    frame.loops.pop();
  },
  break: frame => {
    const loop = frame.loops.pop() ?? refuse('a break outside of a loop');
    frame.stack.length = loop.height;
    return loop.target;
  },
  unpack: (frame, { count }) => {
    const items = itemsOf(pop(frame), frame.session);
    if (items.length !== count) raises('ValueError', `${items.length} values to unpack, ${count} wanted`);
    frame.stack.push(...[...items].reverse());
  },
  'unpack rest': (frame, { before, after }) => {
    const items = itemsOf(pop(frame), frame.session);
    if (items.length < before + after)
      raises('ValueError', `${items.length} values to unpack, ${before + after} wanted`);
    const rest = pyList(items.slice(before, items.length - after));
    const last = after === 0 ? [] : items.slice(-after);
    frame.stack.push(...[...items.slice(0, before), rest, ...last].reverse());
  },
  'make function': (frame, instruction) => push(frame, makeFunction(frame, instruction)),
  'make old function': (frame, instruction) => push(frame, makeOldFunction(frame, instruction)),
  'set function part': (frame, { flag }) => {
    const callee = pop(frame);
    if (callee.kind !== 'function') return refuse('bytecode that completes what is no function');
    return push(frame, withPart(callee, flag, pop(frame), frame.session));
  },
  pop: frame => {
    frame.stack.pop();
  },
  copy: (frame, { depth }) => push(frame, peek(frame, depth)),
  swap: (frame, { depth }) => {
    const top = frame.stack.length - 1;
    const other = frame.stack.length - depth;
    if (other < 0) refuse('bytecode that reads below its stack');
    [frame.stack[top], frame.stack[other]] = [frame.stack[other], frame.stack[top]];
  },
  rotate: (frame, { depth }) => {
    if (depth > frame.stack.length) refuse('bytecode that reads below its stack');
    const top = frame.stack.pop();
    frame.stack.splice(frame.stack.length - depth + 1, 0, top);
  },
  import: (frame, { name }) => {
    const [, from] = popMany(frame, 2);
    push(
      frame,
      frame.session.resolve(
        from?.kind === 'none' || from === undefined ? `import ${name.split('.')[0]}` : `import ${name}`,
      ),
    );
  },
  'import from': (frame, { name }) => push(frame, attributeOf(peek(frame, 1), name, frame.session)),
  yield: frame => {
    const value = pop(frame);
    if (!frame.yielded) return refuse('yield outside of a generator');
    frame.yielded.push(value);
    return push(frame, none);
  },
  raise: (frame, { count }) => {
    const [exception] = popMany(frame, count);
    return raises(exception ? typeName(exception) : 'an exception', 'the function itself raises it for these inputs');
  },
  unsupported: (_, { what }) => refuse(what),
};

function step(frame: Frame, instruction: Instruction): number | undefined {
  const perform = steps[instruction.op] as ((frame: Frame, instruction: Instruction) => number | undefined) | undefined;
  if (!perform) return refuse(`the instruction ${instruction.op}`);
  return perform(frame, instruction);
}

function push(frame: Frame, value: Value): undefined {
  frame.stack.push(value);
}

function loadVariable(frame: Frame, scope: 'local' | 'cell' | 'global', name: string): Value {
  if (scope === 'global') return frame.session.resolve(name);
  const value = scope === 'cell' ? cellNamed(frame, name).value : frame.locals.get(name);
  return value ?? raises('UnboundLocalError', `${name} is used before it has a value`);
}

function storeVariable(frame: Frame, scope: 'local' | 'cell' | 'global', name: string, value: Value): void {
  if (scope === 'global') refuse(`an assignment to the global ${name}`);
  if (scope === 'cell') cellNamed(frame, name).value = value;
  else frame.locals.set(name, value);
}

function cellNamed(frame: Frame, name: string): Cell {
  return frame.cells.get(name) ?? refuse(`the variable ${name}, which no enclosing function has`);
}

function collection<T extends Value>(frame: Frame, depth: number, kind: T['kind']): T {
  const value = peek(frame, depth);
  return value.kind === kind ? (value as T) : refuse(`bytecode that adds to ${typeName(value)}`);
}

function entriesOf(value: Value): [Value, Value][] {
  return value.kind === 'dict' ? value.entries : refuse(`${typeName(value)} spread as keywords`);
}

function keywordsOf(entries: readonly (readonly [Value, Value])[]): Map<string, Value> {
  return new Map(
    entries.map(([key, value]) => [key.kind === 'string' ? key.value : refuse('a keyword that is no text'), value]),
  );
}

function build(frame: Frame, kind: (Instruction & { op: 'build' })['kind'], count: number): Value {
  if (kind === 'map') {
    const flat = popMany(frame, count * 2);
    const dict: DictValue = { kind: 'dict', entries: [] };
    for (let index = 0; index < flat.length; index += 2) storeItem(dict, flat[index] ?? none, flat[index + 1] ?? none);
    return dict;
  }
  const items = popMany(frame, count);
  if (kind === 'tuple') return pyTuple(items);
  if (kind === 'list') return pyList(items);
  if (kind === 'set') return { kind: 'set', items };
  if (kind === 'text') return pyText(items.map(item => (item.kind === 'string' ? item.value : '')).join(''));
  const [start = none, stop = none, step = none] = items;
  return { kind: 'slice', start, stop, step };
}

function call(frame: Frame, { count, pairs, named, self }: Instruction & { op: 'call' }): Value {
  const keywords = keywordsOf(pairsOf(popMany(frame, pairs * 2)));
  const names = named ? itemsOf(pop(frame), frame.session) : [];
  const values = popMany(frame, count);
  const positional = values.length - names.length;
  names.forEach((name, index) => {
    keywords.set(name.kind === 'string' ? name.value : '', values[positional + index] ?? none);
  });
  const [callee, before] = popCallable(frame, self);
  return frame.session.call(callee, [...before, ...values.slice(0, positional)], keywords);
}

/** The callable of a call and, where it lies beside it, its `self`. */
function popCallable(frame: Frame, self: SelfPlace): [Value, Value[]] {
  if (self === 'none') return [pop(frame), []];
  const upper = frame.stack.pop();
  const lower = frame.stack.pop();
  if (lower && upper) return [lower, [upper]];
  return [lower ?? upper ?? refuse('a call without anything to call'), []];
}

function callMixed(frame: Frame, instruction: Instruction & { op: 'call mixed' }): Value {
  const { count, pairs, iterable, mapping, iterableBelowPairs } = instruction;
  const more = mapping ? entriesOf(pop(frame)) : [];
  const takeIterable = () => (iterable ? itemsOf(pop(frame), frame.session) : []);
  let rest = iterableBelowPairs ? [] : takeIterable();
  const keywords = keywordsOf([...pairsOf(popMany(frame, pairs * 2)), ...more]);
  if (iterableBelowPairs) rest = takeIterable();
  const args = popMany(frame, count);
  return frame.session.call(pop(frame), [...args, ...rest], keywords);
}

function pairsOf(flat: readonly Value[]): [Value, Value][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2] ?? none, flat[index * 2 + 1] ?? none]);
}

function makeFunction(frame: Frame, { flags, nameOnTop }: Instruction & { op: 'make function' }): Value {
  if (nameOnTop) pop(frame);
  let made = emptyFunction(frame, pop(frame));
  for (const flag of [8, 4, 2, 1]) if (flags & flag) made = withPart(made, flag, pop(frame), frame.session);
  return made;
}

function makeOldFunction(frame: Frame, instruction: Instruction & { op: 'make old function' }): Value {
  const { defaults, keywordDefaults, annotations, closure, nameOnTop } = instruction;
  if (nameOnTop) pop(frame);
  const made = emptyFunction(frame, pop(frame));
  const cells = closure ? cellsOf(pop(frame), frame.session) : [];
  popMany(frame, annotations);
  // In 3.4 and 3.5 keyword defaults lie above the positional ones.
  const named = keywordsOf(pairsOf(popMany(frame, keywordDefaults * 2)));
  return { ...made, closure: cells, keywordDefaults: named, defaults: popMany(frame, defaults) };
}

function emptyFunction(frame: Frame, code: Value): FunctionValue {
  if (code.kind !== 'code') return refuse('bytecode that makes a function of what is no code');
  const { python } = frame.callee;
  return { kind: 'function', code: code.code, python, defaults: [], keywordDefaults: new Map(), closure: [] };
}

function withPart(made: FunctionValue, flag: number, part: Value, session: Session): FunctionValue {
  if (flag === 1) return { ...made, defaults: itemsOf(part, session) };
  if (flag === 2) return { ...made, keywordDefaults: keywordsOf(entriesOf(part)) };
  return flag === 8 ? { ...made, closure: cellsOf(part, session) } : made;
}

function cellsOf(value: Value, session: Session): Cell[] {
  return itemsOf(value, session).map(item =>
    item.kind === 'cell' ? item.cell : refuse('a closure without variables'),
  );
}
