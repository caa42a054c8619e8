/** Convolutions, and what TensorFlow builds dilated ones from: moving space into the batch and back. */

import type { DataFormat, Padding } from '../../../ops/convolution.ts';
import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { onSizes } from '../sizes.ts';
import { pairsOf } from './padding.ts';

/** Strides, dilations and padding have a number for each axis of the tensor; the spatial ones are meant. */
export function spatial(numbers: readonly number[], node: OpView): readonly number[] {
  return isChannelsFirst(node) ? numbers.slice(2) : numbers.slice(1, -1);
}

export function isChannelsFirst(node: OpView): boolean {
  return node.attributes.text('data_format', 'NHWC').startsWith('NC');
}

export function dataFormatOf(node: OpView): DataFormat {
  return isChannelsFirst(node) ? 'channels_first' : 'channels_last';
}

export function paddingOf(node: OpView): Padding {
  const padding = node.attributes.text('padding');
  if (padding !== 'EXPLICIT') return padding === 'SAME' ? 'same' : 'valid';
  const flat = node.attributes.ints('explicit_paddings');
  const pairs = Array.from({ length: flat.length / 2 }, (_, axis) => [flat[2 * axis]!, flat[2 * axis + 1]!] as const);
  return isChannelsFirst(node) ? pairs.slice(2) : pairs.slice(1, -1);
}

function optionsOf(node: OpView) {
  const dilations = node.attributes.ints('dilations');
  return {
    strides: spatial(node.attributes.ints('strides'), node),
    padding: paddingOf(node),
    dataFormat: dataFormatOf(node),
    dilationRate: dilations.length > 0 ? spatial(dilations, node) : 1,
  };
}

const convolve: Lowering = node => ops.conv(node.x(0), node.x(1), optionsOf(node));

/**
 * Where strides are larger than the kernel, "SAME" leaves cells out instead of adding some. TensorFlow's kernel for volumes
 * leaves half of them out at the front, those for pictures all at the back (found so in TF 2.15 and 2.21 on processors).
 */
const convolveVolumes: Lowering = node => {
  const { padding, strides, ...options } = optionsOf(node);
  const [x, kernel] = [node.x(0), node.x(1)];
  if (padding !== 'same') return ops.conv(x, kernel, { ...options, padding, strides });
  const first = isChannelsFirst(node) ? 2 : 1;
  const starts = strides.map((stride, axis) => {
    const [size, window] = [x.shape[first + axis], kernel.shape[axis]];
    const rate = typeof options.dilationRate === 'number' ? options.dilationRate : options.dilationRate[axis]!;
    if (typeof size !== 'number' || typeof window !== 'number') return 0;
    const left = size - (Math.ceil(size / stride) - 1) * stride - ((window - 1) * rate + 1);
    return Math.max(Math.floor(left / 2), 0);
  });
  const axes = starts.map((_, axis) => first + axis);
  const cut = starts.some(start => start > 0)
    ? ops.stridedSlice(x, { axes, starts, stops: starts.map(() => null) })
    : x;
  return ops.conv(cut, kernel, { ...options, padding, strides });
};

const depthwise: Lowering = node => ops.depthwiseConv(node.x(0), node.x(1), optionsOf(node));

/**
 * The gradient of a convolution is what Keras's transposed convolutions are made of. Its first input says how large the
 * result must be, which tells how much was cut from each side.
 */
const backpropInput: Lowering = node => {
  const [sizes, kernel, x] = [node.sizes(0), node.x(1), node.x(2)];
  const { strides, padding, dataFormat, dilationRate } = optionsOf(node);
  if (padding !== 'same' && padding !== 'valid') throw unsupported(node.where, `${node.op} with explicit padding`);
  const wanted = isChannelsFirst(node) ? sizes.slice(2) : sizes.slice(1, -1);
  const first = isChannelsFirst(node) ? 2 : 1;
  const added = wanted.map((size, axis) => {
    const before = x.shape[first + axis] ?? null;
    if (typeof size !== 'number' || before === null) return null;
    const extent =
      (kernel.shape[axis]! - 1) * (typeof dilationRate === 'number' ? dilationRate : dilationRate[axis]!) + 1;
    return outputPadding(size, before, strides[axis]!, extent, padding);
  });
  const made = ops.convTranspose(x, kernel, { strides, padding, outputPadding: added, dataFormat, dilationRate });
  const known = made.shape.map((size, axis) => size ?? numberOrNull(sizes[axis]));
  return { ...made, shape: known };
};

/** Cells that Keras's `output_padding` must add so that `before` cells become `size`. */
function outputPadding(
  size: number,
  before: number,
  stride: number,
  extent: number,
  padding: 'same' | 'valid',
): number | null {
  if (padding === 'valid')
    return size === before * stride + Math.max(extent - stride, 0) ? null : size - (before - 1) * stride - extent;
  if (size === before * stride) return null;
  return size - (before - 1) * stride - extent + 2 * Math.floor(extent / 2);
}

