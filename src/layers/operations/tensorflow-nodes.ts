/**
 * Operations of TensorFlow graphs by the names that NodeDefs use (`AddV2`, `ConcatV2`), on inputs in NodeDef order.
 * TF 1.14 to 2.3 wrote such nodes as TensorFlowOpLayer.
 */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/types.ts';
import { readDType } from './values.ts';

/** One input of a node: a tensor, or what a constant holds. */
export type NodeInput = TensorLike;

/** An attribute as NodeDefs in JSON hold it: `{"type": "DT_FLOAT"}`, `{"i": "2"}`, `{"b": true}`, `{"list": …}`. */
export interface NodeAttributes {
  readonly [name: string]: { readonly [kind: string]: unknown };
}

export type NodeFunction = (
  inputs: readonly NodeInput[],
  attributes: NodeAttributes,
  ops: Ops,
) => TensorLike | readonly SymbolicTensor[];

type Table = { readonly [op: string]: NodeFunction };

/** A whole number in an attribute (JSON holds 64-bit numbers as text). */
export function wholeAttribute(attributes: NodeAttributes, name: string, fallback = 0): number {
  const stored = attributes[name]?.i;
  return stored === undefined ? fallback : Number(stored);
}

export function flagAttribute(attributes: NodeAttributes, name: string): boolean {
  return attributes[name]?.b === true;
}

function wholeList(attributes: NodeAttributes, name: string): readonly number[] {
  const list = attributes[name]?.list as { i?: readonly unknown[] } | undefined;
  return (list?.i ?? []).map(Number);
}

function textAttribute(attributes: NodeAttributes, name: string, fallback: string): string {
  const stored = attributes[name]?.s;
  if (typeof stored !== 'string') return fallback;
  // Bytes stand in base64 in a NodeDef's JSON, names of paddings and formats do not look like it otherwise.
  return /^(VALID|SAME|NHWC|NCHW|CONSTANT|REFLECT|SYMMETRIC)$/.test(stored) ? stored : decodeBase64(stored);
}

function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return text;
  }
}

/** A constant input as numbers. */
function numbers(input: NodeInput | undefined): readonly number[] {
  return Array.isArray(input) ? (input as number[]) : [input as number];
}

type Unary = (x: TensorLike) => SymbolicTensor;
type Binary = (x: TensorLike, y: TensorLike) => SymbolicTensor;

const unary =
  (pick: (ops: Ops) => Unary): NodeFunction =>
  ([x], _attributes, ops) =>
    pick(ops)(x!);
const binary =
  (pick: (ops: Ops) => Binary): NodeFunction =>
  ([x, y], _attributes, ops) =>
    pick(ops)(x!, y!);

