/**
 * Where v3 weights files keep each layer: paths are made of attribute names and, inside lists, of class names with a
 * counter; a layer's own name is never in them. The releases differ in what the list of layers is called and in what
 * its counters count (saving_lib.py of TF 2.12 to 2.15, tf_keras, Keras 3.0 to 3.15).
 */

import { type Era, isTfKeras } from '../../eras/era.ts';
import { classNameToSnakeCase } from '../../layers/names.ts';
import type { Layer, Model } from '../../model/types.ts';

export interface PathDialect {
  /** For people: which releases write so. */
  readonly releases: string;
  readonly container: string;
  /** TF 2.12 and 2.13 list a layer with weights under two keys, and both take a number. */
  readonly weightedTakeTwo: boolean;
  /** Whether a layer that was already saved elsewhere still takes a number. */
  readonly visitedTakeNumber: boolean;
}

export const pathDialects: readonly PathDialect[] = [
  {
    releases: 'Keras 3',
    container: 'layers',
    weightedTakeTwo: false,
    visitedTakeNumber: true,
  },
  {
    releases: 'TensorFlow 2.15 and tf_keras',
    container: 'layers',
    weightedTakeTwo: false,
    visitedTakeNumber: false,
  },
  {
    releases: 'TensorFlow 2.12 and 2.13',
    container: '_layer_checkpoint_dependencies',
    weightedTakeTwo: true,
    visitedTakeNumber: true,
  },
  {
    releases: 'TensorFlow 2.14',
    container: '_layer_checkpoint_dependencies',
    weightedTakeTwo: false,
    visitedTakeNumber: false,
  },
];

/** The dialects, that of the era first. */
export function dialectsFor(era: Era): readonly PathDialect[] {
  const own = isTfKeras(era, '2.15') ? 1 : isTfKeras(era, '2.14') ? 3 : isTfKeras(era) ? 2 : 0;
  const first = pathDialects[own]!;
  return [first, ...pathDialects.filter(dialect => dialect !== first)];
}

/** What tells one layer from another though a config repeats it: a shared layer stands wherever it is used. */
export type Identity = (layer: Layer) => string;

/** Whether the layer has variables, itself or inside; decides counters of one dialect. */
export type HasWeights = (layer: Layer) => boolean;

/** Path of every layer of `model`, whose own path is `prefix`, by the dialect's counting. Models inside included. */
export function layerPaths(
  model: Model,
  prefix: string,
  dialect: PathDialect,
  identity: Identity,
  hasWeights: HasWeights,
  visited = new Set<string>(),
): Map<Layer, string> {
  const paths = new Map<Layer, string>();
  const counters = new Map<string, number>();
  const base = prefix === '' ? dialect.container : `${prefix}/${dialect.container}`;
  for (const layer of model.layers) {
    if (layer.origin === 'operation' && layer.className !== 'TFOpLambda') continue;
    const key = identity(layer);
    const seen = visited.has(key);
    if (seen && !dialect.visitedTakeNumber) continue;
    const name = classNameToSnakeCase(layer.className);
    const number = counters.get(name) ?? 0;
    counters.set(name, number + (dialect.weightedTakeTwo && hasWeights(layer) ? 2 : 1));
    const path = `${base}/${number === 0 ? name : `${name}_${number}`}`;
    if (!seen) paths.set(layer, path);
    visited.add(key);
    if (!layer.model || seen) continue;
    for (const [inner, at] of layerPaths(layer.model, path, dialect, identity, hasWeights, visited))
      paths.set(inner, at);
  }
  return paths;
}
