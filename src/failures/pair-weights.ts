/**
 * Stored weights against an architecture, layer by layer: what fits, what does not, what is missing or left over, and
 * the smallest edit that explains the difference.
 */

import { type InferredLayer, type InferredModel, inferModel } from '../layers/infer.ts';
import { classNameToSnakeCase } from '../layers/names.ts';
import type { Artefact, Model, TensorRef } from '../model/types.ts';
import { likelyEdit, sameShapes } from './likely-edit.ts';

export type PairStatus = 'match' | 'shape' | 'missing' | 'extra';

export interface Pair {
  /** Layer of the architecture; null for what only the file has. */
  readonly layer: string | null;
  /** Layer in the file; null for what only the architecture has. */
  readonly stored: string | null;
  readonly status: PairStatus;
  readonly shapes: { readonly wanted: readonly Shape[]; readonly stored: readonly Shape[] };
}

export interface Pairing {
  readonly by: 'name' | 'order' | 'path';
  readonly pairs: readonly Pair[];
  /** The likeliest edit of the architecture, as a sentence; null where all fits or nothing is likely. */
  readonly edit: string | null;
}

type Shape = readonly number[];

/** Weights of one layer, wanted or stored. */
export interface WeightedLayer {
  readonly name: string;
  readonly className: string | null;
  /** Where files of the `.keras` kind keep it: its class in snake case, numbered (`dense_1`). Null where it is stored. */
  readonly path: string | null;
  readonly shapes: readonly Shape[];
  /** Empty where they are only wanted. */
  readonly tensors: readonly TensorRef[];
}

/** Layers that want weights, with their shapes, in the order of `model.layers`. */
export function wantedLayers(model: Model): WeightedLayer[] {
  return wantedBy(inferModel(model));
}

export function wantedBy(inferred: InferredModel): WeightedLayer[] {
  const counts = new Map<string, number>();
  return inferred.layers
    .map(layer => {
      const { name, className } = layer;
      const snake = classNameToSnakeCase(className);
      const number = counts.get(snake) ?? 0;
      counts.set(snake, number + 1);
      const path = number === 0 ? snake : `${snake}_${number}`;
      return { name, className, path, shapes: shapesOf(layer), tensors: [] };
    })
    .filter(({ shapes }) => shapes.length > 0);
}

function shapesOf(layer: InferredLayer): Shape[] {
  const own = layer.weights
    .filter(({ shape, optional }) => shape !== null && !optional)
    .map(({ shape }) => shape as Shape);
  const inside = (Object.values(layer.sublayers).flat() as readonly InferredLayer[]).flatMap(shapesOf);
  return [...own, ...inside, ...(layer.model?.layers.flatMap(shapesOf) ?? [])];
}

/** Layers whose weights an artefact holds: by its own architecture, or by the paths under which tensors are stored. */
export function storedLayers({ tensors }: Artefact): WeightedLayer[] {
  const groups = new Map<string, TensorRef[]>();
  for (const tensor of tensors) {
    const name = layerOfPath(tensor.path);
    if (notLayers.test(name)) continue;
    groups.set(name, [...(groups.get(name) ?? []), tensor]);
  }
  return [...groups]
    .map(([name, held]) => ({
      name,
      className: null,
      path: null,
      shapes: held.map(({ shape }) => shape),
      tensors: held,
    }))
    .sort((left, right) => numberOf(left.name) - numberOf(right.name));
}

/** What lies beside the layers: the optimizer's state, a checkpoint's own records. */
const notLayers = /^(optimizer(_weights)?|save_counter|_CHECKPOINTABLE_OBJECT_GRAPH|keras_api|model\.weights\.h5)$/;

/** Checkpoints list their layers as texts: 10 before 2. */
function numberOf(name: string): number {
  return Number(/^layer_with_weights-(\d+)$/.exec(name)?.[1] ?? 0);
}

