/**
 * Compile arguments in the words of a release: an optimizer's class and settings by what the release's own optimizer
 * takes, losses and metrics under names that every release finds.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { withoutPackage } from '../names.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import { writeLosses, writeMetrics } from './losses-and-metrics.ts';
import type { Note } from './objects.ts';
import { namesModules, type Target, targetForm } from './target.ts';

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
  const optimizer = writeOptimizer(training.optimizer, target, note);
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
