/** An architecture with the weights of another artefact, layer by layer as they were paired. */

import { bindCheckpoint } from '../artefacts/checkpoint/bind.ts';
import { isCheckpoint } from '../artefacts/checkpoint/read.ts';
import { bindLegacy } from '../artefacts/weights/bind-legacy.ts';
import type { StoredLayer } from '../artefacts/weights/legacy-file.ts';
import { eraOf } from '../eras/era.ts';
import type { Pairing, WeightedLayer } from '../failures/pair-weights.ts';
import type { Finding } from '../findings/finding.ts';
import { inferModel } from '../layers/infer.ts';
import type { Artefact, Model } from '../model/types.ts';

/**
 * The model of an architecture with tensors of `weights` where they fit; other layers stay without. `stored` are the layers
 * of `weights` that were paired with it.
 */
export function fittedModel(
  model: Model,
  weights: Artefact,
  { pairs }: Pairing,
  stored: readonly WeightedLayer[],
): Model {
  const inferred = inferModel(model);
  const [era, findings] = [eraOf(weights.provenance), [] as Finding[]];
  // A checkpoint says by its objects, or names, what each tensor is.
  if (isCheckpoint(weights) && weights.checkpoint)
    return bindCheckpoint(model, inferred, weights.checkpoint, era, findings);
  const layers = pairs.flatMap(({ layer, stored: name, status }): StoredLayer[] => {
    const found = stored.find(candidate => candidate.name === name);
    if (status !== 'match' || layer === null || !found) return [];
    return [{ name: layer, weights: found.tensors.map(tensor => ({ name: variableName(tensor.path), tensor })) }];
  });
  return bindLegacy(model, inferred, layers, era, findings);
}

/** `layers/dense/vars/0` → 0; `layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE` → kernel. */
function variableName(path: string): string {
  return path.replace(/\/\.ATTRIBUTES\/.*$/, '').replace(/^.*\//, '');
}

/** The layers of a fitted model that have all their weights, for files that are read by name. */
export function fittedLayers(model: Model, { pairs }: Pairing): Model {
  const fitting = new Set(pairs.flatMap(({ layer, status }) => (status === 'match' && layer !== null ? [layer] : [])));
  return { ...model, layers: model.layers.filter(({ name }) => fitting.has(name)) };
}
