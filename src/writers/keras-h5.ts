/**
 * Writes legacy .h5 models for any release of Keras: architecture in `model_config`, weights below `model_weights`,
 * training configuration and optimizer state where the target takes them.
 */

import type { ByteSink } from '../bytes/sink.ts';
import { type AttributeNode, type GroupNode, writeHdf5 } from '../containers/hdf5/writer/index.ts';
import type { Target } from '../eras/write/target.ts';
import type { JsonObject, Model, TensorRef } from '../model/types.ts';
import { pythonJson } from './json.ts';
import { datasetOf, legacyTree, namesAttributes } from './legacy-weights.ts';
import type { CopyOptions } from './tensors.ts';

export interface H5Content {
  readonly model: Model;
  /** `{class_name, config}` in the target's words. */
  readonly config: JsonObject;
  /** `training_config` in the target's words; null leaves the model uncompiled. */
  readonly training: JsonObject | null;
  /** Optimizer variables in the target's order; empty leaves them out. */
  readonly optimizerWeights: readonly TensorRef[];
}

/** The caller closes the sink. */
export async function writeKerasH5(
  content: H5Content,
  target: Target,
  sink: ByteSink,
  options: CopyOptions = {},
): Promise<void> {
  await writeHdf5(kerasH5Tree(content, target, options), sink, options);
}

/** What the target writes as `keras_version`: tf.keras up to TF 2.3 adds a suffix. */
function versionText({ line, keras }: Target): string {
  return line === 'tf.keras' && /^2\.[1-3]\./.test(keras) ? `${keras}-tf` : keras;
}

function kerasH5Tree(
  { model, config, training, optimizerWeights }: H5Content,
  target: Target,
  options: CopyOptions,
): GroupNode {
  const identity: AttributeNode[] = [{ name: 'keras_version', value: asciiText(versionText(target)) }];
  // Keras 1 names no backend; Theano is told by the names of its weights.
  if (target.line !== 'keras1') identity.push({ name: 'backend', value: asciiText(target.backend ?? 'tensorflow') });
  const weights = legacyTree(model, target, options);
  const members = new Map<string, GroupNode>([
    ['model_weights', { ...weights, attributes: [...(weights.attributes ?? []), ...identity] }],
  ]);
  if (training && optimizerWeights.length > 0)
    members.set('optimizer_weights', optimizerTree(optimizerWeights, options));
  const attributes = [...identity, { name: 'model_config', value: asciiText(pythonJson(config)) }];
  if (training) attributes.push({ name: 'training_config', value: asciiText(pythonJson(training)) });
  return { kind: 'group', attributes, members };
}

/** The character set by which h5py 2 gives bytes, which loaders of its days decode; JSON escapes all else. */
function asciiText(text: string): AttributeNode['value'] {
  return { kind: 'text', text, ascii: true };
}

function optimizerTree(tensors: readonly TensorRef[], options: CopyOptions): GroupNode {
  const names = tensors.map((_, index) => `variable_${index}:0`);
  return {
    kind: 'group',
    attributes: namesAttributes('weight_names', names),
    members: new Map(tensors.map((tensor, index) => [names[index] as string, datasetOf(tensor, options)])),
  };
}
