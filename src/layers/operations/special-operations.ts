/** Operations of Keras 3 that are more than a function under another name. */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/types.ts';
import type { AnyLayerDefinition } from '../define.ts';
import { cropMiddle, extentOf, inscribed } from '../picture-window.ts';
import { tensorsIn } from '../recurrent/recurrent-layer.ts';
import { type Interpolation, resize } from '../resize.ts';
import { readIndexKey } from './index-key.ts';
import { defineOperation, type Given, unsupported } from './row.ts';
import { readConstants } from './values.ts';

type Tensor = SymbolicTensor;

/** Operands that stand one after another in the call, however many. */
function operandsOf(context: { readonly arguments: { readonly [name: string]: unknown } }): readonly TensorLike[] {
  return Object.entries(context.arguments)
    .filter(([name, value]) => !name.endsWith('_mask') && value !== null && value !== undefined)
    .map(([, value]) => readConstants(value))
    .flatMap(value => (Array.isArray(value) ? (value as TensorLike[]) : [value as TensorLike]));
}

const getItem = defineOperation('GetItem', ['x', 'key'], [], (given, ops) =>
  ops.getItem(given('x') as Tensor, readIndexKey(given('key'))),
);

const einsum = defineOperation('Einsum', [], ['subscripts'], (given, ops, context) =>
  ops.einsum(given('subscripts') as string, ...operandsOf(context)),
);

const meshgrid = defineOperation('Meshgrid', [], ['indexing'], (given, ops, context) =>
  ops.meshgrid(operandsOf(context), { indexing: (given('indexing') ?? 'xy') as 'xy' | 'ij' }),
);

const whereOperation = defineOperation('Where', ['condition', 'x1', 'x2'], [], (given, ops) => {
  // With a condition alone it gives the places where that holds.
  if (given('x1') === undefined || given('x1') === null) return nonzero(given('condition') as Tensor, ops);
  return ops.where(given('condition') as Tensor, given('x1') as TensorLike, given('x2') as TensorLike);
});

function nonzero(x: Tensor, ops: Ops): readonly Tensor[] {
  const found = (ops as { readonly nonzero?: (x: Tensor) => readonly Tensor[] }).nonzero;
  if (!found) throw unsupported('Where', 'the places where a condition holds are not computed');
  return found(x);
}

const resizeOperation = defineOperation(
  'Resize',
  ['images'],
  ['image', 'size', 'interpolation', 'antialias', 'data_format', 'crop_to_aspect_ratio', 'pad_to_aspect_ratio'],
  (given, ops) => {
    const x = given('images', 'image') as Tensor;
    const size = given('size') as readonly [number, number];
    const dataFormat = given('data_format') === 'channels_first' ? 'channels_first' : 'channels_last';
    const options = {
      interpolation: (given('interpolation') ?? 'bilinear') as Interpolation,
      dataFormat,
      antialias: given('antialias') === true,
    } as const;
    const channelsFirst = dataFormat === 'channels_first';
    if (given('pad_to_aspect_ratio') === true) throw unsupported('Resize', 'it pads to an aspect ratio');
    const single = x.shape.length === 3;
    const batch = single ? ops.expandDims(x, 0) : x;
    const extent = inscribed(extentOf(batch, channelsFirst, ops), size, ops);
    const cut = given('crop_to_aspect_ratio') === true ? cropMiddle(batch, extent, channelsFirst, ops) : batch;
    const resized = ops.cast(resize(cut, size, options, ops), x.dtype);
    return single ? ops.squeeze(resized, { axis: 0 }) : resized;
  },
);

/** Activation with slope, ceiling and threshold (keras/src/activations/activations.py: ReLU). */
const relu = defineOperation('ReLU', ['x'], ['negative_slope', 'max_value', 'threshold'], (given, ops) => {
  const x = given('x') as Tensor;
  const threshold = (given('threshold') as number | null) ?? 0;
  const slope = (given('negative_slope') as number | null) ?? 0;
  const ceiling = (given('max_value') as number | null) ?? null;
  const limited = ceiling === null ? x : ops.minimum(x, ceiling);
  return ops.where(ops.greaterEqual(x, threshold), limited, ops.multiply(ops.subtract(x, threshold), slope));
});

const batchNorm = defineOperation(
  'BatchNorm',
  ['x', 'mean', 'variance', 'offset', 'scale'],
  ['axis', 'epsilon'],
  (given, ops) =>
    ops.batchNormalization(
      given('x') as Tensor,
      given('mean') as Tensor,
      given('variance') as Tensor,
      given('axis') as number,
      {
        offset: (given('offset') ?? null) as Tensor | null,
        scale: (given('scale') ?? null) as Tensor | null,
        epsilon: (given('epsilon') ?? 1e-3) as number,
      },
    ),
);

