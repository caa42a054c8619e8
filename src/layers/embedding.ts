/** Embedding: rows of a matrix by number, plain or quantized. Numbers with a fraction lose it. */

import { defineLayer } from './define.ts';
import { bool, int } from './fields.ts';
import { embeddingFields, embeddingRows, embeddingWeights } from './quantized/embedding.ts';

export default defineLayer({
  name: 'Embedding',
  config: { inputDim: int(), outputDim: int(), maskZero: bool(false), ...embeddingFields },
  castInputs: false,
  weights: config => embeddingWeights(config),
  outputShape: ({ outputDim }, [x]) => [...x!, outputDim],
  mask: ({ maskZero }, [ids], _masks, ops) => (maskZero ? ops.notEqual(ids!, 0) : null),
  call: (config, weights, [ids], ops, { computeDtype }) =>
    ops.cast(embeddingRows(config, weights, ops.cast(ids!, 'int32'), ops), computeDtype),
});
