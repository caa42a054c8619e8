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
  const own = scalesFirst([...collect(layer, true)]);
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

/** A layer made for float8 has its scales before its kernel; one that became so later has them behind. */
function scalesFirst(own: readonly RequiredWeight[]): readonly RequiredWeight[] {
  if (!own.some(({ name }) => name.endsWith('_amax_history'))) return own;
  const isScale = ({ name }: RequiredWeight) => /_(scale|amax_history)$/.test(name);
  return [...own.filter(isScale), ...own.filter(weight => !isScale(weight))];
}

function isKnown(layer: InferredLayer): boolean {
  if (layer.model) return layer.model.layers.every(isKnown);
  return layer.known && Object.values(layer.sublayers).flat().every(isKnown);
}

/**
 * Variables that every loader makes, though some files lack them: beta of a LayerNormalization saved before its
 * `rms_scaling` was written, the count of an adapted Normalization, the statistics of `renorm`.
 */
const alwaysMade: { readonly [className: string]: readonly string[] } = {
  LayerNormalization: ['beta'],
  Normalization: ['count'],
  BatchNormalization: ['moving_stddev', 'renorm_mean', 'renorm_stddev'],
};

/** LoRA's thin kernels: made as variables, but merged into the kernel in files that keep weights by path. */
const mergedByPath = /^lora_/;

/** A layer's own variables, in the order in which it makes them. */
export function ownWeights(layer: InferredLayer, trainable: boolean, byPath: boolean): RequiredWeight[] {
  return layer.weights
    .filter(({ name, optional }) => {
      if (!optional) return true;
      if (mergedByPath.test(name)) return !byPath;
      return alwaysMade[layer.className]?.includes(name) ?? false;
    })
    .map(weight => ({
      name: weight.name,
      layer: layer.name,
      shape: weight.shape,
      trainable: trainable && weight.trainable,
    }));
}

function* collect(layer: InferredLayer, trainable: boolean): Generator<RequiredWeight> {
  const enabled = trainable && layer.config.trainable !== false;
  yield* ownWeights(layer, enabled, false);
  for (const held of Object.values(layer.sublayers)) {
    for (const sub of Array.isArray(held) ? held : [held as InferredLayer]) yield* collect(sub, enabled);
  }
  for (const inner of layer.model?.layers ?? []) yield* collect(inner, enabled);
}
