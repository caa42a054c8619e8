/**
 * The weights tree of legacy .h5 files: `layer_names` on a group, below it one group a layer with `weight_names`, and
 * a dataset for each name, in which slashes are groups (formats of Keras 1 to 3 alike). The lists are the order; what
 * HDF5 itself lists is not.
 */

import type { ReadOptions } from '../../bytes/source.ts';
import { type Hdf5Dataset, type Hdf5Group, type Hdf5ObjectBase, joinedAttribute } from '../../containers/hdf5/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { datasetProblem, datasetTensor, joined, type TensorHome } from './dataset-tensor.ts';
import type { StoredWeight } from './match.ts';

export interface StoredLayer {
  readonly name: string;
  readonly weights: readonly StoredWeight[];
}

export interface StoredTree {
  readonly layers: readonly StoredLayer[];
  /** Weights that a subclassed model owns itself (TF 2.7 and later). */
  readonly topLevel: StoredLayer | null;
  readonly findings: readonly Finding[];
}

/** The name list under `attribute` (or its numbered parts); null where the group has none. */
export async function nameList(
  group: Hdf5ObjectBase,
  attribute: string,
  options?: ReadOptions,
): Promise<string[] | null> {
  const value = await joinedAttribute(group, attribute, options);
  if (value === null) return null;
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value;
  // h5py writes an empty list as float64 of shape (0,).
  return [];
}

/** Reads the tree below `group`. What is listed and cannot be read is a finding. */
export async function readStoredTree(home: TensorHome, group: Hdf5Group, options?: ReadOptions): Promise<StoredTree> {
  const findings: Finding[] = [];
  const names = await nameList(group, 'layer_names', options);
  if (names === null) {
    const what = 'the group of weights has no attribute layer_names, so the order of the layers is not known';
    findings.push({
      code: 'layer-names-missing',
      severity: 'error',
      what,
      at: { path: joined(home.prefix, group.path) },
    });
  }
  await home.file.prefetch(group.path, options);
  const layers: StoredLayer[] = [];
  for (const name of names ?? (await group.names(options))) {
    const layer = await readStoredLayer(home, group, name, findings, options);
    if (layer) layers.push(layer);
  }
  const own = names?.includes('top_level_model_weights')
    ? null
    : await child(group, 'top_level_model_weights', options);
  const topLevel =
    own?.kind === 'group' ? await readStoredLayer(home, group, 'top_level_model_weights', [], options) : null;
  return { layers, topLevel: topLevel && topLevel.weights.length > 0 ? topLevel : null, findings };
}

async function readStoredLayer(
  home: TensorHome,
  parent: Hdf5Group,
  name: string,
  findings: Finding[],
  options?: ReadOptions,
): Promise<StoredLayer | null> {
  const note: Note = (code, what, path, offset) => {
    const at = { path: joined(home.prefix, path), offset };
    findings.push({ code, severity: 'error', what, at, facts: { layer: name } });
  };
  const path = `${parent.path === '/' ? '' : parent.path}/${name}`;
  try {
    const group = await parent.get(name, options);
    if (group?.kind !== 'group') {
      note('layer-group-missing', `layer "${name}" is listed and its group of weights is not there`, path);
      return { name, weights: [] };
    }
    return { name, weights: await readWeights(home, group, note, options) };
  } catch (error) {
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    note('damaged', `the weights of layer "${name}" cannot be read: ${error.what}`, path);
    return { name, weights: [] };
  }
}

type Note = (code: string, what: string, path: string, offset?: number) => void;

/** The weights that a group lists, in their order. */
export async function readWeights(
  home: TensorHome,
  group: Hdf5Group,
  note: Note,
  options?: ReadOptions,
): Promise<StoredWeight[]> {
  const names = await nameList(group, 'weight_names', options);
  if (names === null) note('weight-names-missing', `"${group.path}" has no attribute weight_names`, group.path);
  const weights: StoredWeight[] = [];
  for (const name of names ?? []) {
    const path = `${group.path}/${name}`;
    const dataset = await child(group, name, options).catch(error => damaged(error, path, note));
    const tensor = dataset?.kind === 'dataset' ? datasetTensor(home, dataset as Hdf5Dataset) : null;
    const problem = tensor && datasetProblem(home, dataset as Hdf5Dataset);
    if (problem) note(problem.code, problem.what, path, problem.at.offset);
    if (tensor) weights.push({ name, tensor });
    else if (dataset !== undefined)
      note('weight-missing', `weight "${name}" is listed and no array of numbers is there`, path);
  }
  return weights;
}

/** Undefined: the damage was noted. */
function damaged(error: unknown, path: string, note: Note): undefined {
  if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
  note('damaged', `weight "${path}" cannot be read: ${error.what}`, path);
  return undefined;
}

async function child(group: Hdf5Group, name: string, options?: ReadOptions) {
  return group.get(name, options);
}
