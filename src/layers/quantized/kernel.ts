/**
 * A kernel in whichever form the artefact stores it (plain, 8-bit, packed 4-bit, by groups, with LoRA) and its product
 * with an input. Dense and EinsumDense differ only in what the product is.
 */

import type { Dim, Shape } from '../../numbers/tensor.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { WeightSpec } from '../define.ts';
import { type LoraConfig, loraDelta, loraFields, loraWeights, withLora } from './lora.ts';
import { type QuantizationConfig, quantizationFields, quantizesInputs } from './mode.ts';
import { dequantizeGroups, quantizeToInt8, throughFloat8, unpackInt4 } from './numbers.ts';

export const kernelFields = { ...quantizationFields, ...loraFields } as const;

export type KernelConfig = QuantizationConfig & LoraConfig;

type Specs = { readonly [name: string]: WeightSpec };
type Weights = { readonly [name: string]: SymbolicTensor };

/** Shapes of a kernel, seen as rows (what is summed over) by columns. */
export interface KernelLayout {
  readonly shape: Shape;
  /** Axes that are summed over; they come first, or this kernel has no groups. */
  readonly reduced: readonly number[];
  /** Shape of the scale of an 8-bit kernel, which stands against the output. */
  readonly scaleShape: Shape;
}

export interface KernelProduct {
  readonly layout: KernelLayout;
  product(x: SymbolicTensor, kernel: SymbolicTensor): SymbolicTensor;
  /** Axes of the input that are summed over. */
  readonly inputAxes: readonly number[];
  /** A scale of the input (those axes of size 1) as it stands against the output. */
  againstOutput(scale: SymbolicTensor): SymbolicTensor;
}

function product(sizes: Shape): Dim {
  return sizes.reduce<Dim>((left, right) => (left === null || right === null ? null : left * right), 1);
}

function rowsAndColumns({ shape, reduced }: KernelLayout): readonly [rows: Dim, columns: Dim] {
  const of = (wanted: boolean) => product(shape.filter((_, axis) => reduced.includes(axis) === wanted));
  return [of(true), of(false)];
}

const half = (size: Dim): Dim => (size === null ? null : Math.ceil(size / 2));

const frozen = (shape: Shape, dtype: 'int8' | 'uint8' | 'float32' | null = null): WeightSpec => ({
  shape,
  trainable: false,
  ...(dtype && { dtype, autocast: false }),
});

/** Variables of a kernel and its bias, in the order in which Keras creates or stores them. */
export function kernelWeights(config: KernelConfig, layout: KernelLayout, bias: Shape | null): Specs {
  const withBias: Specs = bias ? { bias } : {};
  const policy = config.dtype;
  if (policy === null) {
    const kernel: WeightSpec = config.loraRank === null ? layout.shape : { shape: layout.shape, trainable: false };
    return { kernel, ...withBias, ...loraWeights(config, layout.shape) };
  }
  const lora = loraWeights(config, layout.shape);
  if (policy.mode === 'int8') {
    return { kernel: frozen(layout.shape, 'int8'), ...withBias, ...lora, kernelScale: frozen(layout.scaleShape) };
  }
  if (policy.mode === 'int4') return { ...int4Weights(config, layout, withBias), ...lora };
  if (policy.mode === 'float8') return { kernel: layout.shape, ...withBias, ...float8Weights };
  return groupedWeights(config, layout, withBias);
}

/** Numbers of groups that rows fall into. */
function groupCount(rows: Dim, size: number): Dim {
  if (size <= 0) return 1;
  return rows === null ? null : Math.ceil(rows / size);
}

function int4Weights({ dtype, int4Packing }: KernelConfig, layout: KernelLayout, bias: Specs): Specs {
  const { shape, reduced } = layout;
  if (int4Packing === 'inputs') {
    const packed = shape.map((size, axis) => (axis === reduced[0] ? half(size) : size));
    return { kernel: frozen(packed, 'int8'), ...bias, kernelScale: frozen(layout.scaleShape) };
  }
  const [rows, columns] = rowsAndColumns(layout);
  const grouped = dtype!.groupSize > 0;
  const scale = grouped ? [groupCount(rows, dtype!.groupSize), columns] : [columns];
  return {
    kernel: frozen([rows, half(columns)], 'int8'),
    ...bias,
    kernelScale: frozen(scale),
    ...(grouped && { kernelZero: frozen(scale, 'int8'), gIdx: frozen([rows], 'float32') }),
  };
}

const float8Scalar: WeightSpec = { shape: [], dtype: 'float32', autocast: false };
const float8History: WeightSpec = { shape: [null], dtype: 'float32', autocast: false };

/** Scales, and histories of the largest numbers, which only training reads. */
const float8Weights: Specs = {
  inputsScale: float8Scalar,
  inputsAmaxHistory: float8History,
  kernelScale: float8Scalar,
  kernelAmaxHistory: float8History,
  outputsGradScale: float8Scalar,
  outputsGradAmaxHistory: float8History,
};

/** GPTQ and AWQ store the kernel on its side: (columns, rows). */
function groupedWeights({ dtype }: KernelConfig, layout: KernelLayout, bias: Specs): Specs {
  const { mode, weightBits, groupSize } = dtype!;
  const [rows, columns] = rowsAndColumns(layout);
  const scale = [columns, groupCount(rows, groupSize)];
  const packed = mode === 'awq' || weightBits === 4;
  return {
    ...bias,
    kernel: frozen([packed ? half(columns) : columns, rows], 'uint8'),
    kernelScale: frozen(scale),
    kernelZero: frozen(scale, 'uint8'),
    ...(mode === 'awq' && { awqScales: frozen([rows]) }),
    gIdx: frozen([rows], 'float32'),
  };
}

