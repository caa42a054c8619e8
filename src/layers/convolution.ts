/** What all convolution layers share: their arguments, sizes and the addition of the bias. */

import type { Dim, Shape } from '../numbers/tensor.ts';
import type { Padding } from '../ops/convolution.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { activation, bool, dataFormat, oneOf, sizes } from './fields.ts';

export type ConvPadding = 'valid' | 'same' | 'causal' | 'half';
export type DataFormat = 'channels_last' | 'channels_first';

/** `half` is ours: Theano's symmetric padding of what a config calls `same` (see era-keys.ts). */
export const convPadding = () => oneOf(['valid', 'same', 'causal', 'half'], 'valid');

/** Arguments of every convolution of `rank` spatial axes, `filters` apart. */
export const convFields = (rank: number) => ({
  kernelSize: sizes(rank),
  strides: sizes(rank, 1),
  padding: convPadding(),
  dataFormat: dataFormat(),
  dilationRate: sizes(rank, 1),
  activation: activation(),
  useBias: bool(true),
});

export interface WindowConfig {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: ConvPadding;
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly number[];
}

/** Channels of an input. */
export function channelsOf(shape: Shape, format: DataFormat): number {
  return (format === 'channels_first' ? shape[shape.length > 1 ? 1 : 0] : shape.at(-1)) as number;
}

/** The same shape with other spatial sizes and channels; spatial axes are the last `rank` before or after channels. */
export function withSpatial(
  shape: Shape,
  rank: number,
  format: DataFormat,
  size: (size: Dim, axis: number) => Dim,
  channels: Dim,
): Shape {
  const first = format === 'channels_first' ? shape.length - rank : shape.length - rank - 1;
  const spatial = shape.slice(first, first + rank).map(size);
  const batch = shape.slice(0, format === 'channels_first' ? first - 1 : first);
  return format === 'channels_first' ? [...batch, channels, ...spatial] : [...batch, ...spatial, channels];
}

/** Size after a window moved over an axis (semantics: TensorFlow's rules for `valid`, `same`; `causal` and `half` keep n / stride). */
export function slidSize(size: Dim, kernel: number, stride: number, dilation: number, padding: ConvPadding): Dim {
  if (size === null) return null;
  if (padding !== 'valid') return Math.ceil(size / stride);
  return Math.floor((size - (kernel - 1) * dilation - 1) / stride) + 1;
}

/** Output shape of a convolution. */
export function convShape(config: WindowConfig, shape: Shape, channels: Dim): Shape {
  const { kernelSize, strides, dilationRate, padding, dataFormat } = config;
  return withSpatial(
    shape,
    kernelSize.length,
    dataFormat,
    (size, axis) => slidSize(size, kernelSize[axis]!, strides[axis]!, dilationRate[axis]!, padding),
    channels,
  );
}

/** Padding as `ops.conv` takes it. Theano pads half the kernel on both sides and cuts what is then too much. */
export function windowPadding({ padding, kernelSize, dilationRate }: WindowConfig): Padding {
  if (padding !== 'half') return padding;
  return kernelSize.map((kernel, axis) => {
    const extent = (kernel - 1) * dilationRate[axis]! + 1;
    const before = Math.floor(extent / 2);
    return [before, extent - 1 - before] as const;
  });
}

/** Adds a vector along the channels. */
export function addBias(
  x: SymbolicTensor,
  bias: SymbolicTensor | undefined,
  format: DataFormat,
  ops: Ops,
): SymbolicTensor {
  if (!bias) return x;
  if (format === 'channels_last') return ops.add(x, bias);
  const spread = [1, bias.shape[0]!, ...new Array<number>(x.shape.length - 2).fill(1)];
  return ops.add(x, ops.reshape(bias, spread));
}

/**
 * Runs `body` on a tensor of `rank` spatial axes: further batch axes, which Keras lets convolutions have since TF 2.3,
 * are folded into one and unfolded again.
 */
export function withOneBatchAxis(
  x: SymbolicTensor,
  rank: number,
  ops: Ops,
  body: (x: SymbolicTensor) => SymbolicTensor,
): SymbolicTensor {
  const extra = x.shape.length - rank - 2;
  if (extra <= 0) return body(x);
  const batch = ops.shape(x).slice(0, extra + 1);
  const folded = body(ops.reshape(x, [-1, ...ops.shape(x).slice(extra + 1)]));
  return ops.reshape(folded, [...batch, ...ops.shape(folded).slice(1)]);
}
