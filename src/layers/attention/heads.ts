/**
 * Attention of several heads at once over projected queries, keys and values (B, axes…, heads, size). Attention goes
 * over some of the axes; the others are as good as batch axes.
 */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import { maskedSoftmax } from './scores.ts';

export interface HeadsOptions {
  /** Axes of the inputs over which attention goes, batch axis counted; ascending or not, as configured. */
  readonly axes: readonly number[];
  /** Factor of the scores. */
  readonly scale: number;
  /** Broadcastable to (B, rest…, heads, T…, S…) once axes are added at the heads' place. */
  readonly mask: SymbolicTensor | null;
  /** Rows whose keys are all masked give zero instead of the mean of the values. */
  readonly zeroHidden: boolean;
}

export interface HeadsResult {
  /** (B, axes…, heads, size). */
  readonly output: SymbolicTensor;
  /** (B, rest…, heads, T…, S…). */
  readonly scores: SymbolicTensor;
}

export function attendByHeads(
  query: SymbolicTensor,
  key: SymbolicTensor,
  value: SymbolicTensor,
  options: HeadsOptions,
  ops: Ops,
): HeadsResult {
  const rank = query.shape.length;
  const rest = [...query.shape.keys()].slice(1, -2).filter(axis => !options.axes.includes(axis));
  const order = [0, ...rest, rank - 2, ...options.axes, rank - 1];
  const count = options.axes.length;
  const q = mergeAxes(ops.transpose(query, { axes: order }), count, ops);
  const k = mergeAxes(ops.transpose(key, { axes: order }), count, ops);
  const v = mergeAxes(ops.transpose(value, { axes: order }), count, ops);
  const raw = ops.matmul(ops.multiply(q, options.scale), ops.swapaxes(k, -2, -1));
  const steps = (x: SymbolicTensor) => options.axes.map(axis => ops.shape(x)[axis]!);
  const outer = ops.shape(q).slice(0, rest.length + 2);
  const full = [...outer, ...steps(query), ...steps(key)];
  const shares = maskedSoftmax(raw, fitMask(options.mask, raw, full, count, ops), options.zeroHidden, ops);
  const mixed = ops.matmul(shares, v);
  const split = count === 1 ? mixed : ops.reshape(mixed, [...outer, ...steps(query), ops.shape(v).at(-1)!]);
  const back = order.map((_, axis) => order.indexOf(axis));
  return {
    output: ops.transpose(split, { axes: back }),
    scores: count === 1 ? shares : ops.reshape(shares, full),
  };
}

/** (…, A1 … An, size) to (…, A1·…·An, size). */
function mergeAxes(x: SymbolicTensor, count: number, ops: Ops): SymbolicTensor {
  if (count === 1) return x;
  const sizes = ops.shape(x);
  const first = sizes.length - 1 - count;
  const merged = x.shape.slice(first, -1);
  const known = merged.every(size => size !== null) ? merged.reduce<number>((product, size) => product * size!, 1) : -1;
  return ops.reshape(x, [...sizes.slice(0, first), known, sizes.at(-1)!]);
}

/** The mask against scores (B, rest…, heads, T, S): missing axes are added where the heads stand. */
function fitMask(
  mask: SymbolicTensor | null,
  scores: SymbolicTensor,
  full: readonly SizeLike[],
  count: number,
  ops: Ops,
): SymbolicTensor | null {
  if (mask === null) return null;
  let fitted = ops.cast(mask, 'bool');
  while (fitted.shape.length < full.length)
    fitted = ops.expandDims(fitted, Math.max(-2 * count - 1, -fitted.shape.length - 1));
  if (count === 1) return fitted;
  const sizes = ops.shape(scores);
  return ops.reshape(ops.broadcastTo(fitted, full), [...sizes.slice(0, -2), sizes.at(-2)!, sizes.at(-1)!]);
}