const elementwise: Table = {
  Relu: unary(ops => ops.relu),
  Relu6: unary(ops => ops.relu6),
  Elu: unary(ops => ops.elu),
  Selu: unary(ops => ops.selu),
  Softplus: unary(ops => ops.softplus),
  Softsign: unary(ops => ops.softsign),
  Sigmoid: unary(ops => ops.sigmoid),
  Tanh: unary(ops => ops.tanh),
  Abs: unary(ops => ops.abs),
  Neg: unary(ops => ops.negative),
  Square: unary(ops => ops.square),
  Sqrt: unary(ops => ops.sqrt),
  Rsqrt: unary(ops => ops.rsqrt),
  Exp: unary(ops => ops.exp),
  Expm1: unary(ops => ops.expm1),
  Log: unary(ops => ops.log),
  Log1p: unary(ops => ops.log1p),
  Sin: unary(ops => ops.sin),
  Cos: unary(ops => ops.cos),
  Tan: unary(ops => ops.tan),
  Asin: unary(ops => ops.arcsin),
  Acos: unary(ops => ops.arccos),
  Atan: unary(ops => ops.arctan),
  Sinh: unary(ops => ops.sinh),
  Cosh: unary(ops => ops.cosh),
  Erf: unary(ops => ops.erf),
  Sign: unary(ops => ops.sign),
  Floor: unary(ops => ops.floor),
  Ceil: unary(ops => ops.ceil),
  Round: unary(ops => ops.round),
  Rint: unary(ops => ops.round),
  Reciprocal: unary(ops => ops.reciprocal),
  Inv: unary(ops => ops.reciprocal),
  LogicalNot: unary(ops => ops.logicalNot),
  IsNan: unary(ops => ops.isnan),
  IsInf: unary(ops => ops.isinf),
  IsFinite: unary(ops => ops.isfinite),
  Identity: unary(ops => ops.copy),
  StopGradient: unary(ops => ops.copy),
  PreventGradient: unary(ops => ops.copy),
  Snapshot: unary(ops => ops.copy),
  ZerosLike: unary(ops => ops.zerosLike),
  OnesLike: unary(ops => ops.onesLike),
  Add: binary(ops => ops.add),
  AddV2: binary(ops => ops.add),
  Sub: binary(ops => ops.subtract),
  Mul: binary(ops => ops.multiply),
  RealDiv: binary(ops => ops.divide),
  Div: binary(ops => ops.divide),
  DivNoNan: binary(ops => ops.divideNoNan),
  FloorDiv: binary(ops => ops.floorDivide),
  FloorMod: binary(ops => ops.mod),
  Mod: binary(ops => ops.fmod),
  Pow: binary(ops => ops.power),
  Maximum: binary(ops => ops.maximum),
  Minimum: binary(ops => ops.minimum),
  Greater: binary(ops => ops.greater),
  GreaterEqual: binary(ops => ops.greaterEqual),
  Less: binary(ops => ops.less),
  LessEqual: binary(ops => ops.lessEqual),
  Equal: binary(ops => ops.equal),
  NotEqual: binary(ops => ops.notEqual),
  LogicalAnd: binary(ops => ops.logicalAnd),
  LogicalOr: binary(ops => ops.logicalOr),
  Atan2: binary(ops => ops.arctan2),
  SquaredDifference: ([x, y], _attributes, ops) => ops.square(ops.subtract(x!, y!)),
  BiasAdd: ([x, bias], attributes, ops) => {
    const value = ops.convertToTensor(x!);
    const first = textAttribute(attributes, 'data_format', 'NHWC') === 'NCHW';
    return ops.add(value, first ? ops.reshape(bias!, [-1, ...value.shape.slice(2).map(() => 1)]) : bias!);
  },
  AddN: (inputs, _attributes, ops) => inputs.reduce((sum, x) => ops.add(sum, x)),
  LeakyRelu: ([x], attributes, ops) =>
    ops.leakyRelu(x!, { negativeSlope: (attributes.alpha?.f as number | undefined) ?? 0.2 }),
  Softmax: ([x], _attributes, ops) => ops.softmax(x!),
  LogSoftmax: ([x], _attributes, ops) => ops.logSoftmax(x!),
  Select: ([condition, x, y], _attributes, ops) => ops.where(condition!, x!, y!),
  SelectV2: ([condition, x, y], _attributes, ops) => ops.where(condition!, x!, y!),
  ClipByValue: ([x, low, high], _attributes, ops) => ops.clip(x!, low!, high!),
  Cast: ([x], attributes, ops) => ops.cast(x!, readDType(attributes.DstT?.type, 'Cast')),
};

type Reduce = (x: TensorLike, options: { axis: readonly number[]; keepdims: boolean }) => SymbolicTensor;

const reduction =
  (pick: (ops: Ops) => Reduce): NodeFunction =>
  ([x, axes], attributes, ops) =>
    pick(ops)(x!, { axis: numbers(axes), keepdims: flagAttribute(attributes, 'keep_dims') });

