/** The variables of a bound layer with everything inside it, flat, in the order in which Keras lists them. */

import type { JsonObject, Layer, Weight } from '../model/types.ts';

export interface Variable {
  readonly weight: Weight;
  /** The layer that owns it. */
  readonly owner: Layer;
  /** Attributes and layer names below the outermost layer, down to the owner; empty for its own variables. */
  readonly scopes: readonly string[];
  /** False where the variable, or any layer around it, is not trainable. */
  readonly trainable: boolean;
}

/** Own variables first, then those of layers inside, depth first: creation order. */
export function variablesOf(layer: Layer, trainable = true, scopes: readonly string[] = []): Variable[] {
  const here = trainable && layer.trainable;
  const own = layer.weights.map(weight => ({ weight, owner: layer, scopes, trainable: here && weight.trainable }));
  const inside = Object.entries(layer.sublayers).flatMap(([attribute, held]) => {
    const layers = (Array.isArray(held) ? held : [held]) as readonly Layer[];
    return layers.flatMap((inner, index) => {
      return variablesOf(inner, here, [...scopes, layers.length > 1 ? `${attribute}_${index}` : attribute]);
    });
  });
  const graph = layer.model?.layers.flatMap(inner => variablesOf(inner, here, [...scopes, inner.name])) ?? [];
  return [...own, ...inside, ...graph];
}

/** Trainable variables, then the others: the order of `weight_names` in every .h5. */
export function inLegacyOrder(variables: readonly Variable[]): Variable[] {
  return [...variables.filter(({ trainable }) => trainable), ...variables.filter(({ trainable }) => !trainable)];
}

/** The argument in which a built-in layer holds one of the user's own, whose weights then stand with it; else null. */
export function heldByUsersCode({ origin, config, sublayers, weights }: Layer): string | null {
  if (origin !== 'layer' || weights.length === 0) return null;
  const held = ['cell', 'layer'].find(key => {
    const value = config[key] as JsonObject | null | undefined;
    return typeof value?.class_name === 'string' && !(key in sublayers);
  });
  return held ?? null;
}
