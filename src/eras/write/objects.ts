/**
 * Initializers, regularizers, constraints, activations and dtype policies in the target's words. What only training
 * asks of (an initializer's scheme, a penalty) may have no equal there: the default stands in, and a note says so.
 */

import { eraActivations } from '../../layers/era-keys.ts';
import type { DTypePolicy, Json, JsonObject } from '../../model/types.ts';
import type { FormKind } from '../forms/index.ts';
import { isKerasName } from '../names.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import { isTarget, namesModules, type Target, targetForm, targetHas } from './target.ts';

/** Something that was written otherwise than it stood, told to the user. */
export interface WriteNote {
  readonly key: string;
  readonly what: string;
}

export type Note = (note: WriteNote) => void;

/** Keras 3 up to 3.3 finds these by the names of their Python classes only (keras/src/initializers/__init__.py). */
const pythonClasses: Readonly<Record<string, string>> = {
  Orthogonal: 'OrthogonalInitializer',
};

/** Variance scalings by the names that newer releases give them (keras/initializers of 2.x). */
const scalings: Readonly<Record<string, { scale: number; mode: string; distribution: string }>> = {
  GlorotUniform: { scale: 1, mode: 'fan_avg', distribution: 'uniform' },
  GlorotNormal: { scale: 1, mode: 'fan_avg', distribution: 'normal' },
  HeUniform: { scale: 2, mode: 'fan_in', distribution: 'uniform' },
  HeNormal: { scale: 2, mode: 'fan_in', distribution: 'normal' },
  LecunUniform: { scale: 1, mode: 'fan_in', distribution: 'uniform' },
  LecunNormal: { scale: 1, mode: 'fan_in', distribution: 'normal' },
};

/** Initializers of Keras 1, which are names of functions. */
const namesOfKeras1: Readonly<Record<string, string>> = {
  GlorotUniform: 'glorot_uniform',
  GlorotNormal: 'glorot_normal',
  HeUniform: 'he_uniform',
  HeNormal: 'he_normal',
  LecunUniform: 'lecun_uniform',
  Orthogonal: 'orthogonal',
  Identity: 'identity',
  Zeros: 'zero',
  Ones: 'one',
  RandomUniform: 'uniform',
  RandomNormal: 'normal',
  zeros: 'zero',
  ones: 'one',
};

/** `fallback` is what the target writes by default. */
export function writeInitializer(value: Json, key: string, fallback: Json, target: Target, note: Note): Json {
  if (value === null) return fallback;
  if (target.line === 'keras1') return initializerOfKeras1(value, fallback);
  if (typeof value === 'string') return value;
  const className = classNameOf(value);
  if (className === null || !isRecord(value)) return fallback;
  const config = isRecord(value.config) ? value.config : {};
  const scaling = scalings[className];
  const written =
    knownObject(className, config, 'initializers', target) ??
    (scaling && knownObject('VarianceScaling', { ...scaling, seed: config.seed ?? null }, 'initializers', target));
  if (written) return written;
  if (isUsers(value)) return value;
  note({ key, what: `the initializer ${className} is not there; loaded weights need none` });
  return fallback;
}

function initializerOfKeras1(value: Json, fallback: Json): Json {
  const name = typeof value === 'string' ? value : (classNameOf(value) ?? '');
  return (
    namesOfKeras1[name] ??
    (/^(glorot|he|lecun)_|^(orthogonal|identity)$/.test(name) ? name : (fallback ?? 'glorot_uniform'))
  );
}

/** Registered, or from a module that is not Keras's: the user's own, which the target is given with the file. */
function isUsers(value: JsonObject): boolean {
  return typeof value.registered_name === 'string' && value.registered_name !== value.class_name;
}

/** The object with the keys that the target's class takes; null where the target has no such class. */
function knownObject(className: string, config: JsonObject, kind: FormKind, target: Target): JsonObject | null {
  const name = nameIn(className, kind, target);
  if (!name) return null;
  const form = targetForm(target, kind, name) ?? {};
  const kept = Object.keys(form).map(key => [key, config[key] ?? form[key] ?? null] as const);
  const plain = { class_name: name, config: Object.fromEntries(kept) };
  return namesModules(target) ? { module: `keras.${kind}`, ...plain, registered_name: null } : plain;
}

