/**
 * Weights matched by order: layers of the file and of the model that have any, zipped; names are never compared. Facts:
 * `load_weights_from_hdf5_group` of each line (keras/engine/topology.py, saving.py, hdf5_format.py, legacy_h5_format.py).
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import { compareVersions } from '../../eras/versions.ts';
import type { InferredModel } from '../../layers/infer.ts';
import { type Evidence, evidence } from '../python/exception.ts';
import { obstacle, type Run, since } from '../run.ts';
import { takeValues } from './access.ts';
import { convertSaved } from './convert.ts';
import { loadTopLevel } from './optimizer.ts';
import { checkOrientation } from './orientation.ts';
import { type RequiredLayer, requiredLayers } from './required.ts';
import { type NameReading, openWeights, type SavedWeight, savedLayers, shapeOf } from './saved-layers.ts';
import { runSession } from './session.ts';
import { assignShapes } from './shapes.ts';

/** `load_weights_from_hdf5_group(group, model)`. Without an inferred model only the file's side is walked. */
export function loadByOrder(
  run: Run,
  group: RawGroup,
  model: InferredModel | null,
  reading: NameReading,
  inModel: boolean,
): void {
  const saved = savedLayers(run, group, reading);
  const layers = model ? requiredLayers(model).filter(layer => !run.unbuilt.has(layer.name)) : null;
  const required = layers && resetsByDefault(run) ? layers.map(resetAfter) : layers;
  const known = required?.every(layer => layer.known) ?? false;
  if (required && known && saved.length !== required.length)
    raiseLayerCount(run, countLayers(group, saved.length, required.length), inModel);
  for (const [index, layer] of saved.entries()) {
    const weights = openWeights(run, layer.group, layer.weightNames, reading);
    const target = known ? required![index] : undefined;
    if (!target) {
      takeUnknown(run, weights);
      continue;
    }
    const shapes = convertSaved(
      run,
      target,
      weights.map((weight, at) => shapeOf(weight) ?? target.weights[at]?.shape ?? []),
    );
    for (const [at, { dataset }] of weights.entries())
      if (dataset.kind === 'dataset') takeValues(run, dataset, target.weights[at]?.name ?? '');
    const where = { index, model: target.name, file: layer.name };
    if (shapes.length !== target.weights.length) raiseWeightCount(run, where, target.weights.length, shapes.length);
    assignShapes(run, target, shapes, weights, where);
    checkOrientation(run, target, layer.name);
  }
  if (saved.length > 0) runSession(run);
  loadTopLevel(run, group, reading);
}

/** Of a model with layers that are not known, whose variables go by the names in the file. */
function takeUnknown(run: Run, weights: readonly SavedWeight[]): void {
  for (const { name, dataset } of weights) if (dataset.kind === 'dataset') takeValues(run, dataset, name);
}

/** Files of Keras before 2.1.5 say nothing of a GRU's `reset_after`, which is on by default in TensorFlow 2 and Keras 3. */
function resetsByDefault(run: Run): boolean {
  const { line } = run.environment;
  const { keras } = run.stored;
  const silent = keras !== null && compareVersions(keras, '2') >= 0 && compareVersions(keras, '2.1.5') < 0;
  return silent && (line === 'keras3' || (line !== 'keras1' && line !== 'keras2' && since(run, '2.0')));
}

function resetAfter(layer: RequiredLayer): RequiredLayer {
  const { className, config, weights } = layer;
  const bias = weights[2];
  if (className !== 'GRU' || bias?.shape?.length !== 1) return layer;
  const both = { ...bias, shape: [2, ...bias.shape] };
  return { ...layer, config: { ...config, reset_after: true }, weights: [...weights.slice(0, 2), both] };
}

export interface LayerPlace {
  readonly index: number;
  readonly model: string;
  readonly file: string;
}

interface LayerCounts {
  readonly found: number;
  readonly expected: number;
  /** Layers with weights that lie in the group, whether or not `layer_names` lists them. */
  readonly lying: number;
  /** The group keeps its weights by path, as releases from 2.12 on do. */
  readonly byPath: boolean;
}

function countLayers({ children }: RawGroup, found: number, expected: number): LayerCounts {
  const lying = Object.values(children).filter(
    node => node.kind === 'group' && (node.attributes.weight_names?.values?.length ?? 0) > 0,
  ).length;
  const byPath = 'layers' in children || '_layer_checkpoint_dependencies' in children;
  return { found, expected, lying, byPath };
}

function raiseLayerCount(run: Run, counts: LayerCounts, inModel: boolean): void {
  const { found, expected } = counts;
  const { line } = run.environment;
  const old = `You are trying to load a weight file containing ${found} layers into a model with ${expected} layers`;
  const dotless = line === 'keras2' && inModel && since(run, '2.2.3');
  const text =
    line === 'keras3' || (line !== 'keras1' && line !== 'keras2' && since(run, '2.7'))
      ? `Layer count mismatch when loading weights from file. Model expected ${expected} layers, found ${found} saved layers.`
      : `${old}${dotless ? '' : '.'}`;
  const words = `the file has ${found} layers with weights, the model has ${expected}`;
  obstacle(run, 'ValueError', text, {
    failure: countFailure(counts),
    evidence: evidence(words),
    suppose: 'layer-count',
  });
}

function countFailure({ found, expected, lying, byPath }: LayerCounts): string {
  if (found === 0 && byPath) return 'newer-file-older-keras';
  if (lying > found) return 'weights-order-or-name-mismatch';
  if (found === 0) return 'weights-missing-in-file';
  return expected === 0 ? 'unbuilt-model' : 'architecture-mismatch-count';
}

function raiseWeightCount(run: Run, where: LayerPlace, expected: number, found: number): void {
  const { line } = run.environment;
  const modern = line === 'keras3' || (line !== 'keras1' && line !== 'keras2' && since(run, '2.7'));
  const { index, model, file } = where;
  const text = modern
    ? `Weight count mismatch for layer #${index} (named ${model} in the current model, ${file} in the save file). Layer expects ${expected} weight(s). Received ${found} saved weight(s)`
    : `Layer #${index} (named "${model}" in the current model) was found to correspond to layer ${file} in the save file. However the new layer ${model} expects ${expected} weights, but the saved weights have ${found} elements.`;
  const words: Evidence = evidence(
    `layer "${file}" of the file has ${found} weights, layer "${model}" of the model ${expected}`,
    file,
  );
  obstacle(run, 'ValueError', text, {
    failure: 'weights-order-or-name-mismatch',
    evidence: words,
    suppose: `weight-count:${index}`,
  });
}
