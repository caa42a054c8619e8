/**
 * From instructions to statements: a walk along the bytecode with expressions on its stack instead of values. A branch
 * is followed both ways up to where they meet. What this does not know (while, try, match) has no source here, and is
 * shown as disassembly.
 */

import type { CodeObject, PythonVersion } from '../../containers/marshal/index.ts';
import type { Instruction } from '../instructions.ts';
import { normalise } from '../normalise.ts';
import { comprehensionOf } from './comprehensions.ts';
import { choice, negated } from './conditions.ts';
import { apply, mentions, pop, popMany, type Walk } from './effects.ts';
import { exit, maximumInstructions, meetingPoints } from './flow.ts';
import { type Expression, NoSource, type Statement } from './syntax.ts';

interface Loop {
  readonly header: number;
  readonly end: number;
  target: Expression | null;
}

interface Block {
  readonly statements: Statement[];
  readonly stack: Expression[];
  /** It does not come to its end: it returns, raises, breaks or continues. */
  readonly ended: boolean;
}

interface Recovery {
  readonly code: CodeObject;
  readonly python: PythonVersion;
  readonly instructions: readonly Instruction[];
  readonly meeting: readonly number[];
  /** Values that were copied: dropping one of the copies is no statement. */
  readonly copied: Set<Expression>;
  steps: number;
  depth: number;
}

/** Steps of one recovery: branches inside branches are walked once for each way that leads to them. */
const maximumSteps = 50_000;
const maximumDepth = 60;

/** Opcodes of try and with; their handlers hang on tables that source cannot be made of here. */
const handlesExceptions = /^(PUSH_EXC_INFO|POP_EXCEPT|END_FINALLY|CHECK_EXC_MATCH|WITH_EXCEPT_START|SETUP_WITH)$/;

/** The statements of a function. Throws `NoSource`. */
export function recoverStatements(code: CodeObject, python: PythonVersion): Statement[] {
  const { instructions } = normalise(code, python);
  if (instructions.length > maximumInstructions) throw new NoSource('the function is too long');
  if (instructions.some(step => step.op === 'unsupported' && handlesExceptions.test(step.opcode)))
    throw new NoSource('try or with');
  const meeting = meetingPoints(instructions);
  const recovery: Recovery = { code, python, instructions, meeting, copied: new Set(), steps: 0, depth: 0 };
  return walk(recovery, 0, exit, [], null).statements;
}

function walk(recovery: Recovery, start: number, end: number, given: readonly Expression[], loop: Loop | null): Block {
  const statements: Statement[] = [];
  const stack = [...given];
  const block = (ended: boolean): Block => ({ statements, stack, ended });
  let at = start;
  while (at !== end) {
    recovery.steps += 1;
    if (recovery.steps > maximumSteps) throw new NoSource('the function is too branched');
    const instruction = recovery.instructions[at];
    if (!instruction) throw new NoSource('it runs past its end');
    switch (instruction.op) {
      case 'return':
        statements.push({ type: 'return', value: pop(stack) });
        return block(true);
      case 'raise':
        statements.push({ type: 'raise', value: popMany(stack, instruction.count)[0] ?? null });
        return block(true);
      case 'break':
        statements.push({ type: 'break' });
        return block(true);
      case 'jump': {
        const left = leavesLoop(instruction.target, end, loop, stack);
        if (left) {
          statements.push({ type: left });
          return block(true);
        }
        if (instruction.target <= at && instruction.target !== end) throw new NoSource('a loop of an unknown form');
        at = instruction.target;
        break;
      }
      case 'branch': {
        const merged = branch(recovery, at, end, stack, loop);
        statements.push(...merged.statements);
        stack.splice(0, stack.length, ...merged.stack);
        if (merged.ended) return block(true);
        at = merged.next;
        break;
      }
      case 'next':
        at = forLoop(recovery, at, instruction.target, stack, statements);
        break;
      default:
        at = effect(recovery, at, instruction, stack, statements, loop);
    }
  }
  return block(false);
}

/** `continue` and `break`: jumps to the loop's head, or behind it once its iterator is dropped. */
function leavesLoop(
  target: number,
  end: number,
  loop: Loop | null,
  stack: readonly Expression[],
): 'continue' | 'break' | null {
  if (!loop || target === end) return null;
  if (target === loop.header) return 'continue';
  const dropped = !stack.some(value => value.type === 'iterator');
  return dropped && target === loop.end ? 'break' : null;
}

interface Merged extends Block {
  readonly next: number;
}

