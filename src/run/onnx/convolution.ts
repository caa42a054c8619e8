/** ONNX forms of convolutions and pooling. Keras's kernels have channels last, ONNX's first. */

import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import type { OnnxAttributes, Value } from './builder.ts';
import type { Lowered, Lowering, Rule } from './lowering.ts';

type Pairs = readonly (readonly [number, number])[];

interface Windowed {
  readonly strides: readonly number[];
  readonly padding: 'same' | 'valid' | Pairs;
  readonly channelsFirst: boolean;
}

/** The input with channels at place 1, whatever the node's data format, and the way back. */
function spatial(node: OpNode, lowering: Lowering): { x: Value; result(value: Value): Lowered } {
  const x = node.inputs[0]!;
  if (node.attributes.channelsFirst) return { x: lowering.plain(x), result: value => ({ plain: value }) };
  return { x: lowering.channelsFirst(x), result: value => ({ channelsFirst: value }) };
}

function spatialSizes(x: SymbolicTensor, channelsFirst: boolean) {
  return channelsFirst ? x.shape.slice(2) : x.shape.slice(1, -1);
}

/** Padding as attributes: numbers where the sizes tell them, else ONNX's own rule, which is the same. */
function padding(node: OpNode, extents: readonly number[]): OnnxAttributes {
  const { strides, padding: given, channelsFirst } = node.attributes as unknown as Windowed;
  if (given === 'valid') return {};
  if (given !== 'same') return { pads: [...given.map(pair => pair[0]), ...given.map(pair => pair[1])] };
  const sizes = spatialSizes(node.inputs[0]!, channelsFirst);
  const totals = sizes.map((size, axis) => {
    const [extent, stride] = [extents[axis]!, strides[axis]!];
    if (size !== null) return Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
    return stride === 1 ? extent - 1 : null;
  });
  if (totals.includes(null)) return { auto_pad: 'SAME_UPPER' };
  const before = totals.map(total => Math.floor(total! / 2));
  return { pads: [...before, ...totals.map((total, axis) => total! - before[axis]!)] };
}

const conv: Rule = (node, lowering) => {
  const { x, result } = spatial(node, lowering);
  const kernel = node.inputs[1]!;
  const rank = kernel.shape.length - 2;
  const { strides, dilations, groups } = node.attributes as { strides: number[]; dilations: number[]; groups: number };
  const extents = dilations.map((dilation, axis) => (kernel.shape[axis]! - 1) * dilation + 1);
  const axes = [rank + 1, rank, ...Array.from({ length: rank }, (_, axis) => axis)];
  const weights = lowering.transpose(lowering.plain(kernel), axes);
  const attributes = {
    strides,
    dilations,
    group: groups,
    kernel_shape: kernel.shape.slice(0, rank) as number[],
    ...padding(node, extents),
  };
  return [result(lowering.emit('Conv', [x, weights], attributes))];
};

const convTranspose: Rule = (node, lowering) => {
  const { x, result } = spatial(node, lowering);
  const kernel = node.inputs[1]!;
  const rank = kernel.shape.length - 2;
  const { strides, dilations, crops } = node.attributes as { strides: number[]; dilations: number[]; crops: Pairs };
  const axes = [rank + 1, rank, ...Array.from({ length: rank }, (_, axis) => axis)];
  const weights = lowering.transpose(lowering.plain(kernel), axes);
  const made = lowering.emit('ConvTranspose', [x, weights], {
    strides,
    dilations,
    kernel_shape: kernel.shape.slice(0, rank) as number[],
    pads: [...crops.map(crop => crop[0]), ...crops.map(crop => Math.max(crop[1], 0))],
  });
  // Zeros beyond the last window: ONNX's own output padding would fill in what further windows give, the same zeros.
  const missing = crops.map(crop => Math.max(-crop[1], 0));
  if (missing.every(count => count === 0)) return [result(made)];
  const none = new Array<number>(rank + 2).fill(0);
  const counts = lowering.int64([...none, 0, 0, ...missing]);
  return [
    result(
      lowering.emit('Pad', [made, counts, lowering.scalar(0, made.dtype)], { mode: 'constant' }, { typed: [0, 2] }),
    ),
  ];
};

const pool =
  (operator: string): Rule =>
  (node, lowering) => {
    const { x, result } = spatial(node, lowering);
    const { window, strides } = node.attributes as { window: number[]; strides: number[] };
    const attributes = { kernel_shape: window, strides, ...padding(node, window) };
    return [result(lowering.emit(operator, [x], attributes))];
  };

export const convolutionRules: { readonly [op: string]: Rule } = {
  conv,
  convTranspose,
  maxPool: pool('MaxPool'),
  averagePool: pool('AveragePool'),
};
