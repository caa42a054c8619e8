/** Cells added around a tensor: a value, or what lies near the edge. */

import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';

type Pairs = readonly (readonly [SizeLike, SizeLike])[];

/** `x` with cells of `value` (zeros where null) before and after each axis. */
export function pad(x: SymbolicTensor, pairs: Pairs, value: SymbolicTensor | null): SymbolicTensor {
  return pairs.reduce((padded, [before, after], axis) => {
    const parts = [block(padded, axis, before, value), padded, block(padded, axis, after, value)];
    const present = parts.filter(part => part !== null);
    return present.length === 1 ? padded : ops.concatenate(present, { axis });
  }, x);
}

function block(x: SymbolicTensor, axis: number, size: SizeLike, value: SymbolicTensor | null): SymbolicTensor | null {
  if (size === 0) return null;
  const sizes = ops.shape(x).map((old, at) => (at === axis ? size : old));
  return ops.broadcastTo(value ?? ops.cast(ops.constant(0), x.dtype), sizes);
}

function pairsOf(node: OpView): Pairs {
  const flat = node.sizes(1);
  return Array.from({ length: flat.length / 2 }, (_, axis) => [flat[2 * axis]!, flat[2 * axis + 1]!] as const);
}

/** Cells mirrored at the edge: with the edge itself (SYMMETRIC) or without (REFLECT). */
const mirrorPad: Lowering = node => {
  const skip = node.attributes.text('mode') === 'REFLECT' ? 1 : 0;
  return pairsOf(node).reduce((x, [before, after], axis) => {
    if (typeof before !== 'number' || typeof after !== 'number')
      throw unsupported(node.where, 'MirrorPad by unknown sizes');
    const parts = [x];
    if (before > 0) parts.unshift(mirrored(x, axis, skip, before + skip));
    if (after > 0) parts.push(mirrored(x, axis, -after - skip, skip === 0 ? null : -skip));
    return parts.length === 1 ? x : ops.concatenate(parts, { axis });
  }, node.x(0));
};

function mirrored(x: SymbolicTensor, axis: number, start: number, stop: number | null): SymbolicTensor {
  return ops.flip(ops.stridedSlice(x, { axes: [axis], starts: [start], stops: [stop] }), { axis });
}

export const padding: LoweringTable = {
  Pad: node => pad(node.x(0), pairsOf(node), null),
  PadV2: node => pad(node.x(0), pairsOf(node), node.x(2)),
  MirrorPad: mirrorPad,
};
