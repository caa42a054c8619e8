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
  const { interpolation, antialias, dataFormat } = options;
  if (interpolation === 'nearest') return ops.resample(x, size, { mode: 'nearest', dataFormat });
  const real = ops.cast(x, x.dtype === 'float64' ? 'float64' : 'float32');
  if (interpolation === 'bilinear_legacy')
    return ops.resample(real, size, { mode: 'linear', place: 'corner', dataFormat });
  if (interpolation === 'bilinear' && !antialias) return ops.resample(real, size, { mode: 'linear', dataFormat });
  const first = dataFormat === 'channels_first' ? 2 : 1;
  return size.reduce<SymbolicTensor>((y, to, index) => {
    const from = ops.shape(y)[first + index]!;
    return from === to ? y : weighted(y, first + index, from, to, interpolation, antialias, ops);
  }, real);
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
