/**
 * Compile arguments in the words of a release: an optimizer's class and settings by what the release's own optimizer
 * takes, losses and metrics under names that every release finds.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { withoutPackage } from '../names.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import { releaseOf } from '../signatures/index.ts';
import { writeLosses, writeMetrics } from './losses-and-metrics.ts';
import type { Note } from './objects.ts';
import { formVersion, isTarget, namesModules, type Target, targetClasses, targetForm } from './target.ts';

/** Settings under two names. */
const synonyms: readonly (readonly [string, string])[] = [['lr', 'learning_rate']];

export interface TrainingToWrite {
  readonly optimizer: Json;
  readonly loss: Json;
  readonly metrics: Json;
  readonly lossWeights: Json;
  /** Names of the model's outputs, where metrics are given for each. */
  readonly outputs?: readonly string[];
}

/** Null, with a note, where the target has no such optimizer; prediction needs none. */
export function writeTraining(
  training: TrainingToWrite,
  target: Target,
  dialect: 'h5' | 'v3',
  note: Note,
): JsonObject | null {
  const optimizer = writeOptimizer(training.optimizer, target, dialect, note);
  if (!optimizer) return null;
  const loss = writeLosses(training.loss, target, note);
  if (loss === undefined) return null;
  const metrics = writeMetrics(training.metrics ?? [], training.outputs ?? [], target, note);
  const both: JsonObject = { loss, metrics, loss_weights: training.lossWeights };
  if (dialect === 'v3') {
    const running = { weighted_metrics: null, run_eagerly: false, steps_per_execution: 1, jit_compile: false };
    return { optimizer, ...both, ...running };
  }
  return { optimizer_config: optimizer, ...both, sample_weight_mode: null };
}

/** Optimizers of tf.keras that legacy files find under their registered names only (keras/optimizers/__init__.py: deserialize). */
const onlyRegistered = new Set(['AdamW', 'Adafactor', 'Lion']);

function writeOptimizer(stored: Json, target: Target, dialect: 'h5' | 'v3', note: Note): JsonObject | null {
  const name = optimizerName(stored, target);
  const form = name && targetForm(target, 'optimizers', name);
  if (!name || !form) {
    note({ key: 'optimizer', what: `the optimizer ${name ?? 'of the file'} is not there; the copy is not compiled` });
    return null;
  }
  const given = isRecord(stored) && isRecord(stored.config) ? stored.config : {};
  const foreign = foreignSchedule(given.learning_rate ?? null, target);
  if (foreign !== null) {
    note({ key: 'learning_rate', what: `the schedule ${foreign} is not there; the copy is not compiled` });
    return null;
  }
  if (name === 'Nadam' && isRecord(given.learning_rate ?? null) && refusesSchedules(target)) {
    note({ key: 'learning_rate', what: 'Nadam takes no schedule there; the copy is not compiled' });
    return null;
  }
  const config: { [key: string]: Json } = {};
  for (const [key, example] of Object.entries(form)) {
    const value = settingOf(given, key);
    if (key === 'inner_optimizer' && isRecord(value ?? null)) {
      const inner = writeOptimizer(value ?? null, target, dialect, note);
      if (!inner) return null;
      config[key] = inner;
      continue;
    }
    config[key] = value === undefined ? example : isRecord(value) ? writeSchedule(value, target, example) : value;
  }
  Object.assign(config, clippedAs(given, form, target));
  for (const key of lostSettings(given, config)) {
    note({ key: 'setting', what: `the optimizer ${name} takes no ${key} there; only training would use it` });
  }
  const registered = dialect === 'h5' && target.line !== 'keras3' && onlyRegistered.has(name);
  const plain: JsonObject = { class_name: registered ? `Custom>${name}` : name, config };
  return namesModules(target) ? { module: 'keras.optimizers', ...plain, registered_name: null } : plain;
}

/** Bounds of gradients, which configs before TensorFlow 2.11 list only where they are set (optimizer_v2.py: get_config). */
function clippedAs(given: JsonObject, form: JsonObject, target: Target): JsonObject {
  const all = isTarget(target, 'tf.keras', '2.4') || target.line === 'tf_keras';
  const bounds = ['clipnorm', 'clipvalue', ...(all ? ['global_clipnorm'] : [])];
  const set = bounds.filter(key => !(key in form) && given[key] != null);
  return Object.fromEntries(set.map(key => [key, given[key] as Json]));
}

/** What steers training, is on, and has no place in the release's config. */
function lostSettings(given: JsonObject, config: JsonObject): string[] {
  const steering =
    /^(clip(norm|value)|global_clipnorm|weight_decay|use_ema|gradient_accumulation_steps|amsgrad|centered|momentum|nesterov|decay)$/;
  return Object.keys(given).filter(key => steering.test(key) && Boolean(given[key]) && !(key in config));
}

/** `adam` names the class with its defaults. */
function optimizerName(stored: Json, target: Target): string | null {
  if (typeof stored !== 'string') {
    const className = classNameOf(stored);
    return className && withoutPackage(className);
  }
  return targetClasses(target, 'optimizers').find(name => name.toLowerCase() === stored.toLowerCase()) ?? null;
}

/** The name of a schedule that only the user's own code has; null for all others. */
function foreignSchedule(rate: Json, target: Target): string | null {
  const className = isRecord(rate) ? classNameOf(rate) : null;
  if (className === null || target.line === 'keras1' || target.line === 'keras2') return null;
  const name = withoutPackage(className);
  const known = releaseOf(target.line, formVersion(target)).classAt('optimizers.schedules', name);
  return known ? null : name;
}

/** Nadam of optimizer_v2 raises for one (optimizer_v2/nadam.py). */
function refusesSchedules(target: Target): boolean {
  return target.line === 'tf.keras' && isTarget(target, 'tf.keras', '2.0') && !isTarget(target, 'tf.keras', '2.11');
}

/** A learning rate that changes with the steps: an object everywhere but in Keras 1 and 2, where its first value stands for it. */
function writeSchedule(value: JsonObject, target: Target, example: Json): Json {
  const className = classNameOf(value);
  const config = isRecord(value.config) ? value.config : {};
  if (className === null) return value;
  if (target.line === 'keras1' || target.line === 'keras2') return config.initial_learning_rate ?? example;
  // Keras 3 opens a scope of that name at every step and takes none for an error.
  const { name = null, ...unnamed } = config;
  const plain = { class_name: withoutPackage(className), config: name === null ? unnamed : config };
  const module = String(value.module ?? 'keras.optimizers.schedules');
  const registered = value.registered_name ?? null;
  return namesModules(target) ? { module, ...plain, registered_name: registered } : plain;
}

function settingOf(config: JsonObject, key: string): Json | undefined {
  const names = synonyms.find(pair => pair.includes(key)) ?? [key];
  return names.map(name => config[name]).find(value => value !== undefined);
}
