/** Compiling in Keras 3: from a `.keras` file's compile_config, and from an HDF5 file's training_config. */

import { inVersions } from '../../eras/versions.ts';
import { deserialize, isCallable, type Revived } from '../keras3/deserialize.ts';
import { getIdentifier } from '../keras3/identifiers.ts';
import { lookUp, type TableSpace } from '../keras3/tables.ts';
import { isOwnName } from '../legacy/registry.ts';
import { exception, isPythonException, raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run, remark, since } from '../run.ts';

/** `compile_from_config`: everything is deserialised, then compiled. */
export function compile3(run: Run, config: PyDict, where: string): void {
  const stage = run.stage;
  run.stage = 'compile';
  deserialize(run, config, where);
  run.stage = stage;
  if (run.environment.line === 'keras3' && where === '/compile_config') remarkSteps(run, config);
}

/** tf.keras leaves out what Keras 3 counts with: it loads, and fails when it is asked to predict (trainers/trainer.py). */
function remarkSteps(run: Run, { steps_per_execution: steps }: PyDict): void {
  if (steps !== null) return;
  remark(run, 'keras2-file-in-keras3', {
    text: "steps_per_execution is null: predict and fit say '>' not supported between instances of 'NoneType' and 'int'; load with compile=False, or compile again",
    where: 'compile_config',
    offset: null,
  });
}

/** `compile_args_from_training_config` of legacy/saving/saving_utils.py. */
export function compileLegacy3(run: Run, config: PyDict): void {
  if (!has(config, 'optimizer_config'))
    raise('KeyError', "'optimizer_config'", { failure: 'optimizer-state-mismatch' });
  optimizer(run, config.optimizer_config!);
  nested(run, 'losses', config.loss, 'training_config/loss');
  nested(run, 'metrics', config.metrics, 'training_config/metrics');
  nested(run, 'metrics', config.weighted_metrics, 'training_config/weighted_metrics');
  if (!has(config, 'loss_weights')) raise('KeyError', "'loss_weights'", { failure: 'optimizer-state-mismatch' });
}

function optimizer(run: Run, stored: PyValue): void {
  if (!isDict(stored) || !has(stored, 'class_name')) return;
  const name = String(stored.class_name);
  const lower = run.release.identifier('optimizers', name.toLowerCase()) ?? name;
  const config: PyDict = { ...stored, class_name: run.release.classAt('optimizers', lower) ? lower : name };
  const known = byLowerCase(run, name);
  if (known) config.class_name = known;
  const revived = deserialize(run, config, 'training_config/optimizer_config', 'optimizers');
  resolveOld(run, 'optimizers', revived, stored);
}

function byLowerCase(run: Run, name: string): string | null {
  return run.release.names('strings.optimizers').find(known => known.toLowerCase() === name.toLowerCase()) ?? null;
}

/** A name that came back as it was is taken from the config's own `name`, whatever that names. */
function resolveOld(run: Run, space: 'optimizers' | 'losses' | 'metrics', revived: Revived, stored: PyValue): void {
  if (isCallable(revived) || revived.kind !== 'plain' || typeof revived.value !== 'string') return;
  if (lookUp(run, space, revived.value)) return;
  if (typeof stored === 'string') {
    const text = inVersions(run.environment.python, '3.11')
      ? "string indices must be integers, not 'str'"
      : 'string indices must be integers';
    return obstacle(run, 'TypeError', text, missing(stored, `training_config/${space}`));
  }
  if (!isDict(stored)) return;
  const inner = stored.config;
  if (!isDict(inner)) return;
  if (!has(inner, 'name'))
    return obstacle(
      run,
      'KeyError',
      reprString('name'),
      missing(String(stored.class_name), `training_config/${space}`),
    );
  try {
    getIdentifier(run, space, inner.name, `training_config/${space}`);
  } catch (error) {
    const name = String(stored.class_name);
    if (!isPythonException(error) || !isOwnName(name)) throw error;
    throw exception(error.type, error.message, missing(name, `training_config/${space}`));
  }
}

function missing(name: string, where: string) {
  return {
    failure: isOwnName(name) ? 'custom-object-missing' : 'keras2-file-in-keras3',
    evidence: { text: `"${name}" is not known to Keras 3; only training needs it`, where, offset: null },
    suppose: `custom:${name}`,
  };
}

const left = ['accuracy', 'acc', 'crossentropy', 'ce'];

function nested(run: Run, space: TableSpace & ('losses' | 'metrics'), value: PyValue | undefined, where: string): void {
  if (value === undefined || value === null) return;
  const single = typeof value === 'string' || (isDict(value) && has(value, 'class_name'));
  if (single) {
    if (space === 'metrics' && typeof value === 'string' && left.includes(value)) return;
    const revived = one(run, space, value, where);
    if (where.split('/').length === 2 && !where.endsWith('weighted_metrics')) resolveOld(run, space, revived, value);
    return;
  }
  const items = isList(value) ? value : isDict(value) ? Object.values(value) : [];
  for (const item of items) nested(run, space, item, `${where}/`);
}

function one(run: Run, space: 'losses' | 'metrics', value: PyValue, where: string): Revived {
  if (typeof value === 'string' && isGiven(run, value)) return { kind: 'function', name: value };
  void since;
  return deserialize(run, value, where, space);
}
