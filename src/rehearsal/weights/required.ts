/** The model's side of weights: which layers have variables, in which order, of which shapes. */

import type { InferredLayer, InferredModel } from '../../layers/infer.ts';

export interface RequiredWeight {
  /** Keras's name inside its layer. */
  readonly name: string;
  /** Name of the layer that owns it. */
  readonly layer: string;
  /** Null where it cannot be told. */
  readonly shape: readonly number[] | null;
  readonly trainable: boolean;
}

export interface RequiredLayer {
  readonly name: string;
  readonly className: string;
  readonly config: InferredLayer['config'];
  readonly weights: readonly RequiredWeight[];
  /** False where the class is unknown: its weights cannot be told. */
  readonly known: boolean;
  readonly inferred: InferredLayer;
}

/** `layer.weights` of every layer of the model that has any: trainable ones first, then the others. */
export function requiredLayers(model: InferredModel): RequiredLayer[] {
  return model.layers.map(requiredLayer).filter(layer => layer.weights.length > 0 || !layer.known);
}

export function requiredLayer(layer: InferredLayer): RequiredLayer {
  const own = [...collect(layer, true)];
  const weights = [...own.filter(weight => weight.trainable), ...own.filter(weight => !weight.trainable)];
  return {
    name: layer.name,
    className: layer.className,
    config: layer.config,
    weights,
    known: isKnown(layer),
    inferred: layer,
  };
}

function isKnown(layer: InferredLayer): boolean {
  if (layer.model) return layer.model.layers.every(isKnown);
  return layer.known && Object.values(layer.sublayers).flat().every(isKnown);
}

function* collect(layer: InferredLayer, trainable: boolean): Generator<RequiredWeight> {
  const enabled = trainable && layer.config.trainable !== false;
  for (const weight of layer.weights) {
    if (!weight.optional)
      yield { name: weight.name, layer: layer.name, shape: weight.shape, trainable: enabled && weight.trainable };
  }
  for (const held of Object.values(layer.sublayers)) {
    for (const sub of Array.isArray(held) ? held : [held as InferredLayer]) yield* collect(sub, enabled);
  }
  for (const inner of layer.model?.layers ?? []) yield* collect(inner, enabled);
}
