/**
 * From `training_config` to `compile`, before Keras 3. Up to tf.keras 2.1 names are resolved inside `compile`; later all
 * objects are made before it, optimizer first. Facts: `_deserialize_model`, `compile_args_from_training_config`.
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import { attribute, decode, h5String } from '../h5py.ts';
import { deserializeIdentifier, since2 } from '../legacy/identifiers.ts';
import { isOwnName, knowsString, type Space } from '../legacy/registry.ts';
import { raiseUnknown, unknownText, type What } from '../legacy/unknown.ts';
import { raise } from '../python/exception.ts';
import { jsonLoadsKept } from '../python/json.ts';
import { repr, reprString } from '../python/repr.ts';
import { has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { deserializeOptimizer } from './optimizer.ts';

/** Reads and decodes the attribute; null where there is none. */
export function readTrainingConfig(run: Run, root: RawGroup, alwaysDecode: boolean): PyDict | null {
  const stored = attribute(run, root, 'training_config');
  const value = stored && h5String(run, stored);
  if (!value) return null;
  const text = decode(run, value, alwaysDecode, 'training_config');
  const config = jsonLoadsKept(value.bytes, text, value.type, {
    failure: 'truncated-or-corrupt',
    evidence: { text: 'the training_config is not valid JSON', where: 'training_config', offset: stored.offset },
  });
  return isDict(config) ? config : {};
}

/** Compiles from the stored config. */
export function compileFrom(run: Run, config: PyDict): void {
  run.stage = 'compile';
  const required = (key: string): PyValue => {
    if (!has(config, key)) {
      raise('KeyError', reprString(key), {
        failure: 'newer-file-older-keras',
        evidence: { text: `training_config has no "${key}"`, where: 'training_config', offset: null },
      });
    }
    return config[key]!;
  };
  deserializeOptimizer(run, required('optimizer_config'));
  if (since2(run, '2.2')) {
    each(config.loss, item => resolve(run, 'losses', item, 'loss function', 'training_config/loss'));
    each(config.metrics, item => metric(run, item, 'metrics'));
    each(config.weighted_metrics, item => metric(run, item, 'weighted_metrics'));
    required('loss_weights');
    return;
  }
  const loss = required('loss');
  const metrics = required('metrics');
  // Loss objects are made before the other keys are looked up.
  if (since2(run, '1.14') && isDict(loss) && has(loss, 'class_name'))
    resolve(run, 'losses', loss, 'loss function', 'training_config/loss');
  required('sample_weight_mode');
  required('loss_weights');
  each(loss, item => resolve(run, 'losses', item, 'loss function', 'training_config/loss'));
  each(metrics, item => metric(run, item, 'metrics'));
  each(config.weighted_metrics, item => metric(run, item, 'weighted_metrics'));
}

/** Objects in whatever nesting of lists and dictionaries by output. */
function each(value: PyValue | undefined, visit: (item: PyValue) => void): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' || (isDict(value) && has(value, 'class_name'))) visit(value);
  else if (isList(value)) for (const item of value) each(item, visit);
  else if (isDict(value)) for (const item of Object.values(value)) each(item, visit);
}

const left = ['accuracy', 'acc', 'crossentropy', 'ce'];

function metric(run: Run, item: PyValue, key: string): void {
  if (typeof item === 'string' && left.includes(item)) return;
  resolve(run, 'metrics', item, 'metric function', `training_config/${key}`);
}

function resolve(run: Run, space: Space, item: PyValue, what: What, where: string): void {
  if (isDict(item)) {
    const name = String(item.class_name);
    if (isGiven(run, name)) return;
    if (name === wrappers[space] && since2(run, '1.13')) return wrapped(run, space, item, what, where);
    return deserializeIdentifier(run, space, item, what, where);
  }
  const name = String(item);
  if (knowsString(run, space, name) || isBuiltInAlias(run, space, name)) return;
  // Custom functions of Keras 3 and late tf.keras are stored by their registered names.
  if (isGiven(run, name)) return;
  if (run.environment.line === 'keras2' || !since2(run, '2.2')) {
    return obstacle(run, 'ValueError', unknownText(run, what, name, 'string'), {
      failure: 'custom-object-missing',
      evidence: { text: `"${name}" is no ${what} of Keras's own; only training needs it`, where, offset: null },
      suppose: `custom:${name}`,
    });
  }
  raiseUnknown(run, what, name, 'string', isOwnName(name), where);
}

/** Aliases that the modules of tf.keras have and export to nobody. */
function isBuiltInAlias(run: Run, space: Space, name: string): boolean {
  return space === 'metrics' && name === 'cosine_proximity' && since2(run, '1.13');
}

/** Classes around a plain function; nobody exports them, and deserialisation finds them in their module. */
const wrappers: { readonly [space: string]: string } = { metrics: 'MeanMetricWrapper', losses: 'LossFunctionWrapper' };

/** The function inside is stored by name, and looked up from TensorFlow 2.3 on. */
function wrapped(run: Run, space: Space, item: PyDict, what: What, where: string): void {
  const inner = isDict(item.config) ? item.config.fn : undefined;
  if (!since2(run, '2.3') || inner === undefined) return;
  if (typeof inner === 'string' || isDict(inner)) return resolve(run, space, inner, what, `${where}/config/fn`);
  raise('ValueError', `Could not interpret ${what} identifier: ${repr(inner)}`, {
    failure: 'custom-object-missing',
    evidence: { text: 'a metric wraps a function that was not stored', where, offset: null },
  });
}
