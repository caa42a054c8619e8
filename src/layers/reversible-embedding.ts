/** ReversibleEmbedding (Keras 3.13 on): an Embedding that, called with `reverse`, gives the logits of its ids. */

import { defineLayer } from './define.ts';
import { bool, float, int, nullable, text } from './fields.ts';
import { parseDType } from './policy.ts';

export default defineLayer({
  name: 'ReversibleEmbedding',
  config: {
    inputDim: int(),
    outputDim: int(),
    maskZero: bool(false),
    tieWeights: bool(true),
    reverseDtype: nullable(text()),
    logitSoftCap: nullable(float()),
  },
  callArguments: ['inputs', 'reverse'],
  castInputs: false,
  weights: ({ inputDim, outputDim, tieWeights }) => ({
    embeddings: [inputDim, outputDim],
    ...(!tieWeights && { reverseEmbeddings: [outputDim, inputDim] }),
  }),
  call(config, { embeddings, reverseEmbeddings }, [x], ops, { arguments: given, computeDtype }) {
    if (given.reverse !== true) {
      const ids = ops.cast(x!, 'int32');
      const mask = config.maskZero ? ops.notEqual(x!, 0) : null;
      return { outputs: [ops.take(embeddings!, ids, { axis: 0 })], masks: [mask] };
    }
    const dtype = parseDType(config.reverseDtype) ?? computeDtype;
    const kernel = reverseEmbeddings ?? ops.transpose(embeddings!);
    const logits = ops.matmul(ops.cast(x!, dtype), ops.cast(kernel, dtype));
    const cap = config.logitSoftCap;
    const capped = cap === null ? logits : ops.multiply(ops.tanh(ops.divide(logits, cap)), cap);
    return { outputs: [capped], masks: [null] };
  },
});
