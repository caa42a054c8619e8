/**
 * The weights tree of legacy .h5 files: a group for each layer, its variables named in order. Loaders match by order,
 * some by name; names follow what the target's own variables are called as far as they need to.
 */

import type { AttributeNode, DatasetNode, GroupNode, NumberType } from '../containers/hdf5/writer/index.ts';
import { gatesApart, hasGatesApart, targetLayout, variableName } from '../eras/write/layouts.ts';
import type { Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Layer, Model, TensorRef } from '../model/types.ts';
import { type CopyOptions, copiedChunks } from './tensors.ts';
import { inLegacyOrder, type Variable, variablesOf } from './variables.ts';

/** Longest list of names that Keras puts into one attribute (HDF5_OBJECT_HEADER_LIMIT of keras/engine/saving.py). */
const longestList = 64_512;

export interface NamedWeight {
  readonly name: string;
  readonly tensor: TensorRef;
}

/** The tree of groups for `model.layers`; a Sequential's InputLayer is left out, as the releases do. */
export function legacyTree(model: Model, target: Target, options: CopyOptions = {}): GroupNode {
  const layers =
    model.className === 'Sequential' ? model.layers.filter(layer => layer.className !== 'InputLayer') : model.layers;
  const named = layers.map(layer => ({ name: layer.name, weights: layerWeights(layer, model, target) }));
  const root = emptyGroup(
    namesAttributes(
      'layer_names',
      named.map(({ name }) => name),
    ),
  );
  for (const { name, weights } of named) {
    const group = groupAt(root, name);
    const names = weights.map(weight => weight.name);
    (group.attributes as AttributeNode[]).push(...namesAttributes('weight_names', names));
    for (const weight of weights) placeDataset(group, weight, options);
  }
  return root;
}

/** A layer's variables in the file's order, in the target's layout. Throws `bad-weights` where one is not stored. */
function layerWeights(layer: Layer, model: Model, target: Target): NamedWeight[] {
  const taken = new Set<string>();
  const named = inLegacyOrder(variablesOf(layer, model.trainable)).map(variable => {
    const { weight, owner } = variable;
    if (!weight.tensor) {
      throw new LoadstoneError(
        'bad-weights',
        `the weight "${weight.name}" of layer "${layer.name}" is not in the file`,
        {
          where: `layer ${layer.name}`,
          do: 'See what is there with inspect; convert to .npz takes out the tensors that survived.',
        },
      );
    }
    const name = unique(storedName(layer, variable, target), taken);
    return { name, tensor: targetLayout(weight.tensor, weight.name, owner, target) };
  });
  return hasGatesApart(layer, target) ? gatesApart(named) : named;
}

function storedName(layer: Layer, { weight, scopes }: Variable, target: Target): string {
  const variable = variableName(weight.name, target);
  if (target.line === 'keras1') {
    const suffix = target.backend === 'theano' ? '' : ':0';
    return `${[scopes.at(-1) ?? layer.name, variable].join('_')}${suffix}`;
  }
  const path = [layer.name, ...scopes, variable].join('/');
  return target.line === 'keras3' ? path : `${path}:0`;
}

function unique(name: string, taken: Set<string>): string {
  const [stem, suffix] = name.endsWith(':0') ? [name.slice(0, -2), ':0'] : [name, ''];
  let candidate = name;
  for (let count = 1; taken.has(candidate); count += 1) candidate = `${stem}_${count}${suffix}`;
  taken.add(candidate);
  return candidate;
}

function emptyGroup(attributes: AttributeNode[] = []): GroupNode {
  return { kind: 'group', attributes, members: new Map() };
}

/** The group of that path below `root`; slashes in names make groups within groups. */
function groupAt(root: GroupNode, path: string): GroupNode {
  let group = root;
  for (const name of path.split('/')) {
    const members = group.members as Map<string, GroupNode | DatasetNode>;
    const there = members.get(name);
    const next = there?.kind === 'group' ? there : emptyGroup();
    if (next !== there) members.set(name, next);
    group = next;
  }
  return group;
}

function placeDataset(group: GroupNode, { name, tensor }: NamedWeight, options: CopyOptions): void {
  const parts = name.split('/');
  const leaf = parts.pop() as string;
  const parent = parts.length > 0 ? groupAt(group, parts.join('/')) : group;
  (parent.members as Map<string, GroupNode | DatasetNode>).set(leaf, datasetOf(tensor, options));
}

export function datasetOf(tensor: TensorRef, options: CopyOptions = {}): DatasetNode {
  return {
    kind: 'dataset',
    dtype: tensor.dtype as NumberType,
    shape: tensor.shape,
    chunks: () => copiedChunks(tensor, options),
  };
}

/** A list of names as an attribute; long lists are split, an empty one is an array of numbers, as h5py makes it. */
export function namesAttributes(name: string, names: readonly string[]): AttributeNode[] {
  if (names.length === 0) {
    return [{ name, value: { kind: 'numbers', dtype: 'float64', shape: [0], bytes: new Uint8Array(0) } }];
  }
  const longest = Math.max(...names.map(item => new TextEncoder().encode(item).length));
  const perPart = Math.max(1, Math.floor(longestList / longest));
  if (names.length <= perPart) return [{ name, value: { kind: 'fixed-texts', texts: names } }];
  const parts = Math.ceil(names.length / perPart);
  return Array.from({ length: parts }, (_, part) => ({
    name: `${name}${part}`,
    value: { kind: 'fixed-texts' as const, texts: names.slice(part * perPart, (part + 1) * perPart) },
  }));
}
