/** Resizing of pictures along their two spatial axes, with TensorFlow's meaning of each interpolation. */

import { LoadstoneError } from '../findings/errors.ts';
import type { Ops } from '../ops/index.ts';
import type { SizeLike, SymbolicTensor } from '../ops/types.ts';
import { type Interpolation, resizeWeights } from './resize-weights.ts';

export { type Interpolation, interpolations } from './resize-weights.ts';

export interface ResizeOptions {
  readonly interpolation: Interpolation;
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly antialias: boolean;
}

/**
 * Resizes the spatial axes of a batch of pictures, (batch, rows, columns, channels) or with channels first.
 * All but `nearest` give a floating tensor. Throws `unsupported` where an interpolation of many cells meets an axis
 * whose size is not known.
 */
export function resize(x: SymbolicTensor, size: readonly SizeLike[], options: ResizeOptions, ops: Ops): SymbolicTensor {
  const first = options.dataFormat === 'channels_first' ? 2 : 1;
  const { interpolation, antialias } = options;
  const real = interpolation === 'nearest' ? x : ops.cast(x, x.dtype === 'float64' ? 'float64' : 'float32');
  return size.reduce<SymbolicTensor>((y, to, index) => {
    const axis = first + index;
    const from = ops.shape(y)[axis]!;
    if (from === to) return y;
    if (interpolation === 'nearest') return ops.take(y, nearestCells(from, to, ops), { axis });
    if (interpolation.startsWith('bilinear') && !antialias) return linear(y, axis, from, to, interpolation, ops);
    return weighted(y, axis, from, to, interpolation, antialias, ops);
  }, real);
}

/** Middle of each output cell, counted in input cells. */
function middles(from: SizeLike, to: SizeLike, ops: Ops): SymbolicTensor {
  const step = ops.divide(ops.cast(from, 'float32'), ops.cast(to, 'float32'));
  return ops.multiply(ops.add(ops.arange(0, { stop: to, dtype: 'float32' }), 0.5), step);
}

function nearestCells(from: SizeLike, to: SizeLike, ops: Ops): SymbolicTensor {
  if (typeof from === 'number' && typeof to === 'number') {
    const cells = Array.from({ length: to }, (_, cell) => Math.min(Math.floor(((cell + 0.5) * from) / to), from - 1));
    return ops.convertToTensor(cells, { dtype: 'int32' });
  }
  return ops.minimum(ops.cast(ops.floor(middles(from, to, ops)), 'int32'), ops.subtract(ops.cast(from, 'int32'), 1));
}

/** Between two neighbours; the legacy form takes a cell's number for its place, not its middle. */
function linear(
  x: SymbolicTensor,
  axis: number,
  from: SizeLike,
  to: SizeLike,
  interpolation: Interpolation,
  ops: Ops,
): SymbolicTensor {
  const place =
    interpolation === 'bilinear_legacy'
      ? ops.multiply(
          ops.arange(0, { stop: to, dtype: 'float32' }),
          ops.divide(ops.cast(from, 'float32'), ops.cast(to, 'float32')),
        )
      : ops.subtract(middles(from, to, ops), 0.5);
  const low = ops.floor(place);
  const share = ops.cast(ops.subtract(place, low), x.dtype);
  const spread = ops.reshape(share, [-1, ...new Array<number>(x.shape.length - axis - 1).fill(1)]);
  const last = ops.subtract(ops.cast(from, 'int32'), 1);
  const below = ops.cast(low, 'int32');
  const left = ops.take(x, ops.maximum(below, 0), { axis });
  const right = ops.take(x, ops.minimum(ops.add(below, 1), last), { axis });
  return ops.add(left, ops.multiply(ops.subtract(right, left), spread));
}

function weighted(
  x: SymbolicTensor,
  axis: number,
  from: SizeLike,
  to: SizeLike,
  interpolation: Interpolation,
  antialias: boolean,
  ops: Ops,
): SymbolicTensor {
  if (typeof from !== 'number' || typeof to !== 'number') {
    throw new LoadstoneError('unsupported', `resizing by ${interpolation} needs an input of known size`, {
      do: 'Give the model an input with fixed height and width.',
    });
  }
  const table = ops.convertToTensor(resizeWeights(from, to, interpolation, antialias), { dtype: x.dtype });
  return ops.moveaxis(ops.tensordot(x, table, { axes: [axis, 1] }), -1, axis);
}
