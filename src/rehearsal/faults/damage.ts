/** Damage in the bytes, wherever it lies: loaders only meet what they look for. */

import {
  greatestPlausible,
  type RawArtefact,
  type RawDataset,
  type RawNode,
  type RawProblem,
} from '../../artefacts/raw/index.ts';
import { type Fault, fault } from './types.ts';
import { eachDataset } from './walk.ts';

/** The first structure that cannot be read. */
export function damageOf({ hdf5, zip, size }: RawArtefact): Fault | null {
  const member = zip?.members.find(({ problem }) => problem !== null);
  if (member) return damaged(member.problem!, member.name);
  for (const root of [hdf5?.root, zip?.weights?.root]) {
    const found = root ? damagedNode(root, size) : null;
    if (found) return found;
  }
  return null;
}

function damagedNode(node: RawNode, size: number): Fault | null {
  if (node.kind === 'damaged') return damaged(node.problem, node.path);
  if (node.kind === 'dataset') return damagedDataset(node, size);
  if (node.kind !== 'group') return null;
  const attribute = Object.values(node.attributes).find(({ problem }) => problem !== null);
  const problem = node.attributeProblem ?? node.childProblem ?? attribute?.problem;
  if (problem) return damaged(problem, node.path);
  for (const child of Object.values(node.children)) {
    const found = damagedNode(child, size);
    if (found) return found;
  }
  return null;
}

/** Compression makes numbers a thousand times smaller at most, and only where they are all alike. */
const greatestRatio = 1000;

function damagedDataset({ problem, path, shape, external, virtual }: RawDataset, size: number): Fault | null {
  if (problem) return damaged(problem, path);
  if (size === 0 || external.length > 0 || virtual) return null;
  const count = (shape ?? []).reduce((product, axis) => product * axis, 1);
  if (count <= size * greatestRatio) return null;
  const what = `it declares ${count} values in a file of ${size} bytes`;
  return damaged({ code: 'hdf5-huge', what, offset: null, facts: null }, path);
}

function damaged({ what, offset }: RawProblem, where: string): Fault {
  return fault('truncated-or-corrupt', what, where, offset);
}

/** HDF5 states where it ends; a zip archive ends with its end record. */
export function somethingBehind({ hdf5, zip, size, path }: RawArtefact): Fault | null {
  const end = hdf5?.storedEnd === null || hdf5?.storedEnd === undefined ? null : hdf5.base + hdf5.storedEnd;
  if (!zip && end !== null && size > end) {
    const text = `${size - end} bytes follow the end of the HDF5 file: something was appended to it`;
    return fault('truncated-or-corrupt', text, path, end);
  }
  return zip?.trailing ? fault('truncated-or-corrupt', zip.trailing.what, path, zip.trailing.offset ?? size) : null;
}

/** Squares of gradients grow far, but not so far as random bytes do. */
const greatestSquare = greatestPlausible ** 2;

/** The optimizer's state is loaded without a look, and training goes on from it. */
export function damagedState({ hdf5, zip }: RawArtefact): Fault | null {
  for (const root of [hdf5?.root, zip?.weights?.root]) {
    const state = root?.children.optimizer_weights ?? root?.children.optimizer;
    for (const { values, path } of state ? eachDataset(state) : []) {
      if (!values || !(values.largest > greatestSquare || values.nan > 0 || values.infinite > 0)) continue;
      const text = `the optimizer's state holds values that no training gives (${values.nan} NaN, greatest ${values.largest.toExponential(1)}): bytes were overwritten`;
      return fault('truncated-or-corrupt', text, path, values.implausibleAt);
    }
  }
  return null;
}

/** Bundles of TensorFlow whose index, shards or checksums do not hold, though a loader may never ask for them. */
export function damagedBundle({ checkpoint, savedModel }: RawArtefact): Fault | null {
  const bundle = checkpoint ?? savedModel?.variables;
  if (!bundle?.index) return null;
  const { index, shards, entries, prefix } = bundle;
  if (index.pointer || shards.some(({ pointer }) => pointer)) {
    return fault('lfs-pointer', 'a Git LFS pointer lies where the values should be', prefix);
  }
  if (index.problem) return damaged(index.problem, `${prefix}.index`);
  const missing = shards.find(({ size }) => size === null);
  if (missing) {
    const failure = savedModel ? 'savedmodel-missing-files' : 'checkpoint-missing-files';
    return fault(failure, `${missing.name} is missing: it holds the values`, missing.name);
  }
  for (const { shard, key, offset, length, problem } of entries) {
    const { name = prefix, size = null } = shards[shard] ?? {};
    if (problem) return damaged(problem, name);
    if (size !== null && offset + length > size) {
      const text = `${name} is cut off: "${key}" ends at byte ${offset + length} of ${size}`;
      return fault('truncated-or-corrupt', text, name, size);
    }
  }
  return null;
}
