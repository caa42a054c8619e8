/**
 * One rehearsal under way: the artefact's facts, the environment, what its release exports, the stage it is in, and what
 * is supposed for the sake of argument so that obstacles behind the first one can be told.
 */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { isInOwnPackage } from '../eras/names.ts';
import { isKerasName, type Release, releaseOf } from '../eras/signatures/index.ts';
import { compareVersions } from '../eras/versions.ts';
import type { InferredModel } from '../layers/infer.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { Environment } from './environments/index.ts';
import { inferRaw } from './infer-raw.ts';
import type { GivenInput } from './predict/given.ts';
import { type Evidence, exception, type RaiseFacts } from './python/exception.ts';
import type { PyDict, PyValue } from './python/values.ts';
import { releaseThatWrote, type Stored, storedBy } from './stored.ts';
import type { Mode, Obstacle, Stage } from './types.ts';

export interface Run {
  readonly raw: RawArtefact;
  readonly environment: Environment;
  readonly mode: Mode;
  readonly release: Release;
  /** Version by which loaders of the line changed: TensorFlow's for tf.keras, the package's own elsewhere. */
  readonly version: string;
  stage: Stage;
  /** `keras_version` that stands beside the weights: decides which layout conversions apply. */
  weightsVersion: string | null;
  /** Which of tf.keras's two deserialisers is at work: `.h5` and SavedModel use the legacy one, `.keras` the modern. */
  serialization: 'legacy' | 'modern';
  /** True while Keras 3 reads an HDF5 file: its configs have no modules, and custom functions stand by name. */
  legacyConfig: boolean;
  /** What a `compile_config` met on the way does; none where compiling is off. */
  compileConfig: ((config: PyDict, where: string) => void) | null;
  /** Axes that Keras 3 dropped from an HDF5 config. */
  readonly lostAxes: { readonly className: string; readonly axis: PyValue; readonly where: string }[];
  /** The outermost input's shape where Keras 3 took a stored batch axis for an axis of the data. */
  mistakenInput: Shape | null;
  /** Names of layers that are not built when weights arrive. */
  readonly unbuilt: Set<string>;
  /** Layers that compute on a GPU only, with their classes. */
  readonly cudnn: Map<string, string>;
  /** Suppositions: names of obstacles that are taken as mended. */
  readonly supposed: ReadonlySet<string>;
  /** Silent differences and remarks met on the way. */
  readonly notes: Obstacle[];
  /** What the release that wrote the artefact exports; null where it does not say which. */
  readonly writer: Release | null;
  /** Which Keras wrote the artefact, as far as it says. */
  readonly stored: Stored;
  /** What the stored architecture needs of weights, where it could be inferred. */
  readonly inferred: InferredModel | null;
  /** `load_weights`: the model that takes the weights. */
  readonly architecture: Architecture | null;
  /** What `predict` is called with after the load; null where it is not called. */
  readonly inputs: readonly GivenInput[] | null;
}

/** The model that `load_weights` loads into. */
export interface Architecture {
  readonly raw: RawArtefact;
  readonly inferred: InferredModel | null;
  /** False for a model whose input shape is not known until it is called. */
  readonly built?: boolean;
}

export interface RunOptions {
  readonly inferred?: InferredModel | null;
  readonly architecture?: Architecture | null;
  readonly inputs?: readonly GivenInput[] | null;
}

export function startRun(
  raw: RawArtefact,
  environment: Environment,
  mode: Mode,
  supposed: ReadonlySet<string>,
  options: RunOptions = {},
): Run {
  const version = environment.line === 'tf.keras' ? environment.tensorflow! : environment.keras;
  return {
    raw,
    environment,
    mode,
    release: releaseOf(environment.line, version),
    version,
    stage: 'open',
    serialization: 'legacy',
    weightsVersion: null,
    legacyConfig: false,
    compileConfig: null,
    lostAxes: [],
    unbuilt: new Set(),
    cudnn: new Map(),
    mistakenInput: null,
    supposed,
    notes: [],
    stored: storedBy(raw),
    writer: releaseThatWrote(raw),
    inferred: options.inferred === undefined ? inferRaw(raw) : options.inferred,
    architecture: options.architecture ?? null,
    inputs: options.inputs ?? null,
  };
}

/** True where this run's release is `from` or newer, and older than `before`. */
export function since(run: Run, from: string, before?: string): boolean {
  const key = `${run.version} ${from} ${before}`;
  const known = windows.get(key);
  if (known !== undefined) return known;
  const inside = isInside(run, from, before);
  windows.set(key, inside);
  return inside;
}

/** Answers already given: the same windows are asked about for every layer. */
const windows = new Map<string, boolean>();

function isInside(run: Run, from: string, before?: string): boolean {
  return compareVersions(run.version, from) >= 0 && (before === undefined || compareVersions(run.version, before) < 0);
}

/** True where compile=True is in force. */
export function compiles(run: Run): boolean {
  return run.mode === 'default';
}

/**
 * Raises, unless the run supposes this obstacle mended. Returns then, so that the caller goes on as if nothing had been.
 * `suppose` names the obstacle; without it nothing can be supposed.
 */
export function obstacle(run: Run, type: string, message: string, facts: RaiseFacts = {}): void {
  if (facts.suppose && run.supposed.has(facts.suppose)) return;
  throw exception(type, message, facts);
}

/** Notes a silent difference: the load goes on, but the model computes something else. */
export function differs(run: Run, failure: string, evidence: Evidence): void {
  run.notes.push({ kind: 'differs', stage: run.stage, exception: null, failure, evidence: [evidence], custom: null });
}

/** Notes a failure that neither stops the load nor changes predictions, such as a lost optimizer state. */
export function remark(run: Run, failure: string, evidence: Evidence): void {
  run.notes.push({ kind: 'remark', stage: run.stage, exception: null, failure, evidence: [evidence], custom: null });
}

/** True where the loader is given an object of that name: `custom` gives whatever is not Keras's own. */
export function isGiven(run: Run, name: string): boolean {
  if (run.supposed.has(`custom:${name}`)) return true;
  // Up to 3.2 Keras 3 passes on nothing that it was given when it reads HDF5.
  if (run.legacyConfig && !since(run, '3.3')) return false;
  return run.mode === 'custom' && (isInOwnPackage(name) || isForeign(run, name.slice(name.lastIndexOf('>') + 1)));
}

/** True for a name that the Keras which wrote the artefact did not have: the user's own, even if a later Keras took it. */
function isForeign(run: Run, name: string): boolean {
  if (!isKerasName(name)) return true;
  if (!/^[a-z]/.test(name) || run.writer === null) return false;
  return !functionSpaces.some(space => run.writer!.has(space, name) || run.writer!.identifier(space, name) !== null);
}

const functionSpaces = [
  'activations',
  'losses',
  'metrics',
  'objectives',
  'initializers',
  'regularizers',
  'constraints',
  'optimizers',
];
