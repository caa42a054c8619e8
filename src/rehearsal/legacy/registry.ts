/**
 * What a release before Keras 3 finds under a name. Mostly what its namespaces export; a few classes are known to
 * deserialisation and exported nowhere, and are listed here with the releases that have them.
 */

import { isInOwnPackage } from '../../eras/names.ts';
import type { ExportedClass } from '../../eras/signatures/index.ts';
import { isKerasName } from '../../eras/signatures/index.ts';
import { isGiven, type Run, since } from '../run.ts';

export type Space =
  | 'layers'
  | 'activations'
  | 'initializers'
  | 'regularizers'
  | 'constraints'
  | 'optimizers'
  | 'losses'
  | 'metrics'
  | 'schedules';

/** Classes of tf.keras that no public namespace exports: first release, and the first without. */
const unexported: { readonly [name: string]: readonly [from: string, before: string | null] } = {
  Functional: ['2.3', null],
  Network: ['1.13', '2.3'],
  Model: ['1.13', null],
  Sequential: ['1.13', null],
  TensorFlowOpLayer: ['1.13', null],
  TFOpLambda: ['2.4', null],
  SlicingOpLambda: ['2.4', null],
  ClassMethod: ['2.5', null],
  InstanceMethod: ['2.5', null],
  InstanceProperty: ['2.5', null],
  BatchNormalizationV1: ['1.13', null],
  BatchNormalizationV2: ['1.13', null],
  LinearModel: ['2.2', null],
  WideDeepModel: ['2.2', null],
  CuDNNLSTM: ['1.13', null],
  CuDNNGRU: ['1.13', null],
  AddLoss: ['1.13', null],
  AddMetric: ['1.13', null],
  SyncBatchNormalization: ['2.2', null],
};

/** Initializers of tf.keras 1 that only its newer namespace exports. */
const unexportedInitializers = ['GlorotUniform', 'GlorotNormal'];

/**
 * Layers of tf.keras that are exported and that `populate_deserializable_objects` of layers/serialization.py does not
 * list: the release has them, its own loader does not find them. First release, and the first without that gap.
 */
const unlisted: { readonly [name: string]: readonly [from: string, before: string | null] } = {
  Convolution1DTranspose: ['2.3', '2.12'],
  SpectralNormalization: ['2.13', null],
};

const spaces: Readonly<Record<Space, readonly string[]>> = {
  layers: ['layers', 'models', 'layers.experimental.preprocessing', 'layers.experimental'],
  activations: ['activations'],
  initializers: ['initializers'],
  regularizers: ['regularizers'],
  constraints: ['constraints'],
  optimizers: ['optimizers', 'optimizers.legacy'],
  losses: ['losses', 'objectives'],
  metrics: ['metrics', 'losses'],
  schedules: ['optimizers.schedules'],
};

/** A class found by name; `facts` null for the user's own, and for built-ins whose constructor is not known. */
export interface FoundClass {
  readonly name: string;
  readonly own: boolean;
  readonly facts: ExportedClass | null;
}

/** The class that the release has under `name`, the user's where given; null where there is none. */
export function findClass(run: Run, space: Space, name: string): FoundClass | null {
  if (isGiven(run, name)) return { name: name.slice(name.lastIndexOf('>') + 1), own: true, facts: null };
  if (space === 'layers' && isUnlisted(run, name)) return null;
  for (const exported of spaces[space]) {
    const facts = run.release.classAt(exported, name);
    if (facts) return { name: facts.className, own: false, facts };
  }
  if (space === 'layers' && isUnexported(run, name)) return { name, own: false, facts: null };
  if (space === 'initializers' && run.environment.line === 'tf.keras' && unexportedInitializers.includes(name))
    return { name, own: false, facts: null };
  return findByString(run, space, name);
}

/** The bare name where the user's own object of that (registered) name is given. */
export function findOwn(run: Run, name: string): string | null {
  return isGiven(run, name) ? name.slice(name.lastIndexOf('>') + 1) : null;
}

/** True for a layer that the release has and that its loader does not find by name. */
export function isUnlisted(run: Run, name: string): boolean {
  const { line } = run.environment;
  if (line !== 'tf.keras' && line !== 'tf_keras') return false;
  const window = unlisted[name];
  return window !== undefined && since(run, window[0], window[1] ?? undefined);
}

function isUnexported(run: Run, name: string): boolean {
  if (run.environment.line === 'keras2') return name === 'Model' || name === 'Sequential';
  const window = unexported[name];
  return window !== undefined && since(run, window[0], window[1] ?? undefined);
}

/** Names that `get` knows besides the classes: `glorot_uniform`, `normal`, `l2`. */
function findByString(run: Run, space: Space, name: string): FoundClass | null {
  const target = run.release.identifier(space, name);
  if (target === null) return null;
  for (const exported of spaces[space]) {
    const facts = run.release.classAt(exported, target);
    if (facts) return { name: target, own: false, facts };
  }
  return { name: target, own: false, facts: null };
}

/** True where a string identifier is known: a function, a class, or an alias. */
export function knowsString(run: Run, space: Space, name: string): boolean {
  if (isGiven(run, name)) return true;
  if (spaces[space].some(exported => run.release.has(exported, name))) return true;
  if (run.release.identifier(space, name) !== null) return true;
  return space === 'activations' && isUnexportedActivation(run, name);
}

/** Functions and layers that `activations.deserialize` finds in its module without anybody exporting them. */
function isUnexportedActivation(run: Run, name: string): boolean {
  const { line } = run.environment;
  if (line !== 'tf.keras' && line !== 'tf_keras') return false;
  return since(run, '2.6') && unexportedActivations.has(name);
}

const unexportedActivations = new Set(
  'log_softmax leaky_relu relu6 LeakyReLU PReLU ELU ReLU Softmax ThresholdedReLU'.split(' '),
);

/** True for a name that no Keras ever exported, or that was registered in a package of the user's own. */
export function isOwnName(name: string): boolean {
  return (
    isInOwnPackage(name) || (!isKerasName(name.slice(name.lastIndexOf('>') + 1)) && !Object.hasOwn(unexported, name))
  );
}
