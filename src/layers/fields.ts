/**
 * The kinds of constructor arguments that layers take, and how each is read from a config. A field that finds something
 * else throws `bad-config` and names the layer, the key, what was found and what was needed.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { LayerSpec } from './define.ts';

export interface FieldContext {
  readonly layerName: string;
  /** snake_case key in the config. */
  readonly key: string;
}

export interface Field<T> {
  /** Reads a stored value; `undefined` when the key is absent. */
  read(value: unknown, context: FieldContext): T;
}

export type Fields = { readonly [name: string]: Field<unknown> };

export type ParsedFields<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** What is stored as an activation, a function name or an object, before it is looked up. */
export type Stored = unknown;

function refuse(found: unknown, needed: string, { layerName, key }: FieldContext): never {
  throw new LoadstoneError('bad-config', `layer "${layerName}": "${key}" is ${describe(found)}, needed ${needed}`, {
    where: `layer ${layerName}, key ${key}`,
    do: 'Correct the value in the config, or give the model another config.',
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** A field with a check; `fallback` undefined means that the key is required. */
function field<T>(needed: string, accept: (value: unknown) => T | undefined, fallback: T | undefined): Field<T> {
  return {
    read(value, context) {
      if (value === undefined) return fallback === undefined ? refuse(value, needed, context) : fallback;
      const accepted = accept(value);
      return accepted === undefined ? refuse(value, needed, context) : accepted;
    },
  };
}

export function int(fallback?: number): Field<number> {
  return field('a whole number', value => (Number.isInteger(value) ? (value as number) : undefined), fallback);
}

export function float(fallback?: number): Field<number> {
  return field('a number', value => (typeof value === 'number' ? value : undefined), fallback);
}

/** true or false; Keras has also stored 0 and 1 for them. */
export function bool(fallback?: boolean): Field<boolean> {
  const accept = (value: unknown) => {
    if (typeof value === 'boolean') return value;
    return value === 0 || value === 1 ? value === 1 : undefined;
  };
  return field('true or false', accept, fallback);
}

export function text(fallback?: string): Field<string> {
  return field('a string', value => (typeof value === 'string' ? value : undefined), fallback);
}

export function oneOf<const T extends string>(choices: readonly T[], fallback?: T): Field<T> {
  const needed = `one of ${choices.join(', ')}`;
  return field(needed, value => choices.find(choice => choice === value), fallback);
}

/** `null` or the inner field; an absent key is `null`. */
export function nullable<T>(inner: Field<T>): Field<T | null> {
  return { read: (value, context) => (value === undefined || value === null ? null : inner.read(value, context)) };
}

/** A list, or a single value taken as a list of one. */
export function list<T>(inner: Field<T>, fallback?: readonly T[]): Field<readonly T[]> {
  return {
    read(value, context) {
      if (value === undefined && fallback !== undefined) return fallback;
      const items = Array.isArray(value) ? value : [value];
      return items.map(item => inner.read(item, context));
    },
  };
}

/** A whole number, or a list of `rank` of them: kernel sizes, strides, pool sizes. */
export function sizes(rank: number, fallback?: number): Field<readonly number[]> {
  const needed = `a whole number or ${rank} of them`;
  const accept = (value: unknown) => {
    if (Number.isInteger(value)) return new Array<number>(rank).fill(value as number);
    const fits = Array.isArray(value) && value.length === rank && value.every(Number.isInteger);
    return fits ? (value as number[]) : undefined;
  };
  return field(needed, accept, fallback === undefined ? undefined : new Array<number>(rank).fill(fallback));
}

/** Any JSON, as stored. */
export function json(fallback: unknown = null): Field<unknown> {
  return { read: value => (value === undefined ? fallback : value) };
}

/** A layer given as `{class_name, config}`. */
export function layer(): Field<LayerSpec> {
  return field(
    'a layer: {"class_name", "config"}',
    value => {
      const stored = value as { class_name?: unknown; config?: unknown } | null;
      if (typeof stored !== 'object' || stored === null || typeof stored.class_name !== 'string') return undefined;
      return { className: stored.class_name, config: (stored.config ?? {}) as LayerSpec['config'] };
    },
    undefined,
  );
}
