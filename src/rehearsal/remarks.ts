/**
 * Faults of an artefact that no loader minds: told when nothing else is to be said of a load. Facts are the bytes alone.
 */

import {
  greatestPlausible,
  type RawArtefact,
  type RawDataset,
  type RawGroup,
  type RawNode,
  type RawProblem,
} from '../artefacts/raw/index.ts';
import { configText } from './infer-raw.ts';
import type { Evidence } from './python/exception.ts';
import { type Run, remark } from './run.ts';

interface Fault {
  readonly failure: string;
  readonly evidence: Evidence;
}

/** Notes what is wrong with the artefact though it loads; nothing where a difference was foreseen already. */
export function remarkFaults(run: Run): void {
  if (run.notes.length > 0) return;
  const fault = wholeModelAsWeights(run) ?? faultOf(run.raw);
  if (fault) remark(run, fault.failure, fault.evidence);
}

const kept = new WeakMap<RawArtefact, { readonly fault: Fault | null }>();

function faultOf(raw: RawArtefact): Fault | null {
  const known = kept.get(raw);
  if (known) return known.fault;
  const fault = damageOf(raw) ?? somethingBehind(raw) ?? damagedState(raw) ?? otherPrecision(raw);
  kept.set(raw, { fault });
  return fault;
}

/** The first structure that cannot be read, wherever it lies: loaders only meet what they look for. */
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
  return { failure: 'truncated-or-corrupt', evidence: { text: what, where, offset } };
}

/** Failures that damage brings about where it hides a name or a group. */
const consequences = new Set([
  'weights-missing-in-file',
  'weights-order-or-name-mismatch',
  'weights-only-as-model',
  'architecture-mismatch-count',
]);

/** What a loader complains of, and what is behind it. */
export function causeBehind(raw: RawArtefact, failure: string | null): Fault | null {
  if (failure !== null && consequences.has(failure)) return damageOf(raw);
  if (failure === 'custom-object-missing') return foreignCode(raw);
  if (failure === 'file-not-found-path') return nearNames(raw);
  return null;
}

function nearNames({ nearby, path }: RawArtefact): Fault | null {
  if (nearby.length === 0) return null;
  const text = `what lies there under like names: ${nearby.slice(0, 5).join(', ')}`;
  return { failure: 'file-not-found-path', evidence: { text, where: path, offset: null } };
}

/** Modules of Python itself: their functions in a config are no custom objects but commands. */
const commands =
  /"module":\s*"(?:os|posix|nt|sys|subprocess|shutil|socket|importlib|runpy|pickle|marshal|ctypes|code|pty|webbrowser)(?:\.[\w.]+)?"|"module":\s*"builtins"[^{}]*"(?:eval|exec|compile|open|__import__|getattr)"/;

function foreignCode(raw: RawArtefact): Fault | null {
  const found = commands.exec(configText(raw) ?? '');
  if (!found) return null;
  const text = `the config names ${found[0]}: a loader that took it would run a command`;
  return { failure: 'malicious-config', evidence: { text, where: 'config', offset: null } };
}

/** HDF5 states where it ends; a zip archive ends with its end record. */
function somethingBehind({ hdf5, zip, size, path }: RawArtefact): Fault | null {
  const end = hdf5?.storedEnd === null || hdf5?.storedEnd === undefined ? null : hdf5.base + hdf5.storedEnd;
  if (!zip && end !== null && size > end) {
    return behind(`${size - end} bytes follow the end of the HDF5 file: something was appended to it`, path, end);
  }
  return zip?.trailing ? behind(zip.trailing.what, path, zip.trailing.offset ?? size) : null;
}

function behind(text: string, where: string, offset: number): Fault {
  return { failure: 'truncated-or-corrupt', evidence: { text, where, offset } };
}

/** The optimizer's state is loaded without a look, and training goes on from it. */
function damagedState({ hdf5, zip }: RawArtefact): Fault | null {
  for (const root of [hdf5?.root, zip?.weights?.root]) {
    const state = root?.children.optimizer_weights ?? root?.children.optimizer;
    for (const dataset of state ? eachDataset(state) : []) {
      const { values, path } = dataset;
      if (!values || !(values.largest > greatestPlausible || values.nan > 0 || values.infinite > 0)) continue;
      const text = `the optimizer's state holds values that no training gives (${values.nan} NaN, greatest ${values.largest.toExponential(1)}): bytes were overwritten`;
      return { failure: 'truncated-or-corrupt', evidence: { text, where: path, offset: values.implausibleAt } };
    }
  }
  return null;
}

function* eachDataset(node: RawNode): Generator<Extract<RawNode, { kind: 'dataset' }>> {
  if (node.kind === 'dataset') yield node;
  else if (node.kind === 'group') for (const child of Object.values(node.children)) yield* eachDataset(child);
}

/** Weights rounded, or stored one by one in other precisions, where the config says nothing of it. */
function otherPrecision(raw: RawArtefact): Fault | null {
  const root = raw.hdf5?.root ?? raw.zip?.weights?.root;
  if (!root || /float(?:16|64)|int8/.test(configText(raw) ?? '')) return null;
  const weights = root.children.model_weights ?? root;
  const datasets = [...eachDataset(weights)].filter(
    ({ dtype, path }) => dtype.startsWith('float') && !/^\/?optimizer/.test(path),
  );
  const plain = datasets.some(({ dtype }) => dtype === 'float32');
  const odd = datasets.find(({ dtype }) => dtype === 'float16' || (plain && dtype === 'float64'));
  if (!odd) return null;
  const text = plain
    ? `one variable is stored in ${odd.dtype}, the others in float32: the file was written over`
    : 'the weights are stored in float16, and the model computes in float32: they were rounded';
  return { failure: 'silent-wrong-predictions', evidence: { text, where: odd.path, offset: odd.offset } };
}

/** `load_weights` of a whole model does what it says; whoever wanted the model wants `load_model`. */
function wholeModelAsWeights({ mode, raw }: Run): Fault | null {
  if (mode !== 'weights') return null;
  const whole = holdsConfig(raw.hdf5?.root) || raw.zip?.texts['config.json'] !== undefined;
  if (!whole) return null;
  const text = 'it is a whole model: load_weights takes its weights and leaves its architecture and training state';
  return { failure: 'wrong-loader-for-format', evidence: { text, where: raw.path, offset: null } };
}

function holdsConfig(root: RawGroup | null | undefined): boolean {
  return root?.attributes.model_config !== undefined;
}
