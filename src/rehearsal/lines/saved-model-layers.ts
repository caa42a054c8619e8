/**
 * Reviving a SavedModel's layers from their configs: what fails falls back to the saved functions, save for what each
 * release does not catch. Facts: `_revive_layer_or_model_from_config` and `_reconstruct_model` in
 * saving/saved_model/load.py of TensorFlow 2.3 to 2.6 and of the Keras tags.
 */

import type { RawSavedModel } from '../../artefacts/raw/index.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { isOwnName } from '../legacy/registry.ts';
import { evidence, isPythonException, type PythonException, raise, reworded } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { copyDict, isDict, isList, type PyDict, type PyValue, put, tuple } from '../python/values.ts';
import { isGiven, type Run, since } from '../run.ts';
import { reviveMetrics } from './saved-model-metrics.ts';

interface Described {
  readonly id: number;
  readonly identifier: string;
  readonly className: string;
  readonly config: PyDict | null;
  readonly metadata: PyDict;
}

const metadataFile = 'keras_metadata.pb';

function described(run: Run, savedModel: RawSavedModel): Described[] {
  const inside = (savedModel.nodes ?? [])
    .map(({ metadata }, id) => ({ id, text: metadata }))
    .filter(({ text }) => text !== '');
  const beside = since(run, '2.5')
    ? savedModel.metadata?.nodes.map(({ id, metadata }) => ({ id, text: metadata }))
    : null;
  return (beside ?? inside).flatMap(({ id, text }) => {
    const metadata = metadataOf(text);
    if (!metadata) return [];
    const identifier = savedModel.nodes?.[id]?.identifier ?? '';
    const config = isDict(metadata.config) ? metadata.config : null;
    return [{ id, identifier, className: String(metadata.class_name ?? ''), config, metadata }];
  });
}

function metadataOf(text: string): PyDict | null {
  try {
    const metadata = decoded(jsonLoads(text));
    return isDict(metadata) ? metadata : null;
  } catch (error) {
    if (!isPythonException(error)) throw error;
    return null;
  }
}

/** Tuples as the metadata spells them out. */
function decoded(value: PyValue): PyValue {
  if (isList(value)) return value.map(decoded);
  if (!isDict(value)) return value;
  if (value.class_name === '__tuple__' && isList(value.items)) return tuple(value.items.map(decoded));
  const copy = copyDict(value);
  for (const [key, item] of Object.entries(value)) put(copy, key, decoded(item));
  return copy;
}

/** Layers first, then metrics; models that are graphs wait until the variables are restored (`reconstructModels`). */
export function reviveLayers(run: Run, savedModel: RawSavedModel): void {
  const nodes = described(run, savedModel);
  for (const node of nodes) {
    if (node.config && isLayer(node) && since(run, '2.2')) reviveLayer(run, node, node.config);
    checkCallable(run, savedModel, node);
  }
  reviveMetrics(run, nodes);
}

function isLayer({ identifier, metadata, className }: Described): boolean {
  const graph = metadata.is_graph_network === true || className === 'Sequential' || className === 'Functional';
  return identifier !== '_tf_keras_metric' && !graph;
}

function reviveLayer(run: Run, node: Described, config: PyDict): void {
  try {
    deserializeLayer(run, { class_name: node.className, config }, metadataFile);
  } catch (error) {
    if (!isPythonException(error)) throw error;
    const raised = notCaught(run, node, error);
    if (raised) throw raised;
  }
}

/** What the loader lets through of a layer's failure; null where it takes the saved functions instead. */
function notCaught(run: Run, { className, metadata }: Described, error: PythonException): PythonException | null {
  const must = metadata.must_restore_from_config === true;
  const builtin = !isOwnName(className) && run.release.classAt('layers', className);
  const asBuiltin = builtin && since(run, '2.7') && ['TypeError', 'KeyError'].includes(error.type);
  if (since(run, '2.12')) {
    if (!must) return null;
    return asBuiltin ? reworded(error, 'RuntimeError', conflictText(run, className, error)) : error;
  }
  if (asBuiltin) {
    const text = `Unable to restore object of class '${className}' likely due to name conflict with built-in Keras class '<class '${builtin.module}.${className}'>'. To override the built-in Keras definition of the object, decorate your class with \`@keras.utils.register_keras_serializable\` and include that file in your program, or pass your class in a \`keras.utils.CustomObjectScope\` that wraps this load call.`;
    return reworded(error, 'RuntimeError', text);
  }
  if (error.type !== 'ValueError') return error;
  if (!must) return null;
  return since(run, '2.8') ? error : reworded(error, 'RuntimeError', requiredText(run, className));
}

function conflictText(run: Run, className: string, { message }: PythonException): string {
  const call = since(run, '2.13') ? '()' : '';
  return `Unable to restore object of class '${className}'. One of several possible causes could be a missing custom object. Decorate your custom object with \`@keras.utils.register_keras_serializable${call}\` and include that file in your program, or pass your class in a \`keras.utils.CustomObjectScope\` that wraps this load call. \n\nException: ${message}`;
}

function requiredText(run: Run, className: string): string {
  const quote = since(run, '2.7') ? '`' : '';
  return `Unable to restore a layer of class ${className}. Layers of class ${className} require that the class be provided to the model loading code, either by registering the class using ${quote}@keras.utils.register_keras_serializable${quote} on the class def and including that file in your program, or by passing the class in a ${quote}keras.utils.CustomObjectScope${quote} that wraps this load call.`;
}

/** A Sequential does not keep its InputLayer among its layers: it is made from the config again, whatever it says. */
export function reconstructModels(run: Run, savedModel: RawSavedModel): void {
  if (!since(run, '2.2')) return;
  for (const { className, config } of described(run, savedModel)) {
    const first =
      className === 'Sequential' && isList(config?.layers ?? null) ? (config!.layers as PyValue[])[0] : null;
    if (isDict(first ?? null) && (first as PyDict).class_name === 'InputLayer')
      deserializeLayer(run, first!, metadataFile);
  }
}

/** A user's layer without saved functions cannot be called, once its class is not given. */
function checkCallable(run: Run, savedModel: RawSavedModel, { id, identifier, className, metadata }: Described): void {
  if (identifier !== '_tf_keras_layer' || !isOwnName(className) || isGiven(run, className)) return;
  const saved = savedModel.nodes![id]!.children.some(child => /^(__call__|call_and_return|call_fn)/.test(child.name));
  if (saved || !since(run, '2.4')) return;
  const layer = String(metadata.name ?? className);
  const inner = `Cannot call custom layer ${layer} of type <class 'keras.saving.saved_model.load.${className}'>, because the call function was not serialized to the SavedModel.Please try one of the following methods to fix this issue:`;
  const text = since(run, '2.7')
    ? `Exception encountered when calling layer "${layer}" (type ${className}).\n\n${inner}`
    : inner;
  raise('ValueError', text, {
    failure: 'custom-object-missing',
    evidence: evidence(`"${className}" was saved without its functions (save_traces=False)`, `object ${id}`),
  });
}