function branch(recovery: Recovery, at: number, end: number, stack: Expression[], loop: Loop | null): Merged {
  const instruction = recovery.instructions[at] as Instruction & { op: 'branch' };
  const value = pop(stack);
  const { when, target, keep } = instruction;
  const isNone: Expression = {
    type: 'compare',
    first: value,
    rest: [{ operator: 'is', operand: { type: 'constant', value: { kind: 'none' } } }],
  };
  const test = when === 'none' ? isNone : when === 'not none' ? negated(isNone) : value;
  const jumpsOnTrue = when !== 'false';
  if (target <= at && target !== end) throw new NoSource('a loop of an unknown form');
  const found = recovery.meeting[at] ?? exit;
  const meet = found === exit ? end : found;
  const kept = keep ? [...stack, value] : stack;
  recovery.depth += 1;
  if (recovery.depth > maximumDepth) throw new NoSource('the function is too branched');
  const jumped = walk(recovery, target, meet, kept, loop);
  const fallen = walk(recovery, at + 1, meet, stack, loop);
  recovery.depth -= 1;
  const [consequent, otherwise] = jumpsOnTrue ? [jumped, fallen] : [fallen, jumped];
  return { ...merge(recovery, test, consequent, otherwise, stack.length), next: meet };
}

/** One of both ways, as an expression or an `if`. */
function merge(recovery: Recovery, test: Expression, consequent: Block, otherwise: Block, height: number): Block {
  if (consequent.ended && otherwise.ended) return mergeEnds(recovery, test, consequent, otherwise);
  if (consequent.ended) {
    return { ...otherwise, statements: [leaving(test, consequent.statements), ...otherwise.statements] };
  }
  if (otherwise.ended) {
    return { ...consequent, statements: [leaving(negated(test), otherwise.statements), ...consequent.statements] };
  }
  const plain = consequent.statements.length === 0 && otherwise.statements.length === 0;
  const differing = consequent.stack.findIndex((value, index) => value !== otherwise.stack[index]);
  if (consequent.stack.length !== otherwise.stack.length) throw new NoSource('two ways that leave different stacks');
  if (differing < 0) {
    if (plain && consequent.stack.length >= height) return consequent;
    return { ...consequent, statements: [ifStatement(test, consequent.statements, otherwise.statements)] };
  }
  if (!plain || differing !== consequent.stack.length - 1) throw new NoSource('two ways that leave different stacks');
  const chosen = choice(test, consequent.stack[differing]!, otherwise.stack[differing]!);
  return { statements: [], stack: [...consequent.stack.slice(0, -1), chosen], ended: false };
}

function ifStatement(test: Expression, consequent: readonly Statement[], otherwise: readonly Statement[]): Statement {
  if (consequent.length === 0) return { type: 'if', test: negated(test), consequent: otherwise, otherwise: [] };
  const [inner] = consequent;
  if (consequent.length === 1 && inner?.type === 'if' && otherwise.length === 0 && inner.otherwise.length === 0) {
    return { ...inner, test: { type: 'boolean', operator: 'and', items: [test, inner.test] } };
  }
  return { type: 'if', test, consequent, otherwise };
}

/** Both ways return: in a lambda one expression, in a function an early return. */
function mergeEnds({ code }: Recovery, test: Expression, consequent: Block, otherwise: Block): Block {
  const [left] = consequent.statements;
  const [right] = otherwise.statements;
  const single = consequent.statements.length === 1 && otherwise.statements.length === 1;
  const isLambda = code.name === '<lambda>';
  if (
    single &&
    left?.type === 'return' &&
    right?.type === 'return' &&
    (isLambda || right.value === test || left.value === test)
  ) {
    return { ...consequent, statements: [{ type: 'return', value: choice(test, left.value, right.value) }] };
  }
  if (otherwise.statements.length === 1 && right?.type === 'raise') {
    return { ...consequent, statements: [leaving(negated(test), otherwise.statements), ...consequent.statements] };
  }
  return { ...consequent, statements: [leaving(test, consequent.statements), ...otherwise.statements] };
}

/** `if test:` with a body that leaves the function or the loop; a failed assertion is `assert`. */
function leaving(test: Expression, body: readonly Statement[]): Statement {
  const [only] = body;
  const raised = body.length === 1 && only?.type === 'raise' ? only.value : null;
  const called = raised?.type === 'call' ? raised : null;
  const exception = called?.callee ?? raised;
  if (exception?.type !== 'name' || exception.name !== 'AssertionError') {
    return { type: 'if', test, consequent: body, otherwise: [] };
  }
  return { type: 'assert', test: negated(test), message: called?.args[0]?.value ?? null };
}

