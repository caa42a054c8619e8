/**
 * The user's own definitions, in the forms that built-ins have, and how a name in a config finds one. Definitions are
 * given as a list or by the name under which the file knows them: `{ 'my_package>Scale': scale }`.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { ActivationDefinition, AnyLayerDefinition, LayerDefinition } from './define.ts';
import type { Fields } from './fields.ts';

/** A loss of the user's. Loadstone computes none; a definition says that the name is known. */
export interface LossDefinition {
  readonly kind: 'loss';
  readonly name: string;
  call?(yTrue: SymbolicTensor, yPred: SymbolicTensor, ops: Ops): SymbolicTensor;
}

export interface MetricDefinition {
  readonly kind: 'metric';
  readonly name: string;
  call?(yTrue: SymbolicTensor, yPred: SymbolicTensor, ops: Ops): SymbolicTensor;
}

/** Optimizers, schedules, regularizers, initializers, constraints, functions: a name that is known, no more. */
export interface NamedDefinition {
  readonly kind: 'optimizer' | 'schedule' | 'regularizer' | 'initializer' | 'constraint' | 'function';
  readonly name: string;
}

export type Definition =
  | AnyLayerDefinition
  | ActivationDefinition
  | LossDefinition
  | MetricDefinition
  | NamedDefinition;

/** What callers give: a list of definitions, or definitions by the names that files use. */
export type GivenObjects = readonly Definition[] | { readonly [name: string]: Definition };

export interface CustomObjects {
  layer(name: string, registeredName?: string | null): AnyLayerDefinition | null;
  activation(name: string, registeredName?: string | null): ActivationDefinition | null;
  /** Whether anything of that name was given, whatever its kind. */
  has(name: string): boolean;
}

export const noCustomObjects: CustomObjects = { layer: () => null, activation: () => null, has: () => false };

/** Declares a loss. */
export function defineLoss(definition: Omit<LossDefinition, 'kind'>): LossDefinition {
  return { ...definition, kind: 'loss' };
}

/** Declares a metric. */
export function defineMetric(definition: Omit<MetricDefinition, 'kind'>): MetricDefinition {
  return { ...definition, kind: 'metric' };
}

/** Declares a subclassed model: its sublayers by attribute, and what its `call` does with them. */
export function defineModel<const F extends Fields>(definition: LayerDefinition<F>): LayerDefinition<F> {
  return { ...definition, kind: 'model' };
}

/** Declares that a name is known that only training needs: an optimizer, regularizer, initializer, constraint. */
export function defineNamed(kind: NamedDefinition['kind'], name: string): NamedDefinition {
  return { kind, name };
}

/**
 * Makes definitions findable by name, alias, the key they were given under, and with or without `package>`.
 * Throws `usage` for what is no definition.
 */
export function customObjects(given: GivenObjects = []): CustomObjects {
  const byName = new Map<string, Definition[]>();
  const entries = Array.isArray(given)
    ? (given as readonly Definition[]).map(definition => ['', definition] as const)
    : Object.entries(given as { readonly [name: string]: Definition });
  for (const [key, definition] of entries) {
    for (const name of namesOf(key, definition)) byName.set(name, [...(byName.get(name) ?? []), definition]);
  }
  const find = (kinds: readonly string[], names: readonly (string | null | undefined)[]) => {
    for (const name of names.flatMap(name => (name ? [name, withoutPackage(name)] : []))) {
      const found = byName.get(name)?.find(definition => kinds.includes(definition.kind ?? 'layer'));
      if (found) return found;
    }
    return null;
  };
  return {
    layer: (name, registeredName) => find(['layer', 'model'], [registeredName, name]) as AnyLayerDefinition | null,
    activation: (name, registeredName) => find(['activation'], [registeredName, name]) as ActivationDefinition | null,
    has: name => byName.has(name) || byName.has(withoutPackage(name)),
  };
}

function namesOf(key: string, definition: Definition): Set<string> {
  if (typeof definition !== 'object' || definition === null || typeof definition.name !== 'string') {
    throw new LoadstoneError('usage', `custom object ${key || 'in the list'} is no definition`, {
      do: 'Make it with defineLayer, defineActivation, defineLoss, defineMetric or defineModel.',
    });
  }
  const aliases = 'aliases' in definition ? (definition.aliases ?? []) : [];
  return new Set([key, definition.name, ...aliases].filter(name => name !== ''));
}

function withoutPackage(name: string): string {
  return name.slice(name.lastIndexOf('>') + 1);
}
