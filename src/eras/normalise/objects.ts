/**
 * Initializers, regularizers, constraints and activations as each era stores them, brought to Keras 3's form: a name,
 * or `{class_name, config}`. What is not Keras's own stays as it is.
 */

import { eraActivations } from '../../layers/era-keys.ts';
import type { Json, JsonObject } from '../../model/types.ts';
import { type Era, isKeras3 } from '../era.ts';
import { classNameOf, isRecord } from './values.ts';

/** Names of initializers before Keras 2 and their object today, as Keras 1's functions drew them. */
const initializerNames: Readonly<Record<string, Json>> = {
  zero: 'zeros',
  one: 'ones',
  uniform: { class_name: 'RandomUniform', config: { minval: -0.05, maxval: 0.05, seed: null } },
  normal: { class_name: 'RandomNormal', config: { mean: 0, stddev: 0.05, seed: null } },
};

/** Classes that were renamed, over all eras. */
const renamedInitializers: Readonly<Record<string, string>> = {
  OrthogonalInitializer: 'Orthogonal',
  IdentityInitializer: 'Identity',
};

/** Keys that only some releases have and Keras 3 refuses (TF 1's initializers carry a dtype). */
const foreignInitializerKeys = new Set(['dtype', 'partition_info', 'verify_shape']);

export function normaliseInitializer(stored: Json, era: Era): Json {
  if (typeof stored === 'string') return era.line === 'keras1' ? (initializerNames[stored] ?? stored) : stored;
  const className = classNameOf(stored);
  if (className === null || !isRecord(stored)) return stored;
  const name = renamedInitializers[className] ?? className.replace(/V[12]$/, '');
  const config = isRecord(stored.config) ? stored.config : {};
  const kept = Object.entries(config).filter(([key]) => !foreignInitializerKeys.has(key));
  return { ...stored, class_name: name, config: Object.fromEntries(kept) };
}

const wordsOfKeras1: Readonly<Record<string, { className: string; keys: Readonly<Record<string, string>> }>> = {
  WeightRegularizer: { className: 'L1L2', keys: {} },
  ActivityRegularizer: { className: 'L1L2', keys: {} },
  L1L2Regularizer: { className: 'L1L2', keys: {} },
  MaxNorm: { className: 'MaxNorm', keys: { m: 'max_value' } },
  MinMaxNorm: { className: 'MinMaxNorm', keys: { low: 'min_value', high: 'max_value' } },
  NonNeg: { className: 'NonNeg', keys: {} },
  UnitNorm: { className: 'UnitNorm', keys: {} },
};

/** Regularizers and constraints; Keras 1 stores `{"name": "MaxNorm", "m": 2, "axis": 0}`. */
export function normalisePenalty(stored: Json): Json {
  if (!isRecord(stored) || classNameOf(stored) !== null || typeof stored.name !== 'string') return stored;
  const { name, ...rest } = stored as JsonObject & { name: string };
  const word = wordsOfKeras1[name];
  const config = Object.entries(rest).map(([key, value]) => [word?.keys[key] ?? key, value]);
  return { class_name: word?.className ?? name, config: Object.fromEntries(config) };
}

/** Functions that changed their name, over all eras. */
const renamedActivations: Readonly<Record<string, string>> = {
  swish: 'silu',
  hard_swish: 'hard_silu',
  log_softmax_v2: 'log_softmax',
  softmax_v2: 'softmax',
  gelu_v2: 'gelu',
  leaky_relu_v2: 'leaky_relu',
  identity: 'linear',
};

/** An activation's name under which Keras 3 knows it, the era's meaning kept (`hard_sigmoid` is not one function). */
export function normaliseActivationName(name: string, era: Era): string {
  const today = renamedActivations[name] ?? name;
  return today === 'hard_sigmoid' && !isKeras3(era) ? eraActivations.hardSigmoid : today;
}

/** Keras's own function as an object (`{"class_name": "function", "config": "relu", …}`) is its name. */
export function normaliseActivation(stored: Json, era: Era): Json {
  if (typeof stored === 'string') return normaliseActivationName(stored, era);
  if (!isRecord(stored) || classNameOf(stored) !== 'function' || typeof stored.config !== 'string') return stored;
  const own = typeof stored.module === 'string' && /^(keras|tf_keras)(\.|$)/.test(stored.module);
  return own ? normaliseActivationName(stored.config, era) : stored;
}
