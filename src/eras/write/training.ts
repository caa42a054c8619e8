/**
 * Compile arguments in the words of a release: an optimizer's class and settings by what the release's own optimizer
 * takes, losses and metrics under names that every release finds.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { withoutPackage } from '../names.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import type { Note } from './objects.ts';
import { namesModules, type Target, targetForm } from './target.ts';

/** Short names that some releases do not find when they load (keras 3: Could not locate function 'mse'). */
const fullNames: Readonly<Record<string, string>> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
  kld: 'kullback_leibler_divergence',
};

/** Settings under two names. */
const synonyms: readonly (readonly [string, string])[] = [['lr', 'learning_rate']];

export interface TrainingToWrite {
  readonly optimizer: Json;
  readonly loss: Json;
  readonly metrics: Json;
  readonly lossWeights: Json;
}

/** Null, with a note, where the target has no such optimizer; prediction needs none. */
export function writeTraining(
  training: TrainingToWrite,
  target: Target,
  dialect: 'h5' | 'v3',
  note: Note,
): JsonObject | null {
  const optimizer = writeOptimizer(training.optimizer, target, note);
  if (!optimizer) return null;
  if ((target.line === 'keras1' || target.line === 'keras2') && hasObject(training.loss)) {
    note({ key: 'loss', what: 'losses are functions there, not objects with settings; the copy is not compiled' });
    return null;
  }
  const loss = plainNames(training.loss, target);
  const metrics = target.line === 'keras1' ? [] : plainNames(training.metrics ?? [], target);
  const both: JsonObject = { loss, metrics, loss_weights: training.lossWeights };
  if (dialect === 'v3') {
    const running = { weighted_metrics: null, run_eagerly: false, steps_per_execution: 1, jit_compile: false };
    return { optimizer, ...both, ...running };
  }
  return { optimizer_config: optimizer, ...both, sample_weight_mode: null };
}

/** A dictionary is read there as one loss for each output (keras/engine/training.py of 2.2.4: compile). */
function hasObject(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasObject);
  if (!isRecord(value)) return false;
  return classNameOf(value) !== null || Object.values(value).some(hasObject);
}

function writeOptimizer(stored: Json, target: Target, note: Note): JsonObject | null {
  const className = classNameOf(stored);
  const name = className && withoutPackage(className);
  const form = name && targetForm(target, 'optimizers', name);
  if (!name || !form || !isRecord(stored)) {
    note({ key: 'optimizer', what: `the optimizer ${name ?? 'of the file'} is not there; the copy is not compiled` });
    return null;
  }
  const given = isRecord(stored.config) ? stored.config : {};
  const config: { [key: string]: Json } = {};
  for (const [key, example] of Object.entries(form)) {
    const value = settingOf(given, key);
    const usable = value !== undefined && !(isRecord(value) && !namesModules(target));
    config[key] = usable ? value : example;
  }
  const plain: JsonObject = { class_name: name, config };
  return namesModules(target) ? { module: 'keras.optimizers', ...plain, registered_name: null } : plain;
}

function settingOf(config: JsonObject, key: string): Json | undefined {
  const names = synonyms.find(pair => pair.includes(key)) ?? [key];
  return names.map(name => config[name]).find(value => value !== undefined);
}

function plainNames(value: Json, target: Target): Json {
  if (typeof value === 'string') return fullNames[value.toLowerCase()] ?? value;
  if (Array.isArray(value)) return value.map(item => plainNames(item, target));
  if (!isRecord(value)) return value;
  if (classNameOf(value) !== null) return lossObject(value, target);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plainNames(held, target)]));
}

/** tf.keras writes `reduction: auto`, which Keras 3 has no longer; a function wrapped as an object is its name. */
function lossObject(value: JsonObject, target: Target): Json {
  const config = isRecord(value.config) ? value.config : {};
  if (classNameOf(value) === 'MeanMetricWrapper' && typeof config.fn === 'string') return plainNames(config.fn, target);
  if (config.reduction !== 'auto' || target.line !== 'keras3') return value;
  return { ...value, config: { ...config, reduction: 'sum_over_batch_size' } };
}
