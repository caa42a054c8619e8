/**
 * The tree of v3 weights files: each object a group, its own variables datasets in `vars` below it, numbered. Paths are
 * those under which the target's loader will look (saving_lib.py of TF 2.12 to 2.15, tf_keras, Keras 3).
 */

import { dialectsFor, layerPaths } from '../artefacts/keras-v3/paths.ts';
import type { AttributeNode, DatasetNode, GroupNode } from '../containers/hdf5/writer/index.ts';
import { eraOfTarget, isTarget, type Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { classNameToSnakeCase } from '../layers/names.ts';
import type { Layer, Model, TensorRef, Weight } from '../model/types.ts';
import { datasetOf } from './legacy-weights.ts';
import type { CopyOptions } from './tensors.ts';
import { heldByUsersCode, variablesOf } from './variables.ts';

/** Attention of tf.keras keeps its projections in private attributes, that of Keras 3 in public ones. */
const privateProjections = new Set(['MultiHeadAttention', 'GroupedQueryAttention']);

/** `optimizerWeights` stand in the target's order below `optimizer`. */
export function v3Tree(
  model: Model,
  target: Target,
  options: CopyOptions = {},
  optimizerWeights: readonly TensorRef[] = [],
): GroupNode {
  const root = newGroup();
  const identities = new Map<Layer, string>();
  const identity = (layer: Layer) => identities.get(layer) ?? remember(identities, layer);
  const hasWeights = (layer: Layer) => variablesOf(layer).length > 0;
  const [dialect] = dialectsFor(eraOfTarget(target));
  if (!dialect) return root;
  // Every object has its group of variables, be it empty: loaders of Keras 3.0 to 3.3 look for it.
  placeOwn(root, '', model.name, target);
  for (const [layer, path] of layerPaths(model, '', dialect, identity, hasWeights)) {
    placeLayer(root, path, layer, { target, options });
  }
  if (optimizerWeights.length > 0) {
    const group = placeOwn(root, 'optimizer', 'optimizer', target);
    optimizerWeights.forEach((tensor, index) => {
      (group.members as Map<string, DatasetNode>).set(String(index), datasetOf(tensor, options));
    });
  }
  return root;
}

/**
 * Each entry of a config is a layer of its own where it is loaded, also one that the saved model used in two places: both
 * look for their variables.
 */
function remember(identities: Map<Layer, string>, layer: Layer): string {
  const key = String(identities.size);
  identities.set(layer, key);
  return key;
}

interface Placing {
  readonly target: Target;
  readonly options: CopyOptions;
}

/** The layer's own variables and those of layers in its attributes; a model's layers have paths of their own. */
function placeLayer(root: GroupNode, path: string, layer: Layer, placing: Placing): void {
  placeVariables(root, path, layer, placing);
  for (const [attribute, held] of Object.entries(layer.sublayers)) {
    const at = `${path}/${attributeName(layer, attribute, placing.target)}`;
    if (!Array.isArray(held)) placeInner(root, at, held as Layer, placing);
    else placeList(root, at, held as readonly Layer[], placing);
  }
}

function attributeName(layer: Layer, attribute: string, target: Target): string {
  const hidden = layer.className === 'GroupedQueryAttention' || target.line !== 'keras3';
  return privateProjections.has(layer.className) && hidden && !attribute.startsWith('_') ? `_${attribute}` : attribute;
}

function placeInner(root: GroupNode, path: string, layer: Layer, placing: Placing): void {
  placeLayer(root, path, layer, placing);
  if (!layer.model) return;
  const [dialect] = dialectsFor(eraOfTarget(placing.target));
  const hasWeights = (inner: Layer) => variablesOf(inner).length > 0;
  if (!dialect) return;
  for (const [inner, at] of layerPaths(layer.model, path, dialect, one => one.name, hasWeights)) {
    placeLayer(root, at, inner, placing);
  }
}

/** Members of a list are named by class, with a counter for each class. */
function placeList(root: GroupNode, path: string, layers: readonly Layer[], placing: Placing): void {
  const counters = new Map<string, number>();
  for (const layer of layers) {
    const name = classNameToSnakeCase(layer.className);
    const number = counters.get(name) ?? 0;
    counters.set(name, number + 1);
    placeInner(root, `${path}/${number === 0 ? name : `${name}_${number}`}`, layer, placing);
  }
}

function placeVariables(root: GroupNode, path: string, layer: Layer, { target, options }: Placing): void {
  const group = placeOwn(root, path, layer.name, target);
  for (const [scope, weights] of byScope(layer)) {
    const inner = scope === '' ? group : placeOwn(root, `${path}/${scope}`, scope.split('/').at(-1) ?? scope, target);
    weights.forEach((weight, index) => {
      if (!weight.tensor) throw missing(layer, weight);
      (inner.members as Map<string, DatasetNode>).set(String(index), datasetOf(weight.tensor, options));
    });
  }
}

/**
 * Weights of layers that only the user's code knows stand with the layer around them: archives name the attributes
 * (`cell/0`), a legacy file lists variables alone, which belong to whatever the layer holds.
 */
function byScope(layer: Layer): Map<string, Weight[]> {
  const scopes = new Map<string, Weight[]>();
  const held = heldByUsersCode(layer);
  for (const weight of ownOrder(layer)) {
    const slash = weight.name.lastIndexOf('/');
    const scope = slash > 0 ? weight.name.slice(0, slash) : (held ?? '');
    scopes.set(scope, [...(scopes.get(scope) ?? []), weight]);
  }
  return scopes;
}

/** The group of an object's own variables. From 3.6 on it carries the object's name, the only link from a path to it. */
function placeOwn(root: GroupNode, path: string, name: string, target: Target): GroupNode {
  const group = groupAt(root, path === '' ? 'vars' : `${path}/vars`);
  const attributes = group.attributes as AttributeNode[];
  if (isTarget(target, 'keras3', '3.6') && attributes.length === 0) {
    attributes.push({ name: 'name', value: { kind: 'text', text: name } });
  }
  return group;
}

/** Trainable variables first; quantised layers save theirs as they were made (save_own_variables in dense.py). */
function ownOrder({ className, weights, dtype, sublayers }: Layer): readonly Weight[] {
  if (dtype.name.includes('_from_')) return weights;
  // It keeps a second reference to the kernel of the layer inside (normalization/spectral_normalization.py: build).
  const held = className === 'SpectralNormalization' ? (sublayers.layer as Layer | undefined)?.weights : [];
  const kernel = held?.find(({ name }) => name === 'kernel' || name === 'embeddings');
  return [
    ...(kernel ? [kernel] : []),
    ...weights.filter(({ trainable }) => trainable),
    ...weights.filter(({ trainable }) => !trainable),
  ];
}

function missing(layer: Layer, { name }: Weight): LoadstoneError {
  return new LoadstoneError('bad-weights', `the weight "${name}" of layer "${layer.name}" is not in the file`, {
    where: `layer ${layer.name}`,
    do: 'See what is there with inspect; convert to .npz takes out the tensors that survived.',
  });
}

function newGroup(): GroupNode {
  return { kind: 'group', attributes: [], members: new Map() };
}

function groupAt(root: GroupNode, path: string): GroupNode {
  let group = root;
  for (const name of path.split('/')) {
    const members = group.members as Map<string, GroupNode | DatasetNode>;
    const there = members.get(name);
    const next = there?.kind === 'group' ? there : newGroup();
    members.set(name, next);
    group = next;
  }
  return group;
}
