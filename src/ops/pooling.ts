/** Pooling over windows that move, and over bins that divide an axis. */

import { toTensor } from './convert.ts';
import { type DataFormat, joinChannels, perAxis, splitChannels, windowedSize } from './convolution.ts';
import { take } from './index-by.ts';
import { tensordot } from './linear.ts';
import { record, refuse, shapeText } from './record.ts';
import { max } from './reduce.ts';
import { moveaxis } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

export interface PoolOptions {
  readonly strides?: number | readonly number[] | null;
  readonly padding?: 'valid' | 'same';
  readonly dataFormat?: DataFormat | null;
}

function pool(
  op: string,
  inputs: TensorLike,
  poolSize: number | readonly number[],
  options: PoolOptions,
): SymbolicTensor {
  const x = toTensor(inputs);
  const rank = x.shape.length - 2;
  if (rank < 1) refuse(op, `a tensor of shape ${shapeText(x.shape)} has no spatial axes`);
  const window = perAxis(poolSize, rank, op);
  const strides = perAxis(options.strides ?? window, rank, op);
  const { channelsFirst, spatial, channels } = splitChannels(x, options.dataFormat);
  const padding = options.padding ?? 'valid';
  const sizes = spatial.map((size, axis) => {
    const found = windowedSize(size, window[axis]!, strides[axis]!, padding === 'same' ? 'same' : [0, 0]);
    if (found !== null && found < 1)
      refuse(op, `a window of ${window.join('×')} does not fit into ${shapeText(x.shape)}`);
    return found;
  });
  return record(
    op,
    [x],
    { window, strides, padding, channelsFirst },
    { shape: joinChannels(x.shape[0]!, sizes, channels, channelsFirst), dtype: x.dtype },
  );
}

/** Largest element of each window; cells added by `same` never win. */
export function maxPool(
  inputs: TensorLike,
  poolSize: number | readonly number[],
  options: PoolOptions = {},
): SymbolicTensor {
  return pool('maxPool', inputs, poolSize, options);
}

/** Mean of each window; cells added by `same` do not count. */
export function averagePool(
  inputs: TensorLike,
  poolSize: number | readonly number[],
  options: PoolOptions = {},
): SymbolicTensor {
  return pool('averagePool', inputs, poolSize, options);
}

interface AdaptiveOptions {
  readonly dataFormat?: DataFormat | null;
}

/** Begin and end of the bins that divide an axis: from ⌊i·n/bins⌋ to ⌈(i+1)·n/bins⌉. */
function binsOf(op: string, size: number | null, bins: number): (readonly [number, number])[] {
  if (size === null) return refuse(op, 'the spatial sizes must be known');
  return Array.from(
    { length: bins },
    (_, bin) => [Math.floor((bin * size) / bins), Math.ceil(((bin + 1) * size) / bins)] as const,
  );
}

function adaptive(
  op: string,
  inputs: TensorLike,
  outputSize: number | readonly number[],
  { dataFormat = null }: AdaptiveOptions,
  along: (x: SymbolicTensor, axis: number, bins: readonly (readonly [number, number])[]) => SymbolicTensor,
): SymbolicTensor {
  const x = toTensor(inputs);
  const sizes = perAxis(outputSize, x.shape.length - 2, op);
  const first = dataFormat === 'channels_first' ? 2 : 1;
  return sizes.reduce((partial, bins, at) => along(partial, first + at, binsOf(op, x.shape[first + at]!, bins)), x);
}

/** Means of bins, as many as `outputSize` says; axis after axis, which comes to the same. */
export function adaptiveAveragePool(
  inputs: TensorLike,
  outputSize: number | readonly number[],
  options: AdaptiveOptions = {},
): SymbolicTensor {
  return adaptive('adaptiveAveragePool', inputs, outputSize, options, (x, axis, bins) => {
    const shares = Array.from({ length: x.shape[axis]! }, (_, cell) =>
      bins.map(([from, to]) => (cell >= from && cell < to ? 1 / (to - from) : 0)),
    );
    return moveaxis(tensordot(x, toTensor(shares, x.dtype), { axes: [[axis], [0]] }), -1, axis);
  });
}

/** Largest elements of bins. */
export function adaptiveMaxPool(
  inputs: TensorLike,
  outputSize: number | readonly number[],
  options: AdaptiveOptions = {},
): SymbolicTensor {
  return adaptive('adaptiveMaxPool', inputs, outputSize, options, (x, axis, bins) => {
    const longest = Math.max(...bins.map(([from, to]) => to - from));
    const cells = bins.map(([from, to]) => Array.from({ length: longest }, (_, at) => Math.min(from + at, to - 1)));
    return max(take(x, toTensor(cells, 'int32'), { axis }), { axis: axis + 1 });
  });
}
