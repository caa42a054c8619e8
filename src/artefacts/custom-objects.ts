/**
 * The census of custom objects: every class and function that a config names and the release that wrote it does not
 * know of itself, with its kind (told by where it stands) and whether the model or only its training needs it.
 */

import type { Era } from '../eras/era.ts';
import { isKerasModule, isKerasName, isKnownIn, type KerasKind, withoutPackage } from '../eras/names.ts';
import { isOperation } from '../eras/normalise/operations.ts';
import { isRecord } from '../eras/normalise/values.ts';
import type { CustomKind, CustomObject, Json, JsonObject } from '../model/types.ts';

interface Census {
  readonly era: Era;
  readonly path: string;
  readonly neededFor: CustomObject['neededFor'];
  readonly found: Map<string, CustomObject>;
}

/** Lists what `config` and the compile arguments `training` need. `path` is where the config lies in its container. */
export function censusOf(config: Json | undefined, training: Json | undefined, era: Era, path: string): CustomObject[] {
  const found = new Map<string, CustomObject>();
  if (config !== undefined) visitConfig(config, '', '', { era, path, neededFor: 'architecture', found });
  if (isRecord(training)) visitTraining(training, { era, path: trainingPath(path), neededFor: 'compile', found });
  return [...found.values()];
}

function trainingPath(path: string): string {
  return path.replace('model_config', 'training_config');
}

/** Deepest nesting that is followed; configs were bounded when they were parsed. */
const maxDepth = 256;

/** Objects that stand for plain values, and settings of Keras's own. */
const values =
  /^(__\w+__|TensorShape|TypeSpec|DTypePolicy|DTypePolicyMap|Policy|PolicyV1|\w*DTypePolicy|CompositeTensor|type|\w+LossScale)$/;

/** Kinds by the key under which an object or a name stands. */
const kindOfKey: readonly (readonly [RegExp, CustomKind])[] = [
  [/activation$/, 'activation'],
  [/initializer$|^init$|_init$/, 'initializer'],
  [/regularizer$/, 'regularizer'],
  [/constraint$/, 'constraint'],
  [/^(learning_rate|lr)$/, 'schedule'],
  [/optimizer/, 'optimizer'],
  [/^loss(es)?$/, 'loss'],
  [/metrics$|^metric$/, 'metric'],
];

const knownKinds = new Map<string, CustomKind | null>();

function kindAt(key: string): CustomKind | null {
  const known = knownKinds.get(key);
  if (known !== undefined) return known;
  const kind = kindOfKey.find(([pattern]) => pattern.test(key))?.[1] ?? null;
  if (knownKinds.size < 1000) knownKinds.set(key, kind);
  return kind;
}

function visitConfig(value: Json, key: string, pointer: string, census: Census, depth = 0): void {
  if (depth > maxDepth) return;
  const deeper = (inner: Json, name: string, at: string | number) =>
    visitConfig(inner, name, `${pointer}/${at}`, census, depth + 1);
  if (Array.isArray(value)) for (const [index, item] of value.entries()) deeper(item as Json, key, index);
  else if (typeof value === 'string') visitName(value, key, pointer, census);
  else if (isRecord(value)) {
    if (typeof value.class_name === 'string') visitObject(value, value.class_name, key, pointer, census);
    for (const [name, inner] of Object.entries(value)) {
      if (!notConfig.has(name)) deeper(inner, name === 'config' ? key : name, name);
    }
    if (value.class_name === 'Lambda') visitLambda(value, pointer, census);
  }
}

/** Keys beside a config that name nothing to be looked up. */
const notConfig = new Set([
  'build_config',
  'compile_config',
  'dtype',
  'module',
  'class_name',
  'registered_name',
  'quantization_config',
  'inbound_nodes',
]);

/** A bare name where a function or an object is wanted: `"activation": "my_act"`. */
function visitName(name: string, key: string, pointer: string, census: Census): void {
  const kind = kindAt(key);
  if (kind === null || !isNameKind(kind) || isOwn(kind, name, census)) return;
  note(name, kind, pointer, census);
}

/** Kinds that configs give by name; others stand there as objects or numbers. */
function isNameKind(kind: CustomKind): boolean {
  return kind !== 'schedule' && kind !== 'optimizer';
}

function visitObject(object: JsonObject, fullName: string, key: string, pointer: string, census: Census): void {
  if (values.test(fullName)) return;
  if (fullName === 'function') {
    if (typeof object.config === 'string') visitFunction(object, object.config, key, pointer, census);
    return;
  }
  if (isOperation(object, census.era)) return;
  const registered = typeof object.registered_name === 'string' ? object.registered_name : fullName;
  const kind = kindOfObject(object, key);
  const module = typeof object.module === 'string' ? object.module : null;
  if (module !== null ? isKerasModule(module) : isOwn(kind, registered, census)) return;
  note(registered, kind, pointer, census);
}

