/** Arguments of a layer's call that a release has not yet, where Keras got them only later. */

import { isTarget, type Target } from './target.ts';

/**
 * TensorFlow's release in which `call` took the argument, by class; `*` is every class. Null: only Keras 3. From
 * introspection of the releases (Attention: keras/layers/attention/base_dense_attention.py).
 */
const since: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  use_causal_mask: { '*': '2.10' },
  return_attention_scores: { Attention: '2.4', AdditiveAttention: '2.4' },
  query_mask: { '*': null },
  key_mask: { '*': null },
  value_mask: { '*': null },
};

/** True where the release's `call` would raise at that keyword. */
export function lacksCallArgument(className: string, argument: string, target: Target): boolean {
  const releases = since[argument];
  const release = releases?.[className] ?? releases?.['*'];
  if (release === undefined || target.line === 'keras3') return false;
  if (release === null) return true;
  return target.line !== 'tf_keras' && !isTarget(target, 'tf.keras', release);
}

/** Layers whose `call` takes `training` before Keras 3; Keras 3 gives it to all of them, where most make nothing of it. */
const trains =
  /Dropout|Noise|BatchNormalization|LSTM|GRU|RNN|Bidirectional|TimeDistributed|Random|Attention|DenseFeatures/;

/** True where `training` says nothing to the layer, and the release's `call` would raise at it. */
export function ignoresTraining(className: string, target: Target): boolean {
  if (target.line === 'keras3') return false;
  const isModel = /^(Functional|Model|Sequential)$/.test(className);
  return isModel ? target.line === 'keras2' : !trains.test(className);
}