const rmsNorm = defineOperation('RMSNorm', ['x', 'scale'], ['axis', 'epsilon'], (given, ops) =>
  ops.rmsNormalization(given('x') as Tensor, {
    scale: (given('scale') ?? null) as Tensor | null,
    axis: (given('axis') ?? -1) as number,
    epsilon: (given('epsilon') ?? 1e-7) as number,
  }),
);

const layerNorm = defineOperation(
  'LayerNorm',
  ['x', 'gamma', 'beta'],
  ['axis', 'epsilon', 'rms_scaling'],
  (given, ops) =>
    ops.layerNormalization(given('x') as Tensor, {
      gamma: (given('gamma') ?? null) as Tensor | null,
      beta: (given('beta') ?? null) as Tensor | null,
      axis: (given('axis') ?? -1) as number,
      epsilon: (given('epsilon') ?? 1e-7) as number,
    }),
);

/** Softmax attention on (B, T, heads, size); several query heads may share one of keys and values. */
const dotProductAttention = defineOperation(
  'DotProductAttention',
  ['query', 'key', 'value', 'bias', 'mask', 'scale'],
  ['is_causal', 'flash_attention', 'attn_logits_soft_cap'],
  (given, ops) => attention(given, ops),
);

function attention(given: Given, ops: Ops): Tensor {
  const [query, key, value] = ['query', 'key', 'value'].map(name =>
    ops.transpose(given(name) as Tensor, { axes: [0, 2, 1, 3] }),
  ) as [Tensor, Tensor, Tensor];
  const repeats = query.shape[1]! / key.shape[1]!;
  const shared = (x: Tensor) => (repeats > 1 ? ops.repeat(x, repeats, { axis: 1 }) : x);
  const scale = (given('scale') as number | null) ?? 1 / Math.sqrt(query.shape[3]!);
  let scores = ops.multiply(ops.matmul(query, ops.swapaxes(shared(key), -2, -1)), scale);
  const bias = given('bias') as Tensor | null | undefined;
  if (bias) scores = ops.add(scores, bias);
  const cap = given('attn_logits_soft_cap') as number | null | undefined;
  if (cap) scores = ops.multiply(ops.tanh(ops.divide(scores, cap)), cap);
  const mask = given('mask') as Tensor | null | undefined;
  if (mask) scores = ops.where(ops.cast(mask, 'bool'), scores, hiddenScore);
  if (given('is_causal') === true) scores = ops.where(lowerTriangle(query, key, ops), scores, hiddenScore);
  return ops.transpose(ops.matmul(ops.softmax(scores), shared(value)), { axes: [0, 2, 1, 3] });
}

/** 0.7 of the largest negative float32, as Keras hides scores (keras/src/backend/tensorflow/nn.py). */
const hiddenScore = -0.7 * 3.4028234663852886e38;

function lowerTriangle(query: Tensor, key: Tensor, ops: Ops): Tensor {
  const along = (x: Tensor) => ops.arange(0, { stop: ops.shape(x)[2]! as SizeLike });
  return ops.greaterEqual(ops.expandDims(along(query), 1), ops.expandDims(along(key), 0));
}

/** Functions of Python stand in these, which configs cannot hold; Keras itself cannot load them. */
const withFunctions = [
  'Cond',
  'ForiLoop',
  'Map',
  'Scan',
  'AssociativeScan',
  'Switch',
  'VectorizedMap',
  'WhileLoop',
  'JVP',
].map(name =>
  defineOperation(name, [], [], () => {
    throw unsupported(name, 'it calls a Python function that the config does not hold');
  }),
);

/** A graph of operations as one operation; the artefact reader gives it as a model, whose class has no definition. */
const selectOperation = defineOperation('Select', ['condlist', 'choicelist', 'default'], [], (given, ops) =>
  ops.select(tensorsIn(given('condlist') as never), tensorsIn(given('choicelist') as never), {
    default: (given('default') ?? 0) as TensorLike,
  }),
);

export const specialOperations: readonly AnyLayerDefinition[] = [
  getItem,
  einsum,
  meshgrid,
  whereOperation,
  resizeOperation,
  relu,
  batchNorm,
  rmsNorm,
  layerNorm,
  dotProductAttention,
  selectOperation,
  ...withFunctions,
];