function forLoop(recovery: Recovery, at: number, end: number, stack: Expression[], statements: Statement[]): number {
  const iterator = stack.at(-1);
  if (iterator?.type !== 'iterator') throw new NoSource('a loop over what is no iterator');
  const loop: Loop = { header: at, end, target: null };
  const body = walk(recovery, at + 1, at, [...stack, { type: 'item' }], loop);
  if (!body.ended && body.stack.length !== stack.length) throw new NoSource('a loop that changes the stack');
  if (!loop.target) throw new NoSource('a loop without a variable');
  stack.pop();
  const made: Statement = {
    type: 'for',
    target: loop.target,
    iterable: iterator.of,
    body: withoutLastContinue(body.statements),
  };
  const comprehension = comprehensionOf(made);
  const filled = comprehension?.to ? stack.lastIndexOf(comprehension.to) : -1;
  const isOutermost = filled >= 0 && !stack.slice(filled).some(value => value.type === 'iterator');
  if (comprehension && isOutermost) stack[filled] = comprehension.made;
  else statements.push(made);
  return end;
}

function withoutLastContinue(body: readonly Statement[]): readonly Statement[] {
  return body.at(-1)?.type === 'continue' ? body.slice(0, -1) : body;
}

/** Instructions without jumps; stores are statements, all else changes the stack. Gives the index to go on at. */
function effect(
  recovery: Recovery,
  at: number,
  instruction: Instruction,
  stack: Expression[],
  statements: Statement[],
  loop: Loop | null,
): number {
  const walkState: Walk = { stack, statements, copied: recovery.copied, python: recovery.python };
  if (instruction.op === 'store') return store(recovery, at, walkState, loop);
  if (instruction.op === 'unpack' || instruction.op === 'unpack rest') {
    const value = pop(stack);
    const [target, next] = unpackTarget(recovery, at);
    assign(target, value, statements, loop);
    return next;
  }
  apply(instruction, walkState);
  return at + 1;
}

/** One name, or several that are assigned at once (`a, b = b, a`). */
function store(recovery: Recovery, at: number, state: Walk, loop: Loop | null): number {
  const { stack, statements } = state;
  if (stack.at(-1)?.type === 'saved') {
    // A comprehension gives a name of the function back.
    stack.pop();
    return at + 1;
  }
  const names: string[] = [];
  const values: Expression[] = [];
  for (let next = at; ; next += 1) {
    const instruction = recovery.instructions[next];
    const needed = names.length === 0 || stack.some(left => mentions(left, names));
    if (instruction?.op !== 'store' || !needed) break;
    names.push(instruction.name);
    values.push(pop(stack));
  }
  const [name = ''] = names;
  const [value] = values;
  if (!value || stack.some(left => mentions(left, names) && left.type !== 'walrus' && left !== value)) {
    throw new NoSource('an assignment between parts of an expression');
  }
  if (names.length > 1) {
    const tuple = (items: readonly Expression[]): Expression => ({ type: 'collection', kind: 'tuple', items });
    assign(tuple(names.map(one => ({ type: 'name', name: one }))), tuple(values), statements, loop);
  } else if (stack.at(-1) === value && recovery.instructions[at + 1]?.op !== 'store') {
    stack[stack.length - 1] = { type: 'walrus', name, value };
  } else {
    assign({ type: 'name', name }, value, statements, loop);
  }
  return at + names.length;
}

function unpackTarget(recovery: Recovery, at: number): [Expression, number] {
  const instruction = recovery.instructions[at];
  if (instruction?.op === 'store') return [{ type: 'name', name: instruction.name }, at + 1];
  if (instruction?.op !== 'unpack' && instruction?.op !== 'unpack rest')
    throw new NoSource('an unpacking into no names');
  const count = instruction.op === 'unpack' ? instruction.count : instruction.before + 1 + instruction.after;
  const starred = instruction.op === 'unpack' ? -1 : instruction.before;
  const items: Expression[] = [];
  let next = at + 1;
  for (let index = 0; index < count; index += 1) {
    const [item, behind] = unpackTarget(recovery, next);
    items.push(index === starred ? { type: 'star', value: item } : item);
    next = behind;
  }
  return [{ type: 'collection', kind: 'tuple', items }, next];
}

function assign(target: Expression, value: Expression, statements: Statement[], loop: Loop | null): void {
  if (value.type === 'item') {
    if (!loop) throw new NoSource('the item of no loop');
    loop.target = target;
  } else if (target.type === 'name' && value.type === 'module') {
    statements.push({ type: 'import', module: value.name, name: null, as: target.name });
  } else if (target.type === 'name' && value.type === 'attribute' && value.object.type === 'module') {
    statements.push({ type: 'import', module: value.object.name, name: value.name, as: target.name });
  } else if (target.type === 'name' && value.type === 'function' && value.code.name !== '<lambda>') {
    statements.push({ type: 'define', name: target.name, value });
  } else if (target.type === 'name' && value.type === 'binary' && 'inPlace' in value) {
    statements.push({ type: 'augment', target, operator: value.operator, value: value.right });
  } else {
    statements.push({ type: 'assign', target, value });
  }
}
