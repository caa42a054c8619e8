/** ONNX forms of convolutions and pooling. Keras's kernels have channels last, ONNX's first. */

import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import type { OnnxAttributes, Value } from './builder.ts';
import type { Lowered, Lowering, Rule } from './lowering.ts';
import { transposedByPhases } from './phases.ts';

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
  const product = asProduct(node, lowering);
  if (product) return [{ plain: product }];
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

/**
 * A convolution with a large kernel over few positions as a product of matrices: Keras's kernel, read as (window·input,
 * output), is the right factor as it lies in the file, so that nothing of it is moved at load. The left factor, every
 * window as one row, is small beside it. Null where the kernel is not large or the sizes are not known.
 */
function asProduct(node: OpNode, lowering: Lowering): Value | null {
  const [x, kernel] = node.inputs as [SymbolicTensor, SymbolicTensor];
  const { strides, dilations, groups, channelsFirst } = node.attributes as unknown as Windowed & {
    dilations: number[];
    groups: number;
  };
  const window = kernel.shape.slice(0, -2) as number[];
  const [into, filters] = kernel.shape.slice(-2) as [number, number];
  const out = spatialSizes(node.outputs[0]!, channelsFirst);
  const rows = window.reduce((total, size) => total * size, 1) * into;
  if (channelsFirst || groups !== 1 || rows * filters < lowering.largeKernel || out.includes(null)) return null;
  if (filters < (out as number[]).reduce((total, size) => total * size, 1)) return null;
  const padded = padCells(node, window, lowering.plain(x), lowering);
  const axes = lowering.int64(window.map((_, axis) => axis + 1));
  const steps = lowering.int64(strides);
  const cells = positions(window).map(place => {
    const starts = place.map((at, axis) => at * dilations[axis]!);
    if (out.every((size, axis) => size === x.shape[axis + 1]) && window.every(size => size === 1)) return padded;
    const ends = starts.map((start, axis) => start + (out[axis]! - 1) * strides[axis]! + 1);
    return lowering.emit(
      'Slice',
      [padded, lowering.int64(starts), lowering.int64(ends), axes, steps],
      {},
      { typed: [0] },
    );
  });
  const windows = cells.length === 1 ? cells[0]! : lowering.emit('Concat', cells, { axis: -1 });
  return lowering.emit('MatMul', [windows, lowering.reshaped(kernel, [rows, filters])]);
}

/** The input with the cells that the convolution's padding adds. */
function padCells(node: OpNode, window: readonly number[], x: Value, lowering: Lowering): Value {
  const { dilations } = node.attributes as { dilations: number[] };
  const extents = window.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const { pads } = padding(node, extents) as { pads?: readonly number[] };
  if (!pads || pads.every(count => count === 0)) return x;
  const rank = window.length;
  const counts = lowering.int64([0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank), 0]);
  return lowering.emit('Pad', [x, counts, lowering.scalar(0, x.dtype)], { mode: 'constant' }, { typed: [0, 2] });
}

/** Index vectors of all cells of a window, row-major. */
function positions(window: readonly number[]): number[][] {
  return window.reduce<number[][]>(
    (list, size) => list.flatMap(place => Array.from({ length: size }, (_, at) => [...place, at])),
    [[]],
  );
}

const convTranspose: Rule = (node, lowering) => {
  const { x, result } = spatial(node, lowering);
  const phases = transposedByPhases(node, x, lowering);
  if (phases) return [result(phases)];
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
