/**
 * `load_model` of an HDF5 file in standalone Keras 2, tf.keras and tf_keras. Facts: keras/models.py and
 * engine/saving.py of 2.0 to 2.3, saving/hdf5_format.py of tf.keras 1.13 to 2.15.
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import type { Built } from '../built.ts';
import { buildOptimizer } from '../compile/build-optimizer.ts';
import { compileFrom, readTrainingConfig } from '../compile/training-config.ts';
import { attribute, child, contains, decode, h5String, openFile } from '../h5py.ts';
import { since2 } from '../legacy/identifiers.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { raise } from '../python/exception.ts';
import { jsonLoadsKept } from '../python/json.ts';
import { repr } from '../python/repr.ts';
import { isList, type PyValue } from '../python/values.ts';
import { compiles, type Run, since } from '../run.ts';
import { attributeText } from '../stored.ts';
import { loadByOrder } from '../weights/by-order.ts';
import { loadOptimizerWeights } from '../weights/optimizer.ts';
import type { NameReading } from '../weights/saved-layers.ts';

/** Releases before tf.keras 2.5 decode every attribute, whether or not it is text already. */
export function decodesAlways(run: Run): boolean {
  return !since2(run, '2.5');
}

export function loadModelHdf5(run: Run): void {
  const root = openFile(run, run.raw.hdf5);
  const config = readModelConfig(run, root);
  run.stage = 'config';
  deserializeModel(run, config);
  run.stage = 'weights';
  loadWeights(run, root);
  if (!compiles(run)) return;
  run.stage = 'compile';
  const training = readTrainingConfig(run, root, decodesAlways(run));
  if (!training) return;
  compileFrom(run, training);
  if (root.children.optimizer_weights) buildOptimizer(run, training.optimizer_config);
  loadOptimizerWeights(run, root, nameReading(run));
}

function readModelConfig(run: Run, root: RawGroup): PyValue {
  const stored = attribute(run, root, 'model_config');
  const value = stored && h5String(run, stored);
  if (!value) raiseNoConfig(run, root);
  const text = decode(run, value, decodesAlways(run), 'model_config');
  return jsonLoadsKept(value.bytes, text, value.type, {
    failure: 'truncated-or-corrupt',
    evidence: { text: 'the model_config is not valid JSON', where: 'model_config', offset: stored.offset },
  });
}

/** Weights of one layout or the other, without the architecture. */
export function holdsWeights({ attributes, children }: RawGroup): boolean {
  return attributes.layer_names !== undefined || ['model_weights', 'layers', 'vars'].some(name => name in children);
}

function raiseNoConfig(run: Run, root: RawGroup): never {
  const weights = holdsWeights(root);
  const failure = weights ? 'weights-only-as-model' : 'not-a-model-file';
  const words = weights
    ? 'the file holds weights only: layer_names, and no model_config'
    : 'the file has no model_config';
  const facts = { failure, evidence: { text: words, where: '/', offset: null } };
  if (run.environment.line === 'keras2' && since(run, '2.2.3')) {
    raise('ValueError', `Cannot create group in read${since(run, '2.2.5') ? '-' : ' '}only mode.`, facts);
  }
  if (since2(run, '2.7')) {
    const handle = '<tensorflow.python.platform.gfile.GFile object at 0x7f0000000000>';
    raise('ValueError', `No model config found in the file at ${handle}.`, facts);
  }
  raise('ValueError', 'No model found in config file.', facts);
}

/** `model_from_config`. */
export function deserializeModel(run: Run, config: PyValue): Built {
  if (isList(config)) {
    const tail = since2(run, '2.7')
      ? `not a list. Received: config=${repr(config)}. Did you meant to use`
      : 'not a list. Maybe you meant to use';
    raise('TypeError', `\`model_from_config\` expects a dictionary, ${tail} \`Sequential.from_config(config)\`?`, {
      failure: 'keras1-config',
    });
  }
  return deserializeLayer(run, config, '');
}

/** Names in the file as this line reads them. */
export function nameReading(run: Run): NameReading {
  if (run.environment.line === 'keras2' && since(run, '2.2.3')) {
    const refuse = (failure: string, words: string, where: string): never =>
      raise('ValueError', 'Unable to create group (no write intent on file)', {
        failure,
        evidence: { text: words, where, offset: null },
      });
    return {
      alwaysDecode: true,
      missing: ({ path }, name) => refuse('weights-order-or-name-mismatch', `there is no attribute "${name}"`, path),
      child: (inside, group, name) =>
        contains(run, group, name)
          ? child(inside, group, name)
          : refuse('weights-missing-in-file', `"${name}" is listed there and does not exist in the file`, group.path),
    };
  }
  return { alwaysDecode: decodesAlways(run), missing: () => [], child };
}

function loadWeights(run: Run, root: RawGroup): void {
  if (run.environment.line === 'keras2' && since(run, '2.2.3') && !contains(run, root, 'model_weights')) {
    raise('ValueError', `Cannot create group in read${since(run, '2.2.5') ? '-' : ' '}only mode.`, {
      failure: 'weights-missing-in-file',
    });
  }
  const group = child(run, root, 'model_weights');
  if (group.kind !== 'group') return;
  loadWeightsFrom(run, group, true);
}

/** `load_weights_from_hdf5_group`. */
export function loadWeightsFrom(run: Run, group: RawGroup, inModel: boolean): void {
  for (const name of ['keras_version', 'backend']) {
    const stored = attribute(run, group, name);
    const value = stored && h5String(run, stored);
    if (value) decode(run, value, decodesAlways(run), name);
  }
  run.weightsVersion = attributeText(group.attributes.keras_version);
  loadByOrder(run, group, run.inferred, nameReading(run), inModel);
}
