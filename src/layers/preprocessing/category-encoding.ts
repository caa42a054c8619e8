/** CategoryEncoding: whole numbers as one-hot, multi-hot or count vectors. */

import { tensorArgument } from '../attention/scores.ts';
import { defineLayer } from '../define.ts';
import { bool, int } from '../fields.ts';
import { encode, outputMode } from './encode.ts';

export default defineLayer({
  name: 'CategoryEncoding',
  config: {
    numTokens: int(),
    outputMode: outputMode('multi_hot'),
    squeezeOneHot: bool(true),
    /** Ours (see era-keys.ts): one axis is one of samples, not one sample. */
    loneSamples: bool(false),
  },
  callArguments: ['inputs', 'count_weights'],
  castInputs: false,
  weights: ({ numTokens, outputMode }) => ({
    ...(outputMode === 'tf_idf' && { idf: { shape: [numTokens], trainable: false } }),
  }),
  call(config, { idf }, [x], ops, { computeDtype, arguments: given }) {
    const { numTokens, outputMode, squeezeOneHot, loneSamples } = config;
    if (outputMode === 'int') return x!;
    const numbers = loneSamples && x!.shape.length === 1 ? ops.expandDims(x!, 1) : x!;
    const options = { mode: outputMode, depth: numTokens, dtype: computeDtype, squeeze: squeezeOneHot };
    const weights = tensorArgument(given.count_weights);
    const encoded = encode(ops.cast(numbers, 'int64'), { ...options, weights }, ops);
    return idf ? ops.multiply(encoded, ops.cast(idf, computeDtype)) : encoded;
  },
});
