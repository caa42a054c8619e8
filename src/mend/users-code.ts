/**
 * What a copy still needs of the user's own code: classes and functions that its config names and that neither Keras nor
 * any file holds, each with the layer that needs it. What prediction can do without is left out before (a regularizer),
 * and what the target has itself counts no more.
 */

import { censusOf } from '../artefacts/custom-objects.ts';
import { eraOfTarget, type Target } from '../eras/write/target.ts';
import type { Artefact, CustomObject, Json, JsonObject } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';

export interface UsersCode {
  readonly object: CustomObject;
  /** The layer of the graph in which it stands; the model itself where that is it. */
  readonly layer: string;
  readonly className: string;
  /** Below that layer: `activation`, `cell`; null where the layer itself is of the user's class. */
  readonly key: string | null;
  /** The object's own config, which its constructor takes. */
  readonly config: JsonObject;
}

/** Objects of the user's own that `config`, in the target's words, still names. */
export function usersCodeIn(config: JsonObject, { customObjects }: Artefact, target: Target): UsersCode[] {
  const known = new Set(customObjects.map(({ name }) => name));
  return censusOf(config, undefined, eraOfTarget(target), '')
    .filter(({ name }) => known.has(name))
    .map(object => placed(object, config));
}

/** All of the user's own code that an artefact needs, for training too, whatever release is to load it. */
export function usersCodeOf({ customObjects, model }: Artefact): UsersCode[] {
  const layers = model ? [...allLayers(model)] : [];
  return customObjects.map(object => {
    const own = layers.find(({ origin, className }) => origin === 'custom' && className === object.name);
    if (own) return { object, layer: own.name, className: own.className, key: null, config: own.config };
    const user = layers.find(({ config }) => nestedConfig(config, object.name) !== null);
    const config = (user && nestedConfig(user.config, object.name)) ?? {};
    return { object, layer: user?.name ?? '', className: user?.className ?? '', key: object.kind, config };
  });
}

/** The config of the object of that class anywhere inside `value`; null where there is none. */
function nestedConfig(value: Json, name: string): JsonObject | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value) && (value as JsonObject).class_name === name) return configOf(value);
  for (const inner of Object.values(value)) {
    const found = nestedConfig(inner as Json, name);
    if (found) return found;
  }
  return null;
}

/** As reasons why nothing is written where that code is not given. */
export function withoutUsersCode(needed: readonly UsersCode[]): ConfigRefusal[] {
  return needed.map(({ object, layer, className, key }) => {
    const kind = isUsersClass(object) ? 'class' : 'function';
    const what = key === null ? `it is a ${kind} of your own` : `its ${key} is ${object.name}, a ${kind} of your own`;
    return { layer, className, key, what: `${what}, which no file holds` };
  });
}

/** Activations, losses and metrics are functions unless their names are those of classes. */
export function isUsersClass({ kind, name }: CustomObject): boolean {
  const isFunction = kind === 'function' || kind === 'activation' || kind === 'loss' || kind === 'metric';
  return kind !== 'function' && (!isFunction || /^[A-Z]/.test(name));
}

/** Follows the pointer down the config; the last entry of a list of layers that it passes is the layer. */
function placed(object: CustomObject, config: JsonObject): UsersCode {
  const tokens = (object.at.pointer ?? '').split('/').slice(1);
  let value: Json = config;
  let entry: Json = config;
  let below: string[] = [];
  for (const [at, token] of tokens.entries()) {
    value = ((value as JsonObject)[token] ?? null) as Json;
    below.push(token);
    if (/^\d+$/.test(token) && /^(layers|config)$/.test(tokens[at - 1] ?? '')) [entry, below] = [value, []];
  }
  const key = below.filter(token => token !== 'config').join('.');
  const { class_name: className } = entry as JsonObject;
  const name = configOf(entry).name;
  return {
    object,
    layer: typeof name === 'string' ? name : String(className),
    className: String(className),
    key: key === '' ? null : key,
    config: configOf(value),
  };
}

function configOf(value: Json): JsonObject {
  const config = (value as JsonObject | null)?.config;
  return typeof config === 'object' && config !== null && !Array.isArray(config) ? (config as JsonObject) : {};
}
