/**
 * Convolutions with Keras's meaning of the arguments: kernels are spatial axes first, then input and output channels;
 * `same` pads as TensorFlow does (more at the end); `channels_last` unless told otherwise.
 */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { toCommon } from './convert.ts';
import { eye } from './create.ts';
import { record, refuse, shapeText } from './record.ts';
import { expandDims, reshape, squeeze, transpose } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

export type DataFormat = 'channels_last' | 'channels_first';

/** Cells added before and after each spatial axis, or Keras's names for how many. */
export type Padding = 'valid' | 'same' | 'causal' | readonly (readonly [number, number])[];

export interface ConvOptions {
  readonly strides?: number | readonly number[];
  readonly padding?: Padding;
  readonly dataFormat?: DataFormat | null;
  readonly dilationRate?: number | readonly number[];
}

/** A number for every spatial axis. */
export function perAxis(value: number | readonly number[], rank: number, op: string): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank || !list.every(item => Number.isInteger(item) && item > 0)) {
    refuse(op, `[${list.join(', ')}] is not a positive whole number for each of ${rank} spatial axes`);
  }
  return list;
}

/** Spatial sizes and channels of `x`. */
export function splitChannels(x: SymbolicTensor, dataFormat: DataFormat | null | undefined) {
  const channelsFirst = dataFormat === 'channels_first';
  const spatial = channelsFirst ? x.shape.slice(2) : x.shape.slice(1, -1);
  return { channelsFirst, spatial, channels: channelsFirst ? x.shape[1]! : x.shape.at(-1)! };
}

/** Shape out of batch, spatial sizes and channels. */
export function joinChannels(batch: Dim, spatial: Shape, channels: Dim, channelsFirst: boolean): Shape {
  return channelsFirst ? [batch, channels, ...spatial] : [batch, ...spatial, channels];
}

/** Size of an axis after a window of `extent` cells moved over it. */
export function windowedSize(
  size: Dim,
  extent: number,
  stride: number,
  padding: 'same' | readonly [number, number],
): Dim {
  if (size === null) return null;
  if (padding === 'same') return Math.ceil(size / stride);
  return Math.floor((size + padding[0] + padding[1] - extent) / stride) + 1;
}

/** Padding as `same` or as cells for each axis. */
function resolvePadding(padding: Padding, extents: readonly number[]): 'same' | readonly (readonly [number, number])[] {
  if (padding === 'same') return 'same';
  if (padding === 'valid') return extents.map(() => [0, 0] as const);
  if (padding === 'causal') return extents.map(extent => [extent - 1, 0] as const);
  return padding;
}

/** Convolution; the kernel's input channels being a part of the tensor's makes it grouped (keras.ops.conv). */
export function conv(
  inputs: TensorLike,
  kernel: TensorLike,
  { strides = 1, padding = 'valid', dataFormat = null, dilationRate = 1 }: ConvOptions = {},
): SymbolicTensor {
  const [x, w] = toCommon('conv', inputs, kernel) as [SymbolicTensor, SymbolicTensor];
  const rank = x.shape.length - 2;
  if (rank < 1 || w.shape.length !== rank + 2) {
    refuse('conv', `an input of shape ${shapeText(x.shape)} and a kernel of shape ${shapeText(w.shape)} do not fit`);
  }
  const stride = perAxis(strides, rank, 'conv');
  const dilations = perAxis(dilationRate, rank, 'conv');
  const { channelsFirst, spatial, channels } = splitChannels(x, dataFormat);
  const [into, out] = w.shape.slice(-2) as [number, number];
  if (channels !== null && channels % into !== 0) {
    refuse('conv', `the input has ${channels} channels, the kernel of shape ${shapeText(w.shape)} takes ${into}`);
  }
  const extents = w.shape.slice(0, rank).map((size, axis) => (size! - 1) * dilations[axis]! + 1);
  const pads = resolvePadding(padding, extents);
  const sizes = spatial.map((size, axis) => {
    const found = windowedSize(size, extents[axis]!, stride[axis]!, pads === 'same' ? 'same' : pads[axis]!);
    if (found !== null && found < 1)
      refuse('conv', `an input of shape ${shapeText(x.shape)} is smaller than the kernel`);
    return found;
  });
  const groups = channels === null ? 1 : channels / into;
  const attributes = { strides: stride, padding: pads, dilations, groups, channelsFirst };
  return record('conv', [x, w], attributes, {
    shape: joinChannels(x.shape[0]!, sizes, out, channelsFirst),
    dtype: x.dtype,
  });
}

