/**
 * Reviving a SavedModel's layers from their configs: what fails falls back to the saved functions, save for a few kinds
 * of failure. Facts: `_revive_layer_or_model_from_config` in saving/saved_model/load.py.
 */

import type { RawSavedModel } from '../../artefacts/raw/index.ts';
import { loadFunction } from '../lambda-code.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { isOwnName } from '../legacy/registry.ts';
import { evidence, isPythonException, raise } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { isDict, type PyDict } from '../python/values.ts';
import { isGiven, type Run, since } from '../run.ts';

interface Described {
  readonly id: number;
  readonly metadata: PyDict;
}

function described(run: Run, savedModel: RawSavedModel): Described[] {
  const beside = since(run, '2.5')
    ? savedModel.metadata?.nodes.map(({ id, metadata }) => ({ id, text: metadata }))
    : null;
  const inside = (savedModel.nodes ?? [])
    .map(({ metadata }, id) => ({ id, text: metadata }))
    .filter(({ text }) => text !== '');
  return (beside ?? inside).flatMap(({ id, text }) => {
    try {
      const metadata = jsonLoads(text);
      return isDict(metadata) ? [{ id, metadata }] : [];
    } catch {
      return [];
    }
  });
}

export function reviveLayers(run: Run, savedModel: RawSavedModel): void {
  for (const { id, metadata } of described(run, savedModel)) {
    const config = isDict(metadata.config) ? metadata.config : {};
    const name = String(metadata.class_name ?? '');
    if (name === 'Lambda' && config.function_type === 'lambda') reviveLambda(run, config);
    if (metadata.must_restore_from_config === true) mustRestore(run, name, config);
    checkCallable(run, savedModel, id, name, metadata);
  }
}

/** Only errors of type, value and key are caught: a broken function is none of them. */
function reviveLambda(run: Run, config: PyDict): void {
  try {
    loadFunction(run, config.function!, 'keras_metadata.pb');
  } catch (error) {
    if (!isPythonException(error) || !['TypeError', 'ValueError', 'KeyError'].includes(error.type)) throw error;
  }
}

function mustRestore(run: Run, name: string, config: PyDict): void {
  if (!since(run, '2.5')) return;
  try {
    deserializeLayer(run, { class_name: name, config }, 'keras_metadata.pb');
  } catch (error) {
    if (!isPythonException(error) || !['TypeError', 'ValueError', 'KeyError'].includes(error.type)) throw error;
    if (!since(run, '2.8')) throw error;
    const facts = run.release.classAt('layers', name);
    const text = facts
      ? `Unable to restore object of class '${name}' likely due to name conflict with built-in Keras class '<class '${facts.module}.${name}'>'. To override the built-in Keras definition of the object, decorate your class with \`@keras.utils.register_keras_serializable\` and include that file in your program, or pass your class in a \`keras.utils.CustomObjectScope\` that wraps this load call.`
      : `Unable to restore object of class '${name}'. One of several possible causes could be a missing custom object. Decorate your custom object with \`@keras.utils.register_keras_serializable\` and include that file in your program, or pass your class in a \`keras.utils.CustomObjectScope\` that wraps this load call.`;
    raise('RuntimeError', text, { failure: error.failure, evidence: error.evidence });
  }
}

/** A user's layer without saved functions cannot be called, once its class is not given. */
function checkCallable(run: Run, savedModel: RawSavedModel, id: number, name: string, metadata: PyDict): void {
  const node = savedModel.nodes?.[id];
  if (node?.identifier !== '_tf_keras_layer' || !isOwnName(name) || isGiven(run, name)) return;
  const saved = node.children.some(child => /^(__call__|call_and_return|call_fn)/.test(child.name));
  if (saved || !since(run, '2.4')) return;
  const layer = String(metadata.name ?? name);
  const inner = `Cannot call custom layer ${layer} of type <class 'keras.saving.saved_model.load.${name}'>, because the call function was not serialized to the SavedModel.Please try one of the following methods to fix this issue:`;
  const text = since(run, '2.7')
    ? `Exception encountered when calling layer "${layer}" (type ${name}).\n\n${inner}`
    : inner;
  raise('ValueError', text, {
    failure: 'custom-object-missing',
    evidence: evidence(`"${name}" was saved without its functions (save_traces=False)`, `object ${id}`),
  });
}
