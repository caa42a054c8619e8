/** `load_model` of Keras 1. Facts: keras/models.py of 1.2.2. */

import { readTrainingConfig } from '../compile/training-config.ts';
import { attribute, child, decode, h5String, openFile } from '../h5py.ts';
import { layerFromConfig1 } from '../keras1/layer.ts';
import { require } from '../keras1/lookup.ts';
import { evidence, raise } from '../python/exception.ts';
import { jsonLoadsKept } from '../python/json.ts';
import { has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { loadByOrder } from '../weights/by-order.ts';
import { loadOptimizerWeights } from '../weights/optimizer.ts';
import type { NameReading } from '../weights/saved-layers.ts';
import { holdsWeights } from './legacy-h5.ts';

export function loadModelKeras1(run: Run): void {
  const root = openFile(run, run.raw.hdf5);
  const stored = attribute(run, root, 'model_config');
  const value = stored && h5String(run, stored);
  if (!value) {
    const weights = holdsWeights(root);
    raise('ValueError', 'No model found in config file.', {
      failure: weights ? 'weights-only-as-model' : 'not-a-model-file',
      evidence: evidence(weights ? 'the file holds weights only' : 'the file has no model_config', '/'),
    });
  }
  const text = decode(run, value, true, 'model_config');
  const config = jsonLoadsKept(value.bytes, text, value.type, {
    failure: 'truncated-or-corrupt',
    evidence: evidence('the model_config is not valid JSON', 'model_config', stored.offset),
  });
  run.stage = 'config';
  modelFromConfig1(run, config);
  run.stage = 'weights';
  const group = child(run, root, 'model_weights');
  if (group.kind === 'group') loadByOrder(run, group, run.inferred, nameReading1, true);
  run.stage = 'compile';
  const training = readTrainingConfig(run, root, true);
  if (!training) return;
  compile1(run, training);
  loadOptimizerWeights(run, root, nameReading1);
}

export const nameReading1: NameReading = {
  alwaysDecode: true,
  missing: (_group, name) =>
    raise('KeyError', `"Can't open attribute (can't locate attribute: '${name}')"`, {
      failure: 'weights-order-or-name-mismatch',
    }),
  child,
};

export function modelFromConfig1(run: Run, config: PyValue): void {
  if (isList(config)) {
    raise(
      'TypeError',
      '`model_fom_config` expects a dictionary, not a list. Maybe you meant to use `Sequential.from_config(config)`?',
      { failure: 'keras1-config' },
    );
  }
  layerFromConfig1(run, config, '');
}

function compile1(run: Run, config: PyDict): void {
  optimizer(run, config.optimizer_config);
  for (const key of ['loss', 'metrics', 'sample_weight_mode', 'loss_weights'])
    if (!has(config, key))
      raise('KeyError', `'${key}'`, {
        failure: 'newer-file-older-keras',
        evidence: evidence(`training_config has no "${key}"`, 'training_config'),
      });
  each(config.loss, name => require(run, 'objective', name, 'training_config/loss'));
  each(config.metrics, name => {
    if (name !== 'accuracy' && name !== 'acc') require(run, 'metric', name, 'training_config/metrics');
  });
}

function each(value: PyValue | undefined, visit: (name: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (isList(value)) for (const item of value) each(item, visit);
  else if (isDict(value)) for (const item of Object.values(value)) each(item, visit);
}

const optimizers = ['sgd', 'rmsprop', 'adagrad', 'adadelta', 'adam', 'adamax', 'nadam', 'tfoptimizer'];

function optimizer(run: Run, stored: PyValue | undefined): void {
  if (!isDict(stored)) return;
  const name = String(stored.class_name);
  if (isGiven(run, name)) return;
  if (!optimizers.includes(name.toLowerCase())) {
    return obstacle(run, 'ValueError', `('Optimizer class not found:', '${name}')`, {
      failure: 'custom-object-missing',
      evidence: evidence(`"${name}" is no optimizer of Keras 1`, 'training_config/optimizer_config'),
      suppose: `custom:${name}`,
    });
  }
  const facts = run.release.classAt('optimizers', name);
  const known = new Set([
    ...(facts?.parameters?.map(parameter => parameter.name) ?? []),
    'clipnorm',
    'clipvalue',
    ...(facts?.inherited ?? []),
  ]);
  const unknown = Object.keys(isDict(stored.config) ? stored.config : {}).find(key => !known.has(key));
  if (facts && unknown !== undefined) {
    obstacle(run, 'TypeError', `Unexpected keyword argument passed to optimizer: ${unknown}`, {
      failure: 'optimizer-state-mismatch',
      evidence: evidence(`${name} of Keras 1 takes no "${unknown}"`, 'training_config/optimizer_config'),
      suppose: `optimizer:${unknown}`,
    });
  }
}
