/** Axes of normalizations: counted from the front, and vectors along them spread over a tensor's shape. */

import type { Dim, Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';

/** Axes counted from the front, ascending. */
export function positiveAxes(axes: readonly number[], rank: number): readonly number[] {
  return axes.map(axis => (axis < 0 ? axis + rank : axis)).sort((left, right) => left - right);
}

/** Sizes of the given axes. */
export function sizesAlong(shape: Shape, axes: readonly number[]): Dim[] {
  return positiveAxes(axes, shape.length).map(axis => shape[axis]!);
}

/** A tensor whose axes are `axes` of `x`, shaped so that it broadcasts against `x`. */
export function spreadAlong(
  vector: SymbolicTensor,
  x: SymbolicTensor,
  axes: readonly number[],
  ops: Ops,
): SymbolicTensor {
  const rank = x.shape.length;
  const kept = positiveAxes(axes, rank);
  const sizes = ops.shape(vector);
  if (kept.length === rank || (kept.length === 1 && kept[0] === rank - 1)) return vector;
  return ops.reshape(
    vector,
    x.shape.map((_, axis) => (kept.includes(axis) ? sizes[kept.indexOf(axis)]! : 1)),
  );
}