/** Whether files of the `.keras` kind hold them. */
function storedByPath(stored: readonly WeightedLayer[]): boolean {
  return stored.some(({ tensors }) =>
    tensors.some(({ path }) => /(^|\/)(layers|_layer_checkpoint_dependencies)\/[^/]+\//.test(path)),
  );
}

/** `model_weights/dense/dense/kernel:0` → dense; `layers/dense_1/vars/0` → dense_1; a checkpoint's key → its first parts. */
function layerOfPath(path: string): string {
  const parts = path
    .replace(/^model\.weights\.h5\//, '')
    .replace(/^model_weights\//, '')
    .split('/');
  if (parts[0] === 'layers' || parts[0] === '_layer_checkpoint_dependencies') return parts[1] ?? path;
  return parts[0] ?? path;
}

export function pairWeights(wanted: readonly WeightedLayer[], stored: readonly WeightedLayer[]): Pairing {
  const by = pairingRule(wanted, stored);
  const pairs = by === 'order' ? pairByOrder(wanted, stored) : pairByKey(wanted, stored, by);
  return { by, pairs, edit: editOf(wanted, stored, pairs, by) };
}

function pairingRule(wanted: readonly WeightedLayer[], stored: readonly WeightedLayer[]): Pairing['by'] {
  if (storedByPath(stored)) return 'path';
  const names = new Set(stored.map(({ name }) => name));
  const shared = wanted.filter(({ name }) => names.has(name)).length;
  return shared * 2 > Math.max(wanted.length, stored.length) ? 'name' : 'order';
}

function pairByKey(wanted: readonly WeightedLayer[], stored: readonly WeightedLayer[], by: 'name' | 'path'): Pair[] {
  const keyOf = (layer: WeightedLayer) => (by === 'path' ? layer.path : layer.name) ?? layer.name;
  const held = new Map(stored.map(layer => [layer.name, layer]));
  const pairs = wanted.map(layer => pairOf(layer, held.get(keyOf(layer)) ?? null));
  const left = stored.filter(({ name }) => !wanted.some(layer => keyOf(layer) === name));
  return [...pairs, ...left.map(layer => pairOf(null, layer))];
}

function pairByOrder(wanted: readonly WeightedLayer[], stored: readonly WeightedLayer[]): Pair[] {
  const length = Math.max(wanted.length, stored.length);
  return Array.from({ length }, (_, index) => pairOf(wanted[index] ?? null, stored[index] ?? null));
}

function pairOf(wanted: WeightedLayer | null, stored: WeightedLayer | null): Pair {
  const shapes = { wanted: wanted?.shapes ?? [], stored: stored?.shapes ?? [] };
  const status: PairStatus = !stored
    ? 'missing'
    : !wanted
      ? 'extra'
      : sameShapes(shapes.wanted, shapes.stored)
        ? 'match'
        : 'shape';
  return { layer: wanted?.name ?? null, stored: stored?.name ?? null, status, shapes };
}

/** Files that keep layers by path list them in no order: there, layers of one class are aligned among themselves. */
function editOf(
  wanted: readonly WeightedLayer[],
  stored: readonly WeightedLayer[],
  pairs: readonly Pair[],
  by: Pairing['by'],
): string | null {
  if (pairs.every(({ status }) => status === 'match')) return null;
  if (by !== 'path') return likelyEdit(wanted, stored);
  return likelyEdit(
    byNumber(wanted, ({ path, name }) => path ?? name),
    byNumber(stored, ({ name }) => name),
  );
}

function byNumber(layers: readonly WeightedLayer[], keyOf: (layer: WeightedLayer) => string): WeightedLayer[] {
  const parts = (layer: WeightedLayer) => /^(.*?)(?:_(\d+))?$/.exec(keyOf(layer)) ?? [];
  return [...layers].sort((left, right) => {
    const [a, b] = [parts(left), parts(right)];
    return (a[1] ?? '').localeCompare(b[1] ?? '') || Number(a[2] ?? 0) - Number(b[2] ?? 0);
  });
}
