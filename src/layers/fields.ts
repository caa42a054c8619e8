/**
 * The kinds of constructor arguments that layers take, and how each is read from a config. A field that finds something
 * else throws `bad-config` and names the layer, the key, what was found and what was needed.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { LayerSpec } from './define.ts';

export interface FieldContext {
  readonly layerName: string;
  /** The layer's place in the model, where it lies inside another: `bidirectional/forward_layer`. */
  readonly path?: string;
  /** snake_case key in the config. */
  readonly key: string;
  /** Finds an activation by what a config stores for it; the registry's when left out. */
  readonly activation?: (stored: unknown, context: FieldContext) => ActivationFunction;
  /** True for a name under which the user gave a definition; nothing is when left out. */
  readonly isGiven?: (name: string) => boolean;
}

/** An activation ready to be called. */
export interface ActivationFunction {
  (x: SymbolicTensor): SymbolicTensor;
  /** Name of the built-in (`tanh`, `linear`), or of what the user wrote; for those who have a fused form. */
  readonly identifier: string;
}

export interface Field<T> {
  /** Reads a stored value; `undefined` when the key is absent. */
  read(value: unknown, context: FieldContext): T;
}

export type Fields = { readonly [name: string]: Field<unknown> };

export type ParsedFields<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Throws `bad-config`: what was found under the key, and what is needed. */
export function refuse(found: unknown, needed: string, { layerName, path = layerName, key }: FieldContext): never {
  throw new LoadstoneError('bad-config', `layer "${layerName}": "${key}" is ${describe(found)}, needed ${needed}`, {
    where: `layer ${path}, key ${key}`,
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

/** Whatever is stored, undefined where nothing is. */
export function stored(): Field<unknown> {
  return { read: value => value };
}

/** A layer given as `{class_name, config}`. */
export function layer(): Field<LayerSpec> {
  return field(
    'a layer: {"class_name", "config"}',
    value => {
      const stored = value as { class_name?: unknown; config?: unknown; registered_name?: unknown } | null;
      if (typeof stored !== 'object' || stored === null || typeof stored.class_name !== 'string') return undefined;
      const registeredName = typeof stored.registered_name === 'string' ? stored.registered_name : null;
      return { className: stored.class_name, config: (stored.config ?? {}) as LayerSpec['config'], registeredName };
    },
    undefined,
  );
}

/** An activation: the name of a function, `{class_name: 'function', config: name}`, a layer as an object, or null (linear). */
export function activation(fallback: string | null = 'linear'): Field<ActivationFunction> {
  return {
    read(value, context) {
      if (!context.activation)
        throw new LoadstoneError('usage', `activation of "${context.layerName}" read without a registry`);
      return context.activation(value === undefined ? fallback : value, context);
    },
  };
}

/** `channels_last`, `channels_first`, or null for the first of them (Keras's own default). */
export function dataFormat(): Field<'channels_last' | 'channels_first'> {
  const inner = oneOf(['channels_last', 'channels_first'], 'channels_last');
  return {
    read: (value, context) => (value === null || value === 'default' ? 'channels_last' : inner.read(value, context)),
  };
}

/** More axes than any tensor has. */
const MOST_AXES = 64;

/** One axis, counted from either end. */
export function axis(fallback?: number): Field<number> {
  const accept = (value: unknown) =>
    Number.isInteger(value) && Math.abs(value as number) <= MOST_AXES ? (value as number) : undefined;
  return field('an axis (a whole number)', accept, fallback);
}

/** One axis or several; Keras stores a lone axis either way. */
export function axes(fallback?: number): Field<readonly number[]> {
  return list(axis(), fallback === undefined ? undefined : [fallback]);
}
