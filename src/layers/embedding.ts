/** Embedding: rows of a matrix by number. Numbers with a fraction lose it. */

import { defineLayer } from './define.ts';
import { bool, int } from './fields.ts';

export default defineLayer({
  name: 'Embedding',
  config: { inputDim: int(), outputDim: int(), maskZero: bool(false) },
  castInputs: false,
  weights: ({ inputDim, outputDim }) => ({ embeddings: [inputDim, outputDim] }),
  outputShape: ({ outputDim }, [x]) => [...x!, outputDim],
  mask: ({ maskZero }, [ids], _masks, ops) => (maskZero ? ops.notEqual(ids!, 0) : null),
  call: (_config, { embeddings }, [ids], ops) => ops.take(embeddings!, ops.cast(ids!, 'int32'), { axis: 0 }),
});
