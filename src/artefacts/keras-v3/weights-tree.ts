/**
 * The tree of a v3 weights file: every saved object is a group, its own variables are datasets in a group `vars` below
 * it, named 0, 1, … or by what the layer chose (keras/src/saving/saving_lib.py).
 */

import type { ReadOptions } from '../../bytes/source.ts';
import type { Hdf5Dataset, Hdf5Group } from '../../containers/hdf5/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { parseDType } from '../../layers/policy.ts';
import type { TensorRef } from '../../model/types.ts';
import { datasetProblem, datasetTensor, joined, reinterpreted, type TensorHome } from '../weights/dataset-tensor.ts';
import type { StoredWeight } from '../weights/match.ts';

export interface SavedObject {
  /** Path of the object's group, `layers/dense`; empty for the model itself. */
  readonly path: string;
  /** Keras's name of the object, where the file tells it (3.6 and later). */
  readonly name: string | null;
  /** In order: by number, then by name. */
  readonly variables: readonly StoredWeight[];
}

export interface WeightsTree {
  readonly objects: ReadonlyMap<string, SavedObject>;
  /** Paths of objects that have variables, or have such an object below them. */
  readonly filled: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Levels of groups followed: a model within a model takes two, a wrapper one. */
const maxDepth = 100;

/** Reads all objects of the file. Weights are not read. */
export async function readWeightsTree(home: TensorHome, options?: ReadOptions): Promise<WeightsTree> {
  const objects = new Map<string, SavedObject>();
  const findings: Finding[] = [];
  await home.file.prefetch('/', options);
  await walk(home, home.file.root, '', 0, objects, findings, options);
  return { objects, filled: filledPaths(objects.values()), findings };
}

function filledPaths(objects: Iterable<SavedObject>): Set<string> {
  const filled = new Set<string>();
  for (const { path, variables } of objects) {
    if (variables.length === 0) continue;
    const segments = path.split('/');
    segments.forEach((_, index) => {
      filled.add(segments.slice(0, index + 1).join('/'));
    });
  }
  return filled;
}

async function walk(
  home: TensorHome,
  group: Hdf5Group,
  path: string,
  depth: number,
  objects: Map<string, SavedObject>,
  findings: Finding[],
  options?: ReadOptions,
): Promise<void> {
  if (depth > maxDepth) return;
  for (const name of await guarded(group.names(options), group.path, findings, [])) {
    const child = await guarded(group.get(name, options), `${group.path}/${name}`, findings, null);
    if (child?.kind !== 'group') continue;
    if (name === 'vars') objects.set(path, await readObject(home, child, path, findings, options));
    else await walk(home, child, path === '' ? name : `${path}/${name}`, depth + 1, objects, findings, options);
  }
}

/** What cannot be read is a finding, and `fallback` stands for it. */
async function guarded<T>(promise: Promise<T>, path: string, findings: Finding[], fallback: T): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    findings.push({ code: 'damaged', severity: 'error', what: error.what, at: { path, offset: error.offset } });
    return fallback;
  }
}

async function readObject(
  home: TensorHome,
  group: Hdf5Group,
  path: string,
  findings: Finding[],
  options?: ReadOptions,
): Promise<SavedObject> {
  const attribute = await guarded(group.attribute('name', options), group.path, findings, null);
  const variables: StoredWeight[] = [];
  for (const name of inOrder(await guarded(group.names(options), group.path, findings, []))) {
    const place = `${group.path}/${name}`;
    const dataset = await guarded(group.get(name, options), place, findings, null);
    const tensor = dataset?.kind === 'dataset' ? await variableTensor(home, dataset, options) : null;
    const problem = tensor && datasetProblem(home, dataset as Hdf5Dataset);
    if (problem) findings.push(problem);
    if (tensor) variables.push({ name, tensor });
    else findings.push(unreadable(place, home.prefix));
  }
  return { path, name: typeof attribute?.value === 'string' ? attribute.value : null, variables };
}

function unreadable(place: string, prefix: string): Finding {
  const path = joined(prefix, place.replace(/^\//, ''));
  return { code: 'weight-unreadable', severity: 'error', what: `"${path}" holds no array of numbers`, at: { path } };
}

/** HDF5 lists names by their bytes: 10 before 2. */
function inOrder(names: readonly string[]): string[] {
  const rank = (name: string) => (/^\d+$/.test(name) ? Number(name) : Number.POSITIVE_INFINITY);
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : Number(a > b)));
}

/** bfloat16 is kept as two plain bytes and an attribute `dtype` that says so (H5IOStore in saving_lib.py). */
async function variableTensor(
  home: TensorHome,
  dataset: Hdf5Dataset,
  options?: ReadOptions,
): Promise<TensorRef | null> {
  const tensor = datasetTensor(home, dataset);
  const stated = (await dataset.attribute('dtype', options))?.value;
  const dtype = parseDType(stated);
  if (!tensor || dtype === null || dtype === tensor.dtype) return tensor;
  return reinterpreted(tensor, dtype, `bytes read as ${dtype}, as the attribute dtype says`);
}

/** States of training that the file keeps beside the model's variables. */
export function isTrainingState(path: string): boolean {
  return /^(optimizer|metrics|loss_tracker|_?compile_metrics)(\/|$)/.test(path);
}
