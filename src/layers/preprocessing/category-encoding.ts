/** CategoryEncoding: whole numbers as one-hot, multi-hot or count vectors. */

import { tensorArgument } from '../attention/scores.ts';
import { defineLayer } from '../define.ts';
import { bool, int } from '../fields.ts';
import { encode, outputMode } from './encode.ts';

export default defineLayer({
  name: 'CategoryEncoding',
  config: { numTokens: int(), outputMode: outputMode('multi_hot'), squeezeOneHot: bool(true) },
  callArguments: ['inputs', 'count_weights'],
  castInputs: false,
  call({ numTokens, outputMode, squeezeOneHot }, _weights, [x], ops, { computeDtype, arguments: given }) {
    if (outputMode === 'int') return x!;
    const options = { mode: outputMode, depth: numTokens, dtype: computeDtype, squeeze: squeezeOneHot };
    return encode(ops.cast(x!, 'int64'), { ...options, weights: tensorArgument(given.count_weights) }, ops);
  },
});