function numberOrNull(size: SizeLike | undefined): number | null {
  return typeof size === 'number' ? size : null;
}

/** Blocks of cells become rows of the batch, after padding (tensorflow/core/kernels/spacetobatch_op.cc). */
const spaceToBatch: Lowering = node => {
  const blocks = node.numbers(1);
  const paddings = pairsOf(node, 2);
  const x = node.x(0);
  const padded = ops.pad(x, [[0, 0], ...paddings, ...x.shape.slice(1 + paddings.length).map(() => [0, 0] as const)]);
  const sizes = ops.shape(padded);
  const split = [
    sizes[0]!,
    ...blocks.flatMap((block, at) => [onSizes.floorDivide!(sizes[at + 1]!, block)!, block]),
    ...sizes.slice(blocks.length + 1),
  ];
  const count = blocks.length;
  const order = [
    ...blocks.map((_, at) => 2 * at + 2),
    0,
    ...blocks.map((_, at) => 2 * at + 1),
    ...sizes.slice(count + 1).map((_, at) => 2 * count + 1 + at),
  ];
  const moved = ops.transpose(ops.reshape(padded, split), { axes: order });
  const rows = blocks.reduce<SizeLike>((product, block) => onSizes.multiply!(product, block)!, sizes[0]!);
  return ops.reshape(moved, [
    rows,
    ...blocks.map((block, at) => onSizes.floorDivide!(sizes[at + 1]!, block)!),
    ...sizes.slice(count + 1),
  ]);
};

/** Rows of the batch become blocks of cells again, then the crops are cut off. */
const batchToSpace: Lowering = node => {
  const blocks = node.numbers(1);
  const crops = pairsOf(node, 2);
  const x = node.x(0);
  const sizes = ops.shape(x);
  const count = blocks.length;
  const perBlock = blocks.reduce((product, block) => product * block, 1);
  const batch = onSizes.floorDivide!(sizes[0]!, perBlock)!;
  const order = [
    count,
    ...blocks.flatMap((_, at) => [count + 1 + at, at]),
    ...sizes.slice(count + 1).map((_, at) => 2 * count + 1 + at),
  ];
  const moved = ops.transpose(ops.reshape(x, [...blocks, batch, ...sizes.slice(1)]), { axes: order });
  const grown = blocks.map((block, at) => onSizes.multiply!(sizes[at + 1]!, block)!);
  const whole = ops.reshape(moved, [batch, ...grown, ...sizes.slice(count + 1)]);
  const axes = blocks.map((_, at) => at + 1);
  const stops = crops.map(([, after], at) => onSizes.subtract!(grown[at]!, after)!);
  return ops.stridedSlice(whole, { axes, starts: crops.map(([before]) => before), stops });
};

const extractPatches: Lowering = node => {
  const size = node.attributes.ints('ksizes').slice(1, -1);
  const strides = node.attributes.ints('strides').slice(1, -1);
  const dilationRate = node.attributes.ints('rates').slice(1, -1);
  return ops.extractPatches(node.x(0), size, { strides, dilationRate, padding: paddingOf(node) as 'same' | 'valid' });
};

/** A convolution with what follows it folded in, as graph optimizers write it. */
const fused: Lowering = (node, context) => {
  const made = convolve(node, context) as SymbolicTensor;
  return node.attributes.texts('fused_ops').reduce((x, op) => fuse(x, op, node), made);
};

function fuse(x: SymbolicTensor, op: string, node: OpView): SymbolicTensor {
  if (op === 'BiasAdd') return ops.add(x, node.x(2));
  if (op === 'Relu') return ops.relu(x);
  if (op === 'Relu6') return ops.relu6(x);
  if (op === 'Elu') return ops.elu(x);
  if (op === 'LeakyRelu') return ops.leakyRelu(x, { negativeSlope: node.attributes.float('leakyrelu_alpha', 0.2) });
  throw unsupported(node.where, `${node.op} with ${op} folded in`);
}

export const convolution: LoweringTable = {
  Conv2D: convolve,
  Conv3D: convolveVolumes,
  DepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: backpropInput,
  Conv3DBackpropInputV2: backpropInput,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: node =>
    ops.depthToSpace(node.x(0), node.attributes.int('block_size'), { dataFormat: dataFormatOf(node) }),
  SpaceToDepth: node =>
    ops.spaceToDepth(node.x(0), node.attributes.int('block_size'), { dataFormat: dataFormatOf(node) }),
  ExtractImagePatches: extractPatches,
  _FusedConv2D: fused,
};
