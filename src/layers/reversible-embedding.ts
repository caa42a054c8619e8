/**
 * ReversibleEmbedding (Keras 3.13 on): an Embedding that, called with `reverse`, gives the logits of its ids: the
 * product with the matrix turned over, or with one of its own (keras/src/layers/core/reversible_embedding.py).
 */

import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer, type WeightSpec } from './define.ts';
import { bool, float, int, nullable, text } from './fields.ts';
import { parseDType } from './policy.ts';
import { type EmbeddingConfig, embeddingFields, embeddingRows, embeddingWeights } from './quantized/embedding.ts';
import { quantizesInputs } from './quantized/mode.ts';
import { dequantizeGroups, quantizeToInt8, unpackInt4 } from './quantized/numbers.ts';

type Weights = { readonly [name: string]: SymbolicTensor };

/** A matrix of its own for the way back, and what its numbers need. */
function reverseWeights({ inputDim, outputDim, dtype }: EmbeddingConfig): { readonly [name: string]: WeightSpec } {
  const whole = dtype?.mode === 'int8' || dtype?.mode === 'int4';
  if (!whole) return { reverseEmbeddings: [outputDim, inputDim] };
  const rows = dtype.mode === 'int4' ? Math.ceil(outputDim / 2) : outputDim;
  const groups = dtype.groupSize > 0 ? Math.ceil(outputDim / dtype.groupSize) : null;
  const scale = groups === null ? [inputDim] : [groups, inputDim];
  return {
    reverseEmbeddings: { shape: [rows, inputDim], trainable: false, dtype: 'int8', autocast: false },
    reverseEmbeddingsScale: { shape: scale, trainable: false },
    ...(groups !== null && { reverseEmbeddingsZero: { shape: scale, trainable: false } }),
  };
}

/** The product with a matrix of whole numbers, its scales taken off again. */
function wholeLogits(config: EmbeddingConfig, weights: Weights, x: SymbolicTensor, ops: Ops): SymbolicTensor {
  const own = weights.reverseEmbeddings;
  const packed = own ?? ops.transpose(weights.embeddings!);
  const matrix =
    config.dtype!.mode === 'int4' ? unpackInt4(packed, 0, config.outputDim, { signed: true }, ops) : packed;
  const scale = own ? weights.reverseEmbeddingsScale! : weights.embeddingsScale!;
  const [whole, inputScale] = quantizesInputs(config) ? quantizeToInt8(x, -1, ops) : [x, null];
  const scaled = (y: SymbolicTensor) => (inputScale ? ops.divide(y, inputScale) : y);
  if (!weights.gIdx) return ops.divide(scaled(ops.matmul(whole, ops.cast(matrix, x.dtype))), ops.cast(scale, x.dtype));
  const turned = (values: SymbolicTensor) => (own ? values : ops.transpose(values));
  const zero = own ? weights.reverseEmbeddingsZero! : weights.embeddingsZero!;
  const real = dequantizeGroups(matrix, turned(scale), turned(zero), weights.gIdx, 0, ops);
  return scaled(ops.matmul(whole, ops.cast(real, x.dtype)));
}

export default defineLayer({
  name: 'ReversibleEmbedding',
  config: {
    inputDim: int(),
    outputDim: int(),
    maskZero: bool(false),
    tieWeights: bool(true),
    reverseDtype: nullable(text()),
    logitSoftCap: nullable(float()),
    ...embeddingFields,
  },
  callArguments: ['inputs', 'reverse'],
  castInputs: false,
  weights: config => ({ ...embeddingWeights(config), ...(!config.tieWeights && reverseWeights(config)) }),
  call(config, weights, [x], ops, { arguments: given, computeDtype }) {
    if (given.reverse !== true) {
      const rows = embeddingRows(config, weights, ops.cast(x!, 'int32'), ops);
      const mask = config.maskZero ? ops.notEqual(x!, 0) : null;
      return { outputs: [ops.cast(rows, computeDtype)], masks: [mask] };
    }
    const logits = logitsOf(config, weights, ops.cast(x!, computeDtype), ops);
    const cap = config.logitSoftCap;
    const capped = cap === null ? logits : ops.multiply(ops.tanh(ops.divide(logits, cap)), cap);
    return { outputs: [capped], masks: [null] };
  },
});

function logitsOf(
  config: EmbeddingConfig & { readonly reverseDtype: string | null },
  weights: Weights,
  x: SymbolicTensor,
  ops: Ops,
): SymbolicTensor {
  const mode = config.dtype?.mode;
  // The layer quantizes what it multiplies even where 4-bit kernels no longer do.
  if (mode === 'int8' || mode === 'int4') return wholeLogits({ ...config, int4Packing: 'inputs' }, weights, x, ops);
  const dtype = parseDType(config.reverseDtype) ?? x.dtype;
  const matrix = weights.reverseEmbeddings ?? ops.transpose(weights.embeddings!);
  return ops.matmul(ops.cast(x, dtype), ops.cast(matrix, dtype));
}
