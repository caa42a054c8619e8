/** Cells added around a tensor: a value, or what lies near the edge. */

import * as ops from '../../../ops/exports.ts';
import type { SizeLike } from '../../../ops/types.ts';
import type { Lowering, LoweringTable, OpView } from '../define.ts';

/** Cells before and after each axis, out of a matrix of two columns. */
export function pairsOf(node: OpView, index: number): (readonly [SizeLike, SizeLike])[] {
  const flat = node.sizes(index);
  return Array.from({ length: flat.length / 2 }, (_, axis) => [flat[2 * axis]!, flat[2 * axis + 1]!] as const);
}

const mirrorPad: Lowering = node => {
  const mode = node.attributes.text('mode') === 'REFLECT' ? 'reflect' : 'symmetric';
  return ops.pad(node.x(0), pairsOf(node, 1), { mode });
};

export const padding: LoweringTable = {
  Pad: node => ops.pad(node.x(0), pairsOf(node, 1)),
  PadV2: node => ops.pad(node.x(0), pairsOf(node, 1), { constantValues: node.x(2) }),
  MirrorPad: mirrorPad,
};
