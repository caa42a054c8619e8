/** TensorFlow checkpoints in `load_weights` of tf.keras: found by prefix, matched by the names of attributes. */

import type { RawCheckpoint } from '../../artefacts/raw/index.ts';
import type { InferredModel } from '../../layers/infer.ts';
import { missingPath } from '../missing-path.ts';
import { evidence, raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { differs, obstacle, type Run, remark, since } from '../run.ts';
import { type RequiredLayer, requiredLayers } from '../weights/required.ts';
import { raiseDamage } from './saved-model-variables.ts';

/** True where the file was taken for a checkpoint; false where it is no table, and HDF5 is tried. */
export function loadCheckpoint(run: Run, model: InferredModel | null): boolean {
  const { path, presence, checkpoint } = run.raw;
  if (presence === 'file') return false;
  if (!checkpoint?.index) {
    raise(
      'NotFoundError',
      `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${path}`,
      missingPath(run.raw),
    );
  }
  raiseDamage(run, checkpoint, path);
  if (run.architecture?.built === false) {
    remark(
      run,
      'unbuilt-model',
      evidence('the model has no variables yet: it takes the values when it is first called'),
    );
  } else if (model) restoreObjects(run, checkpoint, requiredLayers(model));
  return true;
}

interface StoredVariable {
  readonly name: string;
  readonly key: string;
  readonly shape: readonly number[];
}

/** Layers with weights are numbered; what has no partner on the other side is left as it is, without a word. */
function restoreObjects(run: Run, checkpoint: RawCheckpoint, required: readonly RequiredLayer[]): void {
  const stored = storedLayers(checkpoint);
  if (stored.length === 0 || required.some(layer => !layer.known)) return;
  const counts = `the checkpoint has ${stored.length} layers with weights, the model has ${required.length}`;
  const failure = stored.length === required.length ? 'architecture-mismatch-shape' : 'architecture-mismatch-count';
  required.forEach((layer, index) => {
    restoreLayer(run, layer, stored[index] ?? [], failure, counts);
  });
  if (required.length > stored.length) {
    return differs(run, failure, evidence(`${counts}: the others keep the values that they were made with`));
  }
  if (required.length < stored.length) remark(run, failure, evidence(`${counts}: the rest is left out`));
}

function restoreLayer(
  run: Run,
  layer: RequiredLayer,
  stored: readonly StoredVariable[],
  failure: string,
  counts: string,
): void {
  const byName = [...layer.weights].sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const { name, shape } of byName) {
    const found = stored.find(variable => variable.name === name);
    if (!found || !shape || sameShape(shape, found.shape)) continue;
    const text = mismatchText(run, shape, found);
    const own = `${found.key} has shape ${reprShape(found.shape)}, "${layer.name}" needs ${reprShape(shape)}`;
    const words = failure === 'architecture-mismatch-count' ? `${counts}; ${own}` : own;
    const seen = evidence(words, found.key);
    if (text === null) return remark(run, failure, seen);
    obstacle(run, 'ValueError', text, { failure, evidence: seen, suppose: `restore:${found.key}` });
  }
}

function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, axis) => size === right[axis]);
}

/** Null where the release assigns in graph mode, without a look. */
function mismatchText(run: Run, needed: readonly number[], { shape, key }: StoredVariable): string | null {
  if (!since(run, '2.0')) return null;
  if (!since(run, '2.9')) return `Shapes ${reprShape(needed)} and ${reprShape(shape)} are incompatible`;
  return `Received incompatible tensor with shape ${reprShape(shape)} when attempting to restore variable with shape ${reprShape(needed)} and name ${key}.`;
}

/** By number of `layer_with_weights-N`, the variables that hang on it, layers inside it included. */
function storedLayers({ entries, objects }: RawCheckpoint): readonly (readonly StoredVariable[])[] {
  if (!objects) return [];
  const shapes = new Map(entries.map(({ key, shape }) => [key, shape]));
  const layers: (readonly StoredVariable[])[] = [];
  for (const { id, name } of objects[0]?.children ?? []) {
    const number = /^layer_with_weights-(\d+)$/.exec(name)?.[1];
    if (number !== undefined && Number(number) < objects.length)
      layers[Number(number)] = [...eachVariable(objects, shapes, id, '')];
  }
  return Array.from(layers, layer => layer ?? []);
}

/** Variables of a layer inside another one are not told apart by name alone: only a layer's own are. */
function* eachVariable(
  objects: NonNullable<RawCheckpoint['objects']>,
  shapes: ReadonlyMap<string, readonly number[]>,
  layer: number,
  prefix: string,
): Generator<StoredVariable> {
  for (const { id, name } of objects[layer]?.children ?? []) {
    for (const { key } of objects[id]?.attributes ?? []) {
      const shape = shapes.get(key);
      if (shape) yield { name: prefix + name, key, shape };
    }
  }
}
