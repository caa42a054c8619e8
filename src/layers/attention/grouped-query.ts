/** GroupedQueryAttention: several query heads share one head of keys and values. Over one axis, three axes in all. */

import { defineLayer } from '../define.ts';
import { int } from '../fields.ts';
import { attendByHeads } from './heads.ts';
import { attentionCallArguments, attentionFields, callMask, projection } from './multi-head.ts';
import { tensorArgument } from './scores.ts';

export default defineLayer({
  name: 'GroupedQueryAttention',
  // Registered under this name (keras.layers.GroupQueryAttention).
  aliases: ['GroupQueryAttention'],
  config: { ...attentionFields, headDim: int(), numQueryHeads: int(), numKeyValueHeads: int() },
  callArguments: attentionCallArguments,
  sublayers: ({ headDim, numQueryHeads, numKeyValueHeads, useBias, useGate, dtype }) => {
    const into = (name: string, heads: number, activation?: string) =>
      projection(name, 'abc,cde->abde', [null, heads, headDim], 'de', useBias, dtype, activation);
    return {
      _query_dense: into('query', numQueryHeads),
      _key_dense: into('key', numKeyValueHeads),
      ...(useGate && { _gate_dense: into('gate', numQueryHeads, 'sigmoid') }),
      _value_dense: into('value', numKeyValueHeads),
      _output_dense: projection('attention_output', 'abcd,cde->abe', [null, null], 'e', useBias, dtype),
    };
  },
  call(config, _weights, [query], ops, context) {
    const { _query_dense, _key_dense, _value_dense, _gate_dense, _output_dense } = context.sublayers;
    const value = tensorArgument(context.arguments.value) ?? query!;
    const key = tensorArgument(context.arguments.key) ?? value;
    const withScores = context.arguments.return_attention_scores === true;
    const repeats = config.numQueryHeads / config.numKeyValueHeads;
    const { output, scores } = attendByHeads(
      _query_dense!.call([query!]).outputs[0]!,
      ops.repeat(_key_dense!.call([key]).outputs[0]!, repeats, { axis: 2 }),
      ops.repeat(_value_dense!.call([value]).outputs[0]!, repeats, { axis: 2 }),
      {
        axes: [1],
        scale: 1 / Math.sqrt(config.headDim),
        mask: callMask(query!, value, context, { ...config, automatic: true }, ops),
        zeroHidden: config.maskRule === 'zero' && (config.dropout > 0 || withScores),
      },
      ops,
    );
    const gated = _gate_dense ? ops.multiply(output, _gate_dense.call([query!]).outputs[0]!) : output;
    _output_dense!.weights([
      [null, null, config.numQueryHeads, config.headDim],
      [null, null, query!.shape.at(-1)!],
    ]);
    const result = _output_dense!.call([gated]).outputs[0]!;
    const outputMask = context.masks[0] ?? null;
    return withScores
      ? { outputs: [result, scores], masks: [outputMask, null] }
      : { outputs: [result], masks: [outputMask] };
  },
});
