/**
 * DynamicLookup and DynamicEmbedding (tf.keras 2.12 to 2.15, experimental): places in a vocabulary that is a variable,
 * and embeddings of them. At inference the vocabulary does not grow.
 */

import { defineLayer } from '../define.ts';
import { int, json } from '../fields.ts';

const dynamicLookup = defineLayer({
  name: 'DynamicLookup',
  config: { vocabularySize: int() },
  callArguments: ['inputs', 'learn_vocab'],
  castInputs: false,
  weights: ({ vocabularySize }) => ({
    vocabularyTableKeys: { shape: [null], trainable: false, optional: true, autocast: false },
    vocabularyTableValues: { shape: [null], trainable: false, optional: true, autocast: false, dtype: 'int32' },
    vocabulary: { shape: [vocabularySize], trainable: false, autocast: false },
  }),
  call({ vocabularySize }, { vocabulary }, [x], ops) {
    const equal = ops.equal(ops.expandDims(x!, -1), ops.cast(vocabulary!, x!.dtype));
    const place = ops.argmax(ops.cast(equal, 'int32'), { axis: -1 });
    return ops.cast(ops.where(ops.any(equal, { axis: -1 }), place, vocabularySize), 'int64');
  },
});

const dynamicEmbedding = defineLayer({
  name: 'DynamicEmbedding',
  config: { inputDim: int(), outputDim: int(), initialVocabulary: json() },
  callArguments: ['inputs', 'learn_vocab'],
  castInputs: false,
  sublayers: ({ inputDim, outputDim }) => ({
    dynamic_lookup_layer: { className: 'DynamicLookup', config: { vocabulary_size: inputDim } },
    embedding_layer: { className: 'Embedding', config: { input_dim: inputDim + 1, output_dim: outputDim } },
  }),
  call: (_config, _weights, inputs, _ops, { sublayers }) =>
    sublayers.embedding_layer!.call(sublayers.dynamic_lookup_layer!.call(inputs).outputs),
});

export default [dynamicLookup, dynamicEmbedding];