const reducing: Table = {
  Sum: reduction(ops => ops.sum),
  Mean: reduction(ops => ops.mean),
  Max: reduction(ops => ops.max),
  Min: reduction(ops => ops.min),
  Prod: reduction(ops => ops.prod),
  All: reduction(ops => ops.all),
  Any: reduction(ops => ops.any),
  ArgMax: ([x, axis], attributes, ops) =>
    ops.cast(ops.argmax(x!, { axis: numbers(axis)[0]! }), readDType(attributes.output_type?.type ?? 'int64', 'ArgMax')),
  ArgMin: ([x, axis], attributes, ops) =>
    ops.cast(ops.argmin(x!, { axis: numbers(axis)[0]! }), readDType(attributes.output_type?.type ?? 'int64', 'ArgMin')),
  Cumsum: ([x, axis], _attributes, ops) => ops.cumsum(x!, { axis: numbers(axis)[0]! }),
  L2Loss: ([x], _attributes, ops) => ops.divide(ops.sum(ops.square(x!)), 2),
};

/** Sizes that are constants or scalars in a tensor. */
function sizes(input: NodeInput | undefined, ops: Ops): readonly SizeLike[] {
  if (typeof input === 'number') return [input];
  if (Array.isArray(input)) return input as readonly SizeLike[];
  return ops.unstack(input as SymbolicTensor, { axis: 0 });
}

/** Slices of TensorFlow's StridedSlice, whose masks are bits by position in the spec. */
const stridedSlice: NodeFunction = ([x, begin, end, strides], attributes, ops) => {
  const bit = (name: string, at: number) => ((wholeAttribute(attributes, name) >> at) & 1) === 1;
  const starts = sizes(begin, ops);
  const stops = sizes(end, ops);
  const steps = numbers(strides);
  const key = starts.map((start, at) => {
    if (bit('ellipsis_mask', at)) return '...' as const;
    if (bit('new_axis_mask', at)) return null;
    if (bit('shrink_axis_mask', at)) return start;
    return {
      start: bit('begin_mask', at) ? null : start,
      stop: bit('end_mask', at) ? null : stops[at]!,
      step: steps[at]!,
    };
  });
  return ops.getItem(x!, key);
};