/** The product of an input and the stored kernel, in the compute dtype of `x`. */
export function multiplyKernel(
  config: KernelConfig,
  weights: Weights,
  x: SymbolicTensor,
  kernel: KernelProduct,
  ops: Ops,
): SymbolicTensor {
  const mode = config.dtype?.mode ?? null;
  const { loraKernelA, loraKernelB } = weights;
  if (mode === null) return kernel.product(x, withLora(weights.kernel!, loraKernelA, loraKernelB, config, ops));
  const plain =
    mode === 'float8' ? float8Product(weights, x, kernel, ops) : wholeProduct(config, weights, x, kernel, ops);
  const added = loraDelta(loraKernelA, loraKernelB, config, ops);
  return ops.cast(added ? ops.add(plain, kernel.product(x, added)) : plain, x.dtype);
}

function float8Product(weights: Weights, x: SymbolicTensor, kernel: KernelProduct, ops: Ops): SymbolicTensor {
  const through = (tensor: SymbolicTensor, scale: SymbolicTensor) =>
    throughFloat8(tensor, ops.cast(scale, tensor.dtype), ops);
  return kernel.product(through(x, weights.inputsScale!), through(weights.kernel!, weights.kernelScale!));
}

/** Kernels of whole numbers: the scale of their columns divides the product, that of the input too. */
function wholeProduct(
  config: KernelConfig,
  weights: Weights,
  x: SymbolicTensor,
  kernel: KernelProduct,
  ops: Ops,
): SymbolicTensor {
  const { mode } = config.dtype!;
  if (mode === 'gptq' || mode === 'awq')
    return kernel.product(x, ops.cast(groupedKernel(config, weights, kernel, ops), x.dtype));
  const byColumns = mode === 'int4' && config.int4Packing === 'outputs';
  const stored = mode === 'int8' ? weights.kernel! : unpackedKernel(config, weights, kernel.layout, ops);
  const scale = weights.kernelScale!;
  // A 4-bit kernel of today is brought back to real numbers before the product.
  const ready = byColumns ? realKernel(config, weights, stored, kernel.layout, ops) : ops.cast(stored, x.dtype);
  const grouped = byColumns && config.dtype!.groupSize > 0;
  if (grouped || !quantizesInputs(config)) {
    const y = kernel.product(x, ops.cast(ready, x.dtype));
    return byColumns ? y : ops.divide(y, scale);
  }
  const [whole, inputScale] = quantizeToInt8(x, kernel.inputAxes, ops);
  const y = kernel.product(whole, ops.cast(ready, x.dtype));
  const both = kernel.againstOutput(inputScale);
  return ops.divide(y, byColumns ? both : ops.multiply(both, scale));
}

function unpackedKernel(config: KernelConfig, weights: Weights, layout: KernelLayout, ops: Ops): SymbolicTensor {
  const packed = weights.kernel!;
  const signed = { signed: true };
  if (config.int4Packing === 'inputs') {
    const axis = layout.reduced[0]!;
    return unpackInt4(packed, axis, layout.shape[axis]!, signed, ops);
  }
  return unpackInt4(packed, -1, rowsAndColumns(layout)[1]!, signed, ops);
}

/** (rows, columns) of whole numbers as the real kernel in its own shape. */
function realKernel(
  { dtype }: KernelConfig,
  weights: Weights,
  numbers: SymbolicTensor,
  layout: KernelLayout,
  ops: Ops,
): SymbolicTensor {
  const real =
    dtype!.groupSize > 0
      ? dequantizeGroups(numbers, weights.kernelScale!, weights.kernelZero!, weights.gIdx!, 0, ops)
      : ops.divide(numbers, ops.cast(weights.kernelScale!, 'float32'));
  return ops.reshape(real, layout.shape as readonly number[]);
}

function groupedKernel(config: KernelConfig, weights: Weights, { layout }: KernelProduct, ops: Ops): SymbolicTensor {
  const { mode, weightBits } = config.dtype!;
  const stored = weights.kernel!;
  const packed = mode === 'awq' || weightBits === 4;
  const columns = rowsAndColumns(layout)[1]!;
  const numbers = packed ? unpackInt4(stored, 0, columns, { signed: false }, ops) : stored;
  const real = ops.transpose(
    dequantizeGroups(numbers, weights.kernelScale!, weights.kernelZero!, weights.gIdx!, -1, ops),
  );
  const weighed = mode === 'awq' ? ops.divide(real, ops.expandDims(ops.cast(weights.awqScales!, 'float32'), -1)) : real;
  return ops.reshape(weighed, layout.shape as readonly number[]);
}

/** Adds the bias; a float8 layer that computes in float32 rounds it to bfloat16 first. */
export function addBias(
  y: SymbolicTensor,
  bias: SymbolicTensor | undefined,
  config: KernelConfig,
  ops: Ops,
): SymbolicTensor {
  if (!bias) return y;
  const rounded = config.dtype?.mode === 'float8' && bias.dtype === 'float32';
  return ops.add(y, rounded ? ops.cast(ops.cast(bias, 'bfloat16'), 'float32') : bias);
}