/** Convolution of every channel by itself; kernel (…, channels, multiplier), output channel c·multiplier + m. */
export function depthwiseConv(inputs: TensorLike, kernel: TensorLike, options: ConvOptions = {}): SymbolicTensor {
  const [x, w] = toCommon('depthwiseConv', inputs, kernel) as [SymbolicTensor, SymbolicTensor];
  const [channels, multiplier] = w.shape.slice(-2) as [number, number];
  const found = splitChannels(x, options.dataFormat).channels;
  if (found !== null && found !== channels)
    refuse('depthwiseConv', `the input has ${found} channels, the kernel ${channels}`);
  // A grouped kernel with one input channel a group has the same numbers in the same order.
  return conv(x, reshape(w, [...(w.shape.slice(0, -2) as number[]), 1, channels * multiplier]), options);
}

/** A depthwise convolution, then one of 1×1. */
export function separableConv(
  inputs: TensorLike,
  depthwiseKernel: TensorLike,
  pointwiseKernel: TensorLike,
  options: ConvOptions = {},
): SymbolicTensor {
  const middle = depthwiseConv(inputs, depthwiseKernel, options);
  return conv(middle, pointwiseKernel, { dataFormat: options.dataFormat ?? null });
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  readonly padding?: 'valid' | 'same';
  readonly outputPadding?: number | readonly (number | null)[] | null;
}

/** Transposed convolution; kernel (…, output channels, input channels). */
export function convTranspose(
  inputs: TensorLike,
  kernel: TensorLike,
  {
    strides = 1,
    padding = 'valid',
    outputPadding = null,
    dataFormat = null,
    dilationRate = 1,
  }: ConvTransposeOptions = {},
): SymbolicTensor {
  const [x, w] = toCommon('convTranspose', inputs, kernel) as [SymbolicTensor, SymbolicTensor];
  const rank = x.shape.length - 2;
  const stride = perAxis(strides, rank, 'convTranspose');
  const dilations = perAxis(dilationRate, rank, 'convTranspose');
  const { channelsFirst, spatial, channels } = splitChannels(x, dataFormat);
  const [out, into] = w.shape.slice(-2) as [number, number];
  if (channels !== null && channels !== into)
    refuse('convTranspose', `the input has ${channels} channels, the kernel takes ${into}`);
  const added = Array.isArray(outputPadding)
    ? outputPadding
    : new Array<number | null>(rank).fill(outputPadding as number | null);
  const crops = spatial.map((_, axis) => {
    const extent = (w.shape[axis]! - 1) * dilations[axis]! + 1;
    return transposeCrop(extent, stride[axis]!, padding, (added[axis] ?? null) as number | null);
  });
  const sizes = spatial.map((size, axis) => {
    const extent = (w.shape[axis]! - 1) * dilations[axis]! + 1;
    return size === null ? null : (size - 1) * stride[axis]! + extent - crops[axis]![0] - crops[axis]![1];
  });
  const attributes = { strides: stride, dilations, crops, channelsFirst };
  return record('convTranspose', [x, w], attributes, {
    shape: joinChannels(x.shape[0]!, sizes, out, channelsFirst),
    dtype: x.dtype,
  });
}