const arranging: Table = {
  Reshape: ([x, shape], _attributes, ops) => ops.reshape(x!, sizes(shape, ops)),
  Transpose: ([x, order], _attributes, ops) => ops.transpose(x!, { axes: numbers(order) }),
  ExpandDims: ([x, axis], _attributes, ops) => ops.expandDims(x!, numbers(axis)[0]!),
  Squeeze: ([x], attributes, ops) => {
    const axes = wholeList(attributes, 'squeeze_dims');
    return ops.squeeze(x!, { axis: axes.length > 0 ? axes : null });
  },
  Tile: ([x, multiples], _attributes, ops) => ops.tile(x!, sizes(multiples, ops)),
  BroadcastTo: ([x, shape], _attributes, ops) => ops.broadcastTo(x!, sizes(shape, ops)),
  ReverseV2: ([x, axes], _attributes, ops) => ops.flip(x!, { axis: numbers(axes) }),
  Pad: ([x, widths], _attributes, ops) => ops.pad(x!, widths as unknown as readonly (readonly [number, number])[]),
  PadV2: ([x, widths, value], _attributes, ops) =>
    ops.pad(x!, widths as unknown as readonly (readonly [number, number])[], { constantValues: value as number }),
  MirrorPad: ([x, widths], attributes, ops) =>
    ops.pad(x!, widths as unknown as readonly (readonly [number, number])[], {
      mode: textAttribute(attributes, 'mode', 'REFLECT').toLowerCase() as 'reflect',
    }),
  ConcatV2: (inputs, _attributes, ops) => ops.concatenate(inputs.slice(0, -1), { axis: numbers(inputs.at(-1))[0]! }),
  Pack: (inputs, attributes, ops) => ops.stack(inputs, { axis: wholeAttribute(attributes, 'axis') }),
  Unpack: ([x], attributes, ops) => ops.unstack(x!, { axis: wholeAttribute(attributes, 'axis') }),
  Split: ([axis, x], attributes, ops) =>
    ops.split(x!, wholeAttribute(attributes, 'num_split', 1), { axis: numbers(axis)[0]! }),
  SplitV: ([x, parts, axis], _attributes, ops) => {
    const given = numbers(parts);
    const ends = given.map((_, at) => given.slice(0, at + 1).reduce((sum, size) => sum + size, 0));
    return ops.split(x!, ends.slice(0, -1), { axis: numbers(axis)[0]! });
  },
  StridedSlice: stridedSlice,
  Slice: ([x, begin, size], _attributes, ops) =>
    ops.getItem(
      x!,
      numbers(begin).map((start, at) => {
        const wanted = numbers(size)[at]!;
        return { start, stop: wanted === -1 ? null : start + wanted };
      }),
    ),
  GatherV2: ([x, indices, axis], _attributes, ops) => ops.take(x!, indices!, { axis: numbers(axis)[0] ?? 0 }),
  GatherNd: ([x, indices], _attributes, ops) => ops.gatherNd(x!, indices!),
  Shape: ([x], _attributes, ops) => ops.stack(ops.shape(x!).map(size => ops.convertToTensor(size, { dtype: 'int32' }))),
  Range: ([start, limit, delta], _attributes, ops) =>
    ops.arange(start as SizeLike, { stop: limit as SizeLike, step: delta as SizeLike }),
  Fill: ([shape, value], _attributes, ops) => ops.full(sizes(shape, ops), value!),
  OneHot: ([indices, depth, on, off], attributes, ops) => {
    const hot = ops.oneHot(indices!, numbers(depth)[0]!, { axis: wholeAttribute(attributes, 'axis', -1) });
    return on === 1 && off === 0 ? hot : ops.where(ops.cast(hot, 'bool'), on!, off!);
  },
  DepthToSpace: ([x], attributes, ops) => ops.depthToSpace(x!, wholeAttribute(attributes, 'block_size')),
  SpaceToDepth: ([x], attributes, ops) => ops.spaceToDepth(x!, wholeAttribute(attributes, 'block_size')),
  TopKV2: ([x, k], _attributes, ops) => ops.topK(x!, numbers(k)[0]!),
};

/** A product whose operands may be transposed, under either of the names that NodeDefs use. */
const product =
  (left: string, right: string): NodeFunction =>
  ([a, b], attributes, ops) => {
    const turn = (x: TensorLike, name: string) => (flagAttribute(attributes, name) ? ops.swapaxes(x, -2, -1) : x);
    return ops.matmul(turn(a!, left), turn(b!, right));
  };

/** Padding and strides of a window, the batch and channel entries left out. */
function windowOptions(attributes: NodeAttributes) {
  return {
    strides: wholeList(attributes, 'strides').slice(1, 3),
    padding: textAttribute(attributes, 'padding', 'VALID').toLowerCase() as 'valid' | 'same',
  };
}

const products: Table = {
  MatMul: product('transpose_a', 'transpose_b'),
  BatchMatMul: product('adj_x', 'adj_y'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  Einsum: (inputs, attributes, ops) => ops.einsum(textAttribute(attributes, 'equation', ''), ...inputs),
  Conv2D: ([x, kernel], attributes, ops) => {
    const dilations = wholeList(attributes, 'dilations').slice(1, 3);
    return ops.conv(x!, kernel!, {
      ...windowOptions(attributes),
      ...(dilations.length > 0 && { dilationRate: dilations }),
    });
  },
  MaxPool: ([x], attributes, ops) =>
    ops.maxPool(x!, wholeList(attributes, 'ksize').slice(1, 3), windowOptions(attributes)),
  AvgPool: ([x], attributes, ops) =>
    ops.averagePool(x!, wholeList(attributes, 'ksize').slice(1, 3), windowOptions(attributes)),
};

/** Every node operation that is known, by name. */
export const tensorflowNodes: Table = { ...elementwise, ...reducing, ...arranging, ...products };
