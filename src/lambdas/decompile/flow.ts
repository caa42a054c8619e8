/** Where the two ways of a branch meet again: post-dominators of a function's instructions. */

import type { Instruction } from '../instructions.ts';

/** Stands for the end of the function, behind every return. */
export const exit = -1;

/** Functions longer than this are shown as disassembly only. */
export const maximumInstructions = 4000;

function successors(instructions: readonly Instruction[], index: number): number[] {
  const instruction = instructions[index]!;
  const next = index + 1 < instructions.length ? index + 1 : exit;
  switch (instruction.op) {
    case 'return':
    case 'raise':
    case 'unsupported':
    case 'break':
      return [exit];
    case 'jump':
      return [instruction.target];
    case 'branch':
    case 'next':
      return [next, instruction.target];
    default:
      return [next];
  }
}

/** For each instruction, the first one that every way from it to the end passes; `exit` when there is none. */
export function meetingPoints(instructions: readonly Instruction[]): number[] {
  const count = instructions.length;
  const after = instructions.map((_, index) => successors(instructions, index));
  const order = postOrder(after, count);
  const rank = new Map(order.map((index, at) => [index, at]));
  const meeting = new Array<number | undefined>(count).fill(undefined);
  const meet = (a: number, b: number): number => {
    let [left, right] = [a, b];
    while (left !== right) {
      if (left === exit || right === exit) return exit;
      // Rank grows from the end of the function to its beginning.
      if ((rank.get(left) ?? 0) > (rank.get(right) ?? 0)) left = meeting[left] ?? exit;
      else right = meeting[right] ?? exit;
    }
    return left;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const index of order) {
      const known = after[index]!.filter(next => next === exit || meeting[next] !== undefined);
      if (known.length === 0) continue;
      const found = known.reduce(meet);
      if (meeting[index] !== found) {
        meeting[index] = found;
        changed = true;
      }
    }
  }
  return meeting.map(found => found ?? exit);
}

/** Instructions from the last to the first, each after those that follow it where there is no loop. */
function postOrder(after: readonly (readonly number[])[], count: number): number[] {
  const seen = new Set<number>();
  const order: number[] = [];
  for (let start = 0; start < count; start += 1) {
    const stack: [number, number][] = [[start, 0]];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const [index, at] = top;
      if (at === 0) {
        if (seen.has(index)) {
          stack.pop();
          continue;
        }
        seen.add(index);
      }
      const next = after[index]?.[at];
      if (next === undefined) {
        order.push(index);
        stack.pop();
      } else {
        top[1] += 1;
        if (next !== exit && !seen.has(next)) stack.push([next, 0]);
      }
    }
  }
  return order;
}