/**
 * Cells cut off before and after the full result, (n-1)·stride + extent cells long; a negative cut adds zeros. Without
 * output padding the result has n·stride cells (`same`) or max(extent - stride, 0) more (`valid`).
 */
function transposeCrop(
  extent: number,
  stride: number,
  padding: 'valid' | 'same',
  added: number | null,
): readonly [number, number] {
  const half = padding === 'same' ? Math.floor(extent / 2) : 0;
  const whole =
    added === null ? (padding === 'same' ? extent - stride : Math.min(extent - stride, 0)) : 2 * half - added;
  const before = padding === 'same' ? Math.floor(Math.max(whole, 0) / 2) : 0;
  return [before, whole - before];
}

/** Every window of `size` of a picture as one vector (keras.ops.image.extract_patches). */
export function extractPatches(
  images: TensorLike,
  size: number | readonly number[],
  {
    strides = null,
    dilationRate = 1,
    padding = 'valid',
    dataFormat = null,
  }: {
    strides?: number | readonly number[] | null;
    dilationRate?: number | readonly number[];
    padding?: 'valid' | 'same';
    dataFormat?: DataFormat | null;
  } = {},
): SymbolicTensor {
  let [x] = toCommon('extractPatches', images) as [SymbolicTensor];
  const single = x.shape.length === 3;
  if (single) x = expandDims(x, 0);
  const [rows, columns] = perAxis(size, 2, 'extractPatches') as [number, number];
  const { channels } = splitChannels(x, dataFormat);
  if (channels === null) refuse('extractPatches', 'the number of channels is not known');
  const depth = rows * columns * channels;
  const identity = eye(depth, { dtype: x.dtype });
  const kernel = reshape(identity, [rows, columns, channels, depth]);
  const patches = conv(x, kernel, { strides: strides ?? [rows, columns], padding, dataFormat, dilationRate });
  return single ? squeeze(patches, { axis: 0 }) : patches;
}

/** Blocks of channels become squares of cells. */
export function depthToSpace(
  x: TensorLike,
  blockSize: number,
  { dataFormat = 'channels_last' }: { dataFormat?: DataFormat | null } = {},
): SymbolicTensor {
  const [given] = toCommon('depthToSpace', x) as [SymbolicTensor];
  if (dataFormat === 'channels_first') {
    const moved = transpose(given, { axes: [0, 2, 3, 1] });
    return transpose(depthToSpace(moved, blockSize), { axes: [0, 3, 1, 2] });
  }
  const [, rows, columns, channels] = given.shape as [Dim, number, number, number];
  if (channels % (blockSize * blockSize) !== 0)
    refuse('depthToSpace', `${channels} channels do not divide into ${blockSize}×${blockSize}`);
  const depth = channels / blockSize ** 2;
  const apart = reshape(given, [-1, rows, columns, blockSize, blockSize, depth]);
  return reshape(transpose(apart, { axes: [0, 1, 3, 2, 4, 5] }), [-1, rows * blockSize, columns * blockSize, depth]);
}

/** Squares of cells become blocks of channels. */
export function spaceToDepth(
  x: TensorLike,
  blockSize: number,
  { dataFormat = 'channels_last' }: { dataFormat?: DataFormat | null } = {},
): SymbolicTensor {
  const [given] = toCommon('spaceToDepth', x) as [SymbolicTensor];
  if (dataFormat === 'channels_first') {
    const moved = transpose(given, { axes: [0, 2, 3, 1] });
    return transpose(spaceToDepth(moved, blockSize), { axes: [0, 3, 1, 2] });
  }
  const [, rows, columns, channels] = given.shape as [Dim, number, number, number];
  const apart = reshape(given, [-1, rows / blockSize, blockSize, columns / blockSize, blockSize, channels]);
  return reshape(transpose(apart, { axes: [0, 1, 3, 2, 4, 5] }), [
    -1,
    rows / blockSize,
    columns / blockSize,
    channels * blockSize ** 2,
  ]);
}
