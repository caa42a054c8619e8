/**
 * Embedding matrices in whichever form the artefact stores them, and their rows by number
 * (keras/src/layers/core/embedding.py: _int8_call, _int4_call).
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { WeightSpec } from '../define.ts';
import { type LoraConfig, loraFields, loraWeights } from './lora.ts';
import { type QuantizationConfig, quantizationFields } from './mode.ts';
import { dequantizeGroups, unpackInt4 } from './numbers.ts';

export const embeddingFields = { ...quantizationFields, ...loraFields } as const;

export type EmbeddingConfig = QuantizationConfig &
  LoraConfig & { readonly inputDim: number; readonly outputDim: number };

type Specs = { readonly [name: string]: WeightSpec };
type Weights = { readonly [name: string]: SymbolicTensor };

/** Variables of the matrix. Scales belong to rows, or to groups within them. */
export function embeddingWeights(config: EmbeddingConfig): Specs {
  const { inputDim, outputDim, dtype } = config;
  const lora = loraWeights(config, [inputDim, outputDim], 'loraEmbeddings');
  const frozen = (shape: readonly number[], type?: 'int8' | 'float32'): WeightSpec => ({
    shape,
    trainable: false,
    ...(type && { dtype: type, autocast: false }),
  });
  if (dtype?.mode === 'int8') {
    return { embeddings: frozen([inputDim, outputDim], 'int8'), ...lora, embeddingsScale: frozen([inputDim]) };
  }
  if (dtype?.mode === 'int4') {
    const groups = dtype.groupSize > 0 ? Math.ceil(outputDim / dtype.groupSize) : null;
    return {
      embeddings: frozen([inputDim, Math.ceil(outputDim / 2)], 'int8'),
      embeddingsScale: frozen(groups === null ? [inputDim] : [inputDim, groups]),
      ...(groups !== null && {
        embeddingsZero: frozen([inputDim, groups], 'int8'),
        gIdx: frozen([outputDim], 'float32'),
      }),
      ...lora,
    };
  }
  const matrix: WeightSpec =
    config.loraRank === null ? [inputDim, outputDim] : { shape: [inputDim, outputDim], trainable: false };
  return { embeddings: matrix, ...lora };
}

/** The rows at `ids`, as real numbers. */
export function embeddingRows(
  config: EmbeddingConfig,
  weights: Weights,
  ids: SymbolicTensor,
  ops: Ops,
): SymbolicTensor {
  const rows = ops.take(weights.embeddings!, ids, { axis: 0 });
  const real = realRows(config, weights, rows, ids, ops);
  const { loraEmbeddingsA: a, loraEmbeddingsB: b } = weights;
  if (!a || !b || config.loraRank === null) return real;
  const added = ops.matmul(ops.take(a, ids, { axis: 0 }), b);
  return ops.add(real, ops.multiply(added, (config.loraAlpha ?? config.loraRank) / config.loraRank));
}

function realRows(
  { dtype, outputDim }: EmbeddingConfig,
  weights: Weights,
  rows: SymbolicTensor,
  ids: SymbolicTensor,
  ops: Ops,
): SymbolicTensor {
  if (dtype?.mode !== 'int8' && dtype?.mode !== 'int4') return rows;
  const scale = ops.take(weights.embeddingsScale!, ids, { axis: 0 });
  const whole = dtype.mode === 'int4' ? unpackRows(rows, outputDim, ops) : ops.cast(rows, scale.dtype);
  if (!weights.gIdx) return ops.divide(whole, ops.expandDims(scale, -1));
  const zero = ops.take(weights.embeddingsZero!, ids, { axis: 0 });
  return dequantizeGroups(whole, scale, zero, weights.gIdx, -1, ops);
}

/** The last axis unpacked; the others may have sizes that only the run knows. */
function unpackRows(rows: SymbolicTensor, size: number, ops: Ops): SymbolicTensor {
  const sizes = ops.shape(rows);
  const flat = ops.reshape(rows, [-1, sizes.at(-1)!]);
  return ops.reshape(unpackInt4(flat, -1, size, { signed: true }, ops), [...sizes.slice(0, -1), size]);
}
