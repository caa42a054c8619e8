/**
 * Resizing as TensorFlow 1 did it (source = index · in / out, no half pixels) by whole factors: along each axis every
 * cell is followed by what lies between it and the next, the last cell by itself.
 */

import * as ops from '../../ops/exports.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { numbers } from './attributes.ts';

/** Null for other resizing, and for axes whose size is not known or no whole part of the new one. */
export function resampledByCells(
  { attributes, ...node }: OpNode,
  [x]: readonly SymbolicTensor[],
): SymbolicTensor | null {
  if (!x || attributes.mode !== 'linear' || attributes.place !== 'corner') return null;
  const wanted = numbers({ attributes, ...node }, 'sizes');
  const spatial = attributes.channelsFirst ? [2, 3] : [1, 2];
  return spatial.reduce<SymbolicTensor | null>((y, axis) => {
    const [from, to] = [y?.shape[axis] ?? null, wanted[axis] ?? null];
    return y && from && to && to % from === 0 ? stretched(y, axis, from, to / from) : null;
  }, x);
}

function stretched(x: SymbolicTensor, axis: number, size: number, factor: number): SymbolicTensor {
  if (factor === 1) return x;
  const [first, rest] = ops.split(x, [1], { axis }) as [SymbolicTensor, SymbolicTensor];
  const last = size === 1 ? first : (ops.split(x, [size - 1], { axis })[1] as SymbolicTensor);
  const step = ops.subtract(size === 1 ? x : ops.concatenate([rest, last], { axis }), x);
  const between = Array.from({ length: factor }, (_, at) =>
    ops.expandDims(at === 0 ? x : ops.add(x, ops.multiply(step, at / factor)), axis + 1),
  );
  const shape = x.shape.map((own, at) => (at === axis ? size * factor : (own ?? -1)));
  return ops.reshape(ops.concatenate(between, { axis: axis + 1 }), shape);
}