function nameIn(className: string, kind: FormKind, target: Target): string | null {
  const early = target.line === 'keras3' && !isTarget(target, 'keras3', '3.4');
  const name = (early ? pythonClasses[className] : undefined) ?? className;
  return targetHas(target, kind, name) ? name : null;
}

/** Penalties that only training knows: kept where the target has them, else left out with a note. */
export function writePenalty(value: Json, key: string, target: Target, note: Note): Json {
  if (value === null || typeof value === 'string') return value;
  const className = classNameOf(value);
  if (className === null || !isRecord(value)) return null;
  const config = isRecord(value.config) ? value.config : {};
  const kind = key.endsWith('_constraint') ? 'constraints' : 'regularizers';
  if (target.line === 'keras1') return penaltyOfKeras1(className, config, kind, key, note);
  const both = penaltyAsL1L2(className, config);
  const written =
    knownObject(className, config, kind, target) ?? (both && knownObject('L1L2', both, 'regularizers', target));
  if (written) return written;
  if (isUsers(value)) return value;
  note({ key, what: `${className} is not there; prediction needs none` });
  return null;
}

function penaltyAsL1L2(className: string, { l1 = 0, l2 = 0 }: JsonObject): JsonObject | null {
  return ['L1', 'L2', 'L1L2'].includes(className) ? { l1, l2 } : null;
}

function penaltyOfKeras1(className: string, config: JsonObject, kind: FormKind, key: string, note: Note): Json {
  const both = kind === 'regularizers' ? penaltyAsL1L2(className, config) : null;
  if (both) return { name: key === 'activity_regularizer' ? 'ActivityRegularizer' : 'WeightRegularizer', ...both };
  note({ key, what: `${className} is left out; prediction needs none` });
  return null;
}

/** Names for one function, newest first; a release has some of them. */
const activationNames: Readonly<Record<string, readonly string[]>> = {
  silu: ['silu', 'swish'],
  hard_silu: ['hard_silu', 'hard_swish'],
};

/** True for functions of Keras, also under our name for one that changed; the user's own come with their code. */
export function isKerasActivation(name: string): boolean {
  return name === eraActivations.hardSigmoid || isKerasName('activation', name);
}

/** Functions of tf.nn that `activations.get` finds without their being exported (keras/activations.py of TF 2.6 to 2.15). */
const fromTensorflow = new Set(['log_softmax', 'relu6', 'leaky_relu']);

/** The name under which the target computes the same; null where it has no such function. */
export function activationName(name: string, target: Target): string | null {
  if (name === eraActivations.hardSigmoid) return target.line === 'keras3' ? null : 'hard_sigmoid';
  if (name === 'hard_sigmoid' && target.line !== 'keras3') return null;
  if (fromTensorflow.has(name) && (isTarget(target, 'tf.keras', '2.6') || target.line === 'tf_keras')) return name;
  const names = activationNames[name] ?? [name];
  return names.find(candidate => targetHas(target, 'activations', candidate)) ?? null;
}

/** A dtype policy in the target's words; `example` is the form that the target writes for a layer of that class. */
export function writePolicy(policy: DTypePolicy, example: Json, target: Target, note: Note): Json {
  const name = policyName(policy, target, note);
  // Names of quantised policies make objects of their own classes (keras/src/dtype_policies/__init__.py: get).
  if (typeof example === 'string' || example === null || /_from_/.test(name)) return mixedName(name, target);
  const inner = isRecord(example) ? example : {};
  return { ...inner, config: { name } };
}

/** Policies came with TF 2.1; before, float32 computes what a mixed policy rounds. */
function policyName({ name, variable }: DTypePolicy, target: Target, note: Note): string {
  const hasPolicies = target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.4');
  if (hasPolicies && !/_from_/.test(name)) return name;
  if (target.line === 'keras3') return name;
  const plain = name.startsWith('mixed_') || /_from_/.test(name) ? variable : name;
  if (plain !== name) note({ key: 'dtype', what: `${name} is not there; the layer computes in ${plain}` });
  return plain;
}

function mixedName(name: string, target: Target): Json {
  if (!name.startsWith('mixed_') || target.line === 'keras3') return name;
  const policy = { class_name: 'Policy', config: { name } };
  return namesModules(target) ? { module: 'keras.mixed_precision', ...policy, registered_name: null } : policy;
}
