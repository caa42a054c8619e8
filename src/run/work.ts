/** How much a graph computes, roughly: multiplications for one sample, to choose how many threads it is worth. */

import { product } from '../ops/shapes.ts';
import type { OpNode } from '../ops/types.ts';

/**
 * Multiplications up to which one thread is used: below about a millisecond of work, waking others and waiting for them
 * costs more than they do.
 */
const SMALL_WORK = 5_000_000;

/** Threads for a session: 1 for small graphs, else what the runtime chooses. */
export function threadsFor(nodes: readonly OpNode[]): number | undefined {
  const work = nodes.reduce((total, node) => total + workOf(node), 0);
  return work < SMALL_WORK ? 1 : undefined;
}

/** Multiplications of one node for one sample; unknown sizes count as 1, so that loops and sequences count for little. */
function workOf(node: OpNode): number {
  const [x, weights] = node.inputs;
  if (x === undefined || weights === undefined) return 0;
  const positions = sizeOf(node.outputs[0]!.shape.slice(1));
  switch (node.op) {
    case 'conv':
      return (positions / (weights.shape.at(-1) ?? 1)) * sizeOf(weights.shape);
    case 'convTranspose':
      return sizeOf(x.shape.slice(1, -1)) * sizeOf(weights.shape);
    case 'matmul':
      return positions * (x.shape.at(-1) ?? 1);
    case 'einsum':
      return Math.max(positions, sizeOf(x.shape.slice(1))) * (weights.shape.at(-1) ?? 1);
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
      return (x.shape[1] ?? 1) * (sizeOf(weights.shape) + sizeOf(node.inputs[2]!.shape));
    default:
      return 0;
  }
}

function sizeOf(shape: readonly (number | null)[]): number {
  return product(shape.map(size => size ?? 1)) ?? 1;
}
