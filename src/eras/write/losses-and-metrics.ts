/**
 * Losses and metrics of compile arguments in the words of a release: functions under full names, objects with the
 * settings that the release's class takes. A metric that is not there is left out; without its loss a model is not
 * compiled.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { withoutPackage } from '../names.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import { releaseOf } from '../signatures/index.ts';
import type { Note } from './objects.ts';
import { formVersion, isTarget, namesModules, type Target, targetForm } from './target.ts';

type Kind = 'losses' | 'metrics';

/** Short names that some releases do not find when they load (keras 3: Could not locate function 'mse'). */
const fullNames: Readonly<Record<string, string>> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
  kld: 'kullback_leibler_divergence',
};

/** One function under several names, newest first. */
const synonyms: readonly (readonly string[])[] = [
  ['kl_divergence', 'kullback_leibler_divergence', 'kld'],
  ['log_cosh', 'logcosh'],
];

/** Metrics that compile itself chooses by the loss. */
const chosenByLoss = ['accuracy', 'acc', 'crossentropy', 'ce'];

/** Keras 1, and Keras 2 before 2.3: losses and metrics are functions. */
function onlyFunctions(target: Target): boolean {
  return target.line === 'keras1' || (target.line === 'keras2' && !isTarget(target, 'keras2', '2.3'));
}

/** Undefined, with a note, where the release lacks one of them. */
export function writeLosses(value: Json, target: Target, note: Note): Json | undefined {
  const missing: string[] = [];
  const written = each(value, item => {
    const word = wordOf(item, 'losses', target);
    if (word === undefined) missing.push(nameOf(item));
    return word;
  });
  if (missing.length === 0) return written ?? null;
  note({ key: 'loss', what: `the loss ${missing[0]} is not there; the copy is not compiled` });
  return undefined;
}

/** `outputs` are the names of the model's outputs: releases without lists of lists take a dictionary by them. */
export function writeMetrics(value: Json, outputs: readonly string[], target: Target, note: Note): Json {
  if (target.line === 'keras1') return [];
  const nested = onlyFunctions(target) ? byOutput(value, outputs) : value;
  const written = each(nested, item => {
    const word = wordOf(item, 'metrics', target);
    if (word === undefined) note({ key: 'metrics', what: `the metric ${nameOf(item)} is not there and is left out` });
    return word;
  });
  return written ?? [];
}

/** A list of lists as one list, or as lists by the outputs' names. */
function byOutput(value: Json, outputs: readonly string[]): Json {
  if (!Array.isArray(value) || !value.some(item => Array.isArray(item))) return value;
  const [only] = value;
  if (value.length === 1 && Array.isArray(only)) return only;
  if (value.length !== outputs.length) return [];
  return Object.fromEntries(outputs.map((name, at) => [name, value[at] as Json]));
}

/** Every name and object in its nesting; what `write` leaves undefined is left out. */
function each(value: Json, write: (item: Json) => Json | undefined): Json | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(item => each(item, write)).filter(item => item !== undefined);
  if (!isRecord(value) || classNameOf(value) !== null) return write(value);
  const entries = Object.entries(value).map(([key, held]) => [key, each(held, write)] as const);
  return Object.fromEntries(entries.filter(([, held]) => held !== undefined)) as JsonObject;
}

function nameOf(item: Json): string {
  if (typeof item === 'string') return item;
  const className = classNameOf(item) ?? 'without a name';
  const named = className === 'function' && isRecord(item) && typeof item.config === 'string';
  return named ? String((item as JsonObject).config) : className;
}

function wordOf(item: Json, kind: Kind, target: Target): Json | undefined {
  if (typeof item === 'string') return functionName(item, kind, target);
  const className = classNameOf(item);
  if (!isRecord(item) || className === null) return undefined;
  const config = isRecord(item.config) ? item.config : {};
  const wrapped = className === 'MeanMetricWrapper' || className === 'LossFunctionWrapper' ? config.fn : undefined;
  if (typeof wrapped === 'string') return functionName(wrapped, kind, target);
  if (isUsers(item)) return item;
  const name = withoutPackage(className);
  const form = targetForm(target, kind, name);
  // Keras 2.3 takes a metric's dictionary for the name of a class (keras/metrics.py: get).
  const named = onlyFunctions(target) || (kind === 'metrics' && target.line === 'keras2');
  if (form && !named) {
    const module = typeof item.module === 'string' ? item.module : `keras.${kind}`;
    return objectOf(module, name, config, form, target);
  }
  return kind === 'metrics' ? functionName(snakeCase(name), kind, target) : undefined;
}

/** The user's own, which the release is given with the file. */
function isUsers(item: JsonObject): boolean {
  return typeof item.registered_name === 'string' && item.registered_name !== item.class_name;
}

/** Names of the user's own functions are kept: they are given with the file too. */
function functionName(name: string, kind: Kind, target: Target): Json | undefined {
  if (kind === 'metrics' && chosenByLoss.includes(name)) return name;
  const full = fullNames[name.toLowerCase()] ?? name;
  const names = [full, ...(synonyms.find(group => group.includes(full)) ?? [])];
  return names.find(candidate => isKnown(candidate, kind, target));
}

function isKnown(name: string, kind: Kind, target: Target): boolean {
  const release = releaseOf(target.line, formVersion(target));
  const spaces = kind === 'metrics' ? ['metrics', 'losses'] : ['losses', 'objectives'];
  const isClass = spaces.some(space => release.classAt(space, name) !== null);
  // Names of classes make objects from TF 2.2 on.
  if (isClass) return namesClasses(target);
  return spaces.some(space => release.has(space, name) || release.identifier(space, name) !== null);
}

function namesClasses(target: Target): boolean {
  return isTarget(target, 'tf.keras', '2.2') || target.line === 'tf_keras' || target.line === 'keras3';
}

/** The settings that the release's class takes; `reduction: auto` is what standalone Keras calls by what it does. */
function objectOf(module: string, className: string, config: JsonObject, form: JsonObject, target: Target): JsonObject {
  const kept = Object.keys(form).filter(key => key in config);
  const settings = Object.fromEntries(kept.map(key => [key, settingOf(key, config[key] as Json, target)]));
  const plain = { class_name: className, config: settings };
  return namesModules(target) ? { module, ...plain, registered_name: null } : plain;
}

function settingOf(key: string, value: Json, target: Target): Json {
  const chosen = key === 'reduction' && value === 'auto';
  if (chosen && (target.line === 'keras3' || target.line === 'keras2')) return 'sum_over_batch_size';
  if (key === 'dtype' && isRecord(value)) return isRecord(value.config) ? (value.config.name ?? 'float32') : 'float32';
  return value;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
