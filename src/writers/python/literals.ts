/** Values as Python writes them: numbers, texts, lists, and objects of Keras as the calls that construct them. */

import { isRecord } from '../../eras/normalise/values.ts';
import { hasOwnBackward } from '../../eras/write/backward-layer.ts';
import type { Json, JsonObject } from '../../model/types.ts';
import { type PythonDialect, policyName, type Space } from './dialect.ts';

export function text(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in a literal
    .replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}

export function number(value: number): string {
  return Number.isFinite(value)
    ? String(asWritten(value))
    : `float(${text(Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf')})`;
}

/** Constants of graphs were held in float32, in which 0.001 is 0.0010000000474974513: the short number is meant. */
function asWritten(value: number): number {
  if (Math.fround(value) !== value || String(value).length < 12) return value;
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** A value with nothing of Keras in it. Sizes are tuples, other lists are lists, as people write them. */
export function plainLiteral(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return listText(value, plainLiteral);
  const entries = Object.entries(value).map(([key, held]) => `${text(key)}: ${plainLiteral(held)}`);
  return `{${entries.join(', ')}}`;
}

function listText(items: readonly Json[], write: (item: Json) => string): string {
  const words = items.map(write);
  const sizes = items.length > 0 && items.length <= 8 && items.every(item => item === null || typeof item === 'number');
  if (!sizes) return `[${words.join(', ')}]`;
  return words.length === 1 ? `(${words[0]},)` : `(${words.join(', ')})`;
}

/** A constructor's argument: objects with a class name are constructed. */
export function argumentText(key: string, value: Json, dialect: PythonDialect): string {
  if (key === 'dtype') return plainLiteral(policyName(value));
  if (key === 'axis' && Array.isArray(value) && value.length === 1) return plainLiteral(value[0] as Json);
  if (isObject(value)) return constructed(spaceOf(key), value, dialect);
  if (Array.isArray(value) && value.some(isObject)) {
    return `[${value.map(item => argumentText(key, item as Json, dialect)).join(', ')}]`;
  }
  return plainLiteral(value);
}

function spaceOf(key: string): Space {
  const kind = /_(initializer|regularizer|constraint)$/.exec(key)?.[1];
  return kind ? (`${kind}s` as Space) : 'layers';
}

/** A call of the constructor, defaults left out. Penalties of the user's own are left out by who asks. */
export function constructed(space: Space, { class_name: name, config }: JsonObject, dialect: PythonDialect): string {
  const className = String(name);
  const given = argumentsOf(space, className, (config ?? {}) as JsonObject, dialect);
  const words = given.map(([key, held]) => `${key}=${argumentText(key, held, dialect)}`);
  return `${dialect.constructorOf(space, className)}(${words.join(', ')})`;
}

/** What of a config must be said: what the constructor needs first, the name last. */
export function argumentsOf(
  space: Space,
  className: string,
  config: JsonObject,
  dialect: PythonDialect,
): readonly (readonly [string, Json])[] {
  const needed = dialect.required(space, className);
  const place = (key: string) => (key === 'name' ? 1000 : needed.includes(key) ? needed.indexOf(key) - 1000 : 0);
  const said = Object.entries(config).filter(([key, value]) => {
    if (key === 'dtype' && policyName(value) === 'float32') return false;
    // What from_config takes out before it constructs.
    if (/^(build_config|shared_object_id|batch_input_shape|batch_shape|(query|key|value)_shape)$/.test(key))
      return false;
    if (/_(initializer|regularizer|constraint)$/.test(key) && isUsersOwn(value)) return false;
    // A copy of the other direction is made by itself; bins are counted by their boundaries.
    if (key === 'backward_layer' && !hasOwnBackward(config)) return false;
    if (key === 'num_bins' && (config.bin_boundaries ?? null) !== null) return false;
    return !dialect.isDefault(space, className, key, value);
  });
  return said.sort(([a], [b]) => place(a) - place(b));
}

function isObject(value: Json): value is JsonObject {
  return isRecord(value) && typeof value.class_name === 'string';
}

/** What only training asks of, written by the user: the code need not have it. */
function isUsersOwn(value: Json): boolean {
  return isObject(value) && typeof value.registered_name === 'string' && value.registered_name !== value.class_name;
}
