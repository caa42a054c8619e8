/**
 * The variables of a layer with everything inside it, flat, in the order in which Keras lists them: what an artefact's
 * tensors are matched against.
 */

import type { InferredLayer, InferredVariable } from '../../layers/infer.ts';

/** One variable that wants a tensor. */
export interface Slot {
  readonly variable: InferredVariable;
  /** The layer that owns it, with its class and config. */
  readonly owner: InferredLayer;
  /** Names of layers and attributes from the outermost layer down to the owner. */
  readonly scopes: readonly string[];
  /** False where the variable, or any layer around it, is not trainable. */
  readonly trainable: boolean;
}

/** All variables in creation order: own ones first, then those of the layers inside, depth first. */
export function slotsOf(layer: InferredLayer, trainable = true, scopes: readonly string[] = []): Slot[] {
  const here = trainable && layer.config.trainable !== false;
  const around = [...scopes, layer.name];
  const own = layer.weights.map(variable => ({
    variable,
    owner: layer,
    scopes: around,
    trainable: here && variable.trainable,
  }));
  const inside = Object.entries(layer.sublayers).flatMap(([attribute, held]) =>
    (Array.isArray(held) ? (held as readonly InferredLayer[]) : [held as InferredLayer]).flatMap(sublayer =>
      slotsOf(sublayer, here, [...around, attribute]),
    ),
  );
  const graph = layer.model?.layers.flatMap(inner => slotsOf(inner, here, around)) ?? [];
  return [...own, ...inside, ...graph];
}

/** Trainable variables, then the others, each in creation order: the order of `weight_names` in every .h5. */
export function inLegacyOrder(slots: readonly Slot[]): Slot[] {
  return [...slots.filter(slot => slot.trainable), ...slots.filter(slot => !slot.trainable)];
}

/** True where nobody defines the class of the layer or of anything inside it, so that its slots are not all there. */
export function hasUnknown(layer: InferredLayer): boolean {
  const inside = Object.values(layer.sublayers).flat() as readonly InferredLayer[];
  return !layer.known || [...inside, ...(layer.model?.layers ?? [])].some(hasUnknown);
}