/** Functions are objects since TF 2.13; Keras's own name their module. */
function visitFunction(object: JsonObject, name: string, key: string, pointer: string, census: Census): void {
  const kind = kindAt(key) ?? 'function';
  const ofKeras = typeof object.module === 'string' && isKerasModule(object.module);
  if (ofKeras || isOwn(kind, name, census)) return;
  const registered = typeof object.registered_name === 'string' && object.registered_name !== 'function';
  note(registered ? (object.registered_name as string) : name, kind, pointer, census);
}

function kindOfObject(object: JsonObject, key: string): CustomKind {
  const config = isRecord(object.config) ? object.config : {};
  const named = kindAt(key);
  if (named && !('layers' in config) && !('trainable' in config)) return named;
  const isModel = key === '' || 'input_layers' in config;
  return isModel ? 'model' : 'layer';
}

/** True where the release knows the name as that kind; a layer may stand where an activation is wanted. */
function isOwn(kind: CustomKind, fullName: string, { era }: Census): boolean {
  const name = withoutPackage(fullName);
  const packaged = fullName !== name && !/^(keras|tf_keras)(\.|>)/i.test(fullName);
  // TF 2.11 to 2.15 registered Keras's own new optimizers under the users' package (optimizers/optimizer.py).
  if (packaged) return kind === 'optimizer' && fullName === `Custom>${name}` && isKerasName('optimizer', name);
  // Strings for losses, optimizers and their kin changed with every release (Keras 3 stores "mse" and cannot find it):
  // they are Keras's own all the same. Layers and activations are the user's where the release had none of that name.
  return alike(kind).some(one =>
    one === 'layer' || one === 'activation' ? isKnownIn(era, one, name) : isKerasName(one, name),
  );
}

/** Losses serve as metrics and the other way, models are layers, and a function may be any of Keras's functions. */
function alike(kind: CustomKind): readonly KerasKind[] {
  if (kind === 'function') return ['activation', 'loss', 'metric', 'initializer', 'regularizer', 'constraint'];
  if (kind === 'loss' || kind === 'metric') return ['loss', 'metric'];
  if (kind === 'model') return ['layer'];
  return kind === 'activation' ? ['activation', 'layer'] : [kind];
}

/** A function that a Lambda keeps by name only. */
function visitLambda(object: JsonObject, pointer: string, census: Census): void {
  const config = isRecord(object.config) ? object.config : {};
  for (const key of ['function', 'output_shape', 'mask']) {
    const stored = config[key];
    if (typeof stored === 'string' && config[`${key}_type`] === 'function') {
      note(stored, 'function', `${pointer}/config/${key}`, census);
    }
  }
}

function note(registeredName: string, kind: CustomKind, pointer: string, { path, neededFor, found }: Census): void {
  const key = `${neededFor} ${kind} ${registeredName}`;
  if (found.has(key)) return;
  found.set(key, { name: withoutPackage(registeredName), registeredName, kind, neededFor, at: { path, pointer } });
}

/** Compile arguments: names and objects under `loss`, `metrics`, `optimizer_config`, nested as the outputs are. */
function visitTraining(training: JsonObject, census: Census): void {
  for (const [key, value] of Object.entries(training)) {
    const kind = kindAt(key);
    if (kind === 'loss' || kind === 'metric') visitLosses(value, kind, `/${key}`, census);
    else if (kind === 'optimizer') visitConfig(value, key, `/${key}`, census);
  }
}

function visitLosses(value: Json, kind: 'loss' | 'metric', pointer: string, census: Census, depth = 0): void {
  if (depth > maxDepth) return;
  if (typeof value === 'string') {
    if (!isOwn(kind, value, census)) note(value, kind, pointer, census);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      visitLosses(item as Json, kind, `${pointer}/${index}`, census, depth + 1);
    return;
  }
  if (!isRecord(value)) return;
  if (typeof value.class_name !== 'string') {
    for (const [key, inner] of Object.entries(value)) visitLosses(inner, kind, `${pointer}/${key}`, census, depth + 1);
    return;
  }
  visitObject(value, value.class_name, kind === 'loss' ? 'loss' : 'metrics', pointer, census);
  const config = isRecord(value.config) ? value.config : {};
  // Wrappers keep the function that they compute.
  if (config.fn !== undefined) visitLosses(config.fn, kind, `${pointer}/config/fn`, census, depth + 1);
}
