/** Going through a model: layers at every depth, the variables of a layer with everything inside it, counts. */

import { bytesPerElement, type DType } from '../numbers/dtype.ts';
import { elementCount } from '../numbers/tensor.ts';
import type { Layer, Model, Weight } from './types.ts';

/** Layers right inside a layer: those in its attributes, and those of the model that it is. */
export function innerLayers(layer: Layer): readonly Layer[] {
  return [...(Object.values(layer.sublayers).flat() as Layer[]), ...(layer.model?.layers ?? [])];
}

/** Every layer of a model at every depth, outer ones before inner ones. */
export function* allLayers(model: Model): Generator<Layer> {
  for (const layer of model.layers) yield* withInner(layer);
}

function* withInner(layer: Layer): Generator<Layer> {
  yield layer;
  for (const inner of innerLayers(layer)) yield* withInner(inner);
}

/** A variable with the names of the layers and attributes that it lies in, the outermost layer left out. */
export interface PlacedWeight extends Weight {
  /** `forward_layer/cell/kernel`, `block/dense/bias`; a layer's own: its name. */
  readonly place: string;
  /** The layer's and everyone's around taken into account. */
  readonly effective: boolean;
  readonly dtype: DType;
}

/** All variables of a layer: its own, then those of the layers inside it. */
export function placedWeights(layer: Layer, scope = '', trainable = true): PlacedWeight[] {
  const here = trainable && layer.trainable;
  const own = layer.weights.map(weight => ({
    ...weight,
    place: `${scope}${weight.name}`,
    effective: here && weight.trainable,
    dtype: weight.tensor?.dtype ?? layer.dtype.variable,
  }));
  const inside = Object.entries(layer.sublayers).flatMap(([attribute, held]) => {
    if (!Array.isArray(held)) return placedWeights(held as Layer, `${scope}${attribute}/`, here);
    return (held as readonly Layer[]).flatMap((inner, index) =>
      placedWeights(inner, `${scope}${attribute}/${index}/`, here),
    );
  });
  const graph = layer.model?.layers.flatMap(inner => placedWeights(inner, `${scope}${inner.name}/`, here)) ?? [];
  return [...own, ...inside, ...graph];
}

export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
  readonly nonTrainable: number;
  /** Memory of the variables in their own dtypes. */
  readonly bytes: number;
  /** False where a shape is not known: the counts are then too low. */
  readonly complete: boolean;
}

/** Counts parameters as `model.summary()` does. A tensor that stands in two places of the model is counted once. */
export function countParameters(layers: readonly Layer[], trainable = true): ParameterCount {
  const seen = new Set<string>();
  const count = { total: 0, trainable: 0, nonTrainable: 0, bytes: 0, complete: true };
  for (const weight of layers.flatMap(layer => placedWeights(layer, '', trainable))) {
    const key =
      weight.tensor &&
      `${weight.tensor.at.path ?? ''} ${weight.tensor.at.offset ?? ''} ${weight.tensor.path} ${weight.name}`;
    if (key && seen.has(key)) continue;
    if (key) seen.add(key);
    const shape = weight.shape ?? weight.tensor?.shape;
    if (!shape) {
      count.complete = false;
      continue;
    }
    const size = weight.tensor?.storedElements ?? elementCount(shape);
    count.total += size;
    count.bytes += size * bytesPerElement[weight.dtype];
    if (weight.effective) count.trainable += size;
    else count.nonTrainable += size;
  }
  return count;
}
