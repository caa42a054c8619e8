/**
 * Whether a program's stack makes sense: nothing is taken that was not put there, ways that meet agree on its height,
 * and a return leaves nothing behind but the iterators of loops it leaves. A compiler's code always does; the bytes of
 * another Python, read by the wrong rules, mostly do not.
 */

import type { Instruction } from './instructions.ts';

/** True for an iterator, which a return inside a loop may leave. */
type Height = readonly boolean[];

/** True when every way through the program keeps its stack in order. */
export function stackFits(instructions: readonly Instruction[]): boolean {
  const known = new Map<number, Height>();
  const open: [number, Height][] = [[0, []]];
  while (open.length > 0) {
    const [index, stack] = open.pop()!;
    const before = known.get(index);
    if (before) {
      if (before.length !== stack.length) return false;
      continue;
    }
    known.set(index, stack);
    const instruction = instructions[index];
    if (!instruction) return false;
    const next = follow(instruction, index, stack);
    if (next === null) return false;
    open.push(...next);
  }
  return true;
}

/** Where it goes on, and with what; null when the stack does not allow it. */
function follow(instruction: Instruction, index: number, stack: Height): [number, Height][] | null {
  const on = (after: Height | null): [number, Height][] | null => after && [[index + 1, after]];
  const less = (count: number, more: Height = []) =>
    count > stack.length ? null : [...stack.slice(0, stack.length - count), ...more];
  switch (instruction.op) {
    case 'return':
      return stack.length > 0 && stack.slice(0, -1).every(Boolean) ? [] : null;
    case 'raise':
      return stack.length >= instruction.count ? [] : null;
    case 'unsupported':
    case 'break':
      return [];
    case 'jump':
      return [[instruction.target, stack]];
    case 'branch': {
      const rest = less(1);
      return (
        rest && [
          [index + 1, rest],
          [instruction.target, instruction.keep ? stack : rest],
        ]
      );
    }
    case 'next': {
      const rest = less(1);
      return (
        rest && [
          [index + 1, [...stack, false]],
          [instruction.target, rest],
        ]
      );
    }
    case 'iterate':
      return on(less(1, [true]));
    case 'copy':
      return instruction.depth > stack.length ? null : on([...stack, stack[stack.length - instruction.depth] ?? false]);
    case 'swap':
    case 'rotate':
      return instruction.depth > stack.length ? null : on(moved(stack, instruction));
    default: {
      const [taken, given] = effect(instruction);
      return on(less(taken, new Array<boolean>(given).fill(false)));
    }
  }
}

function moved(stack: Height, { op, depth }: Instruction & { op: 'swap' | 'rotate' }): Height {
  const after = [...stack];
  const [top, other] = [after.length - 1, after.length - depth];
  if (op === 'swap') [after[top], after[other]] = [stack[other] ?? false, stack[top] ?? false];
  else after.splice(other, 0, after.pop() ?? false);
  return after;
}

/** Values taken from the stack and put on it. */
function effect(instruction: Instruction): readonly [number, number] {
  switch (instruction.op) {
    case 'constant':
    case 'load':
    case 'load cell':
    case 'save local':
    case 'null':
      return [0, 1];
    case 'store':
    case 'pop':
      return [1, 0];
    case 'delete':
    case 'enter loop':
    case 'leave loop':
      return [0, 0];
    case 'attribute':
    case 'unary':
    case 'list to tuple':
    case 'yield':
      return [1, 1];
    case 'subscript':
    case 'binary':
    case 'compare':
    case 'import':
      return [2, 1];
    case 'import from':
      return [1, 2];
    case 'slice':
      return [1 + Number(instruction.start) + Number(instruction.stop), 1];
    case 'store subscript':
      return [3, 0];
    case 'build':
      return [instruction.kind === 'map' ? instruction.count * 2 : instruction.count, 1];
    case 'build keyed map':
      return [instruction.count + 1, 1];
    case 'join':
      return [instruction.count, 1];
    case 'append':
    case 'extend':
      return [1 + instruction.depth, instruction.depth];
    case 'append pair':
      return [2 + instruction.depth, instruction.depth];
    case 'format':
      return [1 + Number(instruction.spec), 1];
    case 'unpack':
      return [1, instruction.count];
    case 'unpack rest':
      return [1, instruction.before + 1 + instruction.after];
    default:
      return functionEffect(instruction);
  }
}

function functionEffect(instruction: Instruction): readonly [number, number] {
  switch (instruction.op) {
    case 'call': {
      const callable = instruction.self === 'none' ? 1 : 2;
      return [callable + instruction.count + instruction.pairs * 2 + Number(instruction.named), 1];
    }
    case 'call spread':
      return [(instruction.self === 'none' ? 2 : 3) + Number(instruction.mapping), 1];
    case 'call mixed': {
      const { count, pairs, iterable, mapping } = instruction;
      return [1 + count + pairs * 2 + Number(iterable) + Number(mapping), 1];
    }
    case 'make function': {
      const parts = [1, 2, 4, 8].filter(flag => instruction.flags & flag).length;
      return [1 + Number(instruction.nameOnTop) + parts, 1];
    }
    case 'make old function': {
      const { defaults, keywordDefaults, annotations, closure, nameOnTop } = instruction;
      return [1 + Number(nameOnTop) + Number(closure) + annotations + keywordDefaults * 2 + defaults, 1];
    }
    case 'set function part':
      return [2, 1];
    default:
      return [0, 0];
  }
}
