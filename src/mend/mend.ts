/**
 * Writes a copy of an artefact that a release of Keras loads and that computes the same. What the release cannot have
 * is refused by name before anything is written.
 */

import type { ByteSink } from '../bytes/sink.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { WriteNote } from '../eras/write/objects.ts';
import { isTarget, type Target } from '../eras/write/target.ts';
import { writeTraining } from '../eras/write/training.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Artefact, JsonObject, Layer, Model, Structure, TensorAddress, TensorRef } from '../model/types.ts';
import { writeKerasH5 } from '../writers/keras-h5.ts';
import { writeKerasV3 } from '../writers/keras-v3.ts';
import type { CopyOptions } from '../writers/tensors.ts';
import { withoutVocabulary } from './lost.ts';
import { planOptimizerState } from './optimizer-state.ts';
import { type Prepared, prepareModel } from './prepare.ts';
import type { Change } from './step.ts';

export type Form = 'h5' | 'keras';

export interface MendPlan extends Prepared {
  readonly target: Target;
  readonly form: Form;
  /** Compile arguments in the release's words; null where the copy is not compiled. */
  readonly training: JsonObject | null;
  /** The optimizer's variables in the release's order; empty where it begins anew. */
  readonly optimizerWeights: readonly TensorRef[];
}

export interface MendOptions {
  /** Leaves compile arguments and optimizer state out. */
  readonly dropOptimizer?: boolean;
}

/** The container in which the release reads a file of that form; null where it reads none. */
export function dialectOf(form: Form, target: Target): 'h5' | 'v3' | null {
  if (form === 'h5') return 'h5';
  if (target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.13')) return 'v3';
  // TensorFlow 2.12 and older read a file of that name as HDF5.
  return target.line === 'tf.keras' ? 'h5' : null;
}

/** Works out what is to be written. Throws `unsupported` where the artefact has no model, `usage` for a form that the release cannot read. */
export function planMend(artefact: Artefact, target: Target, form: Form, options: MendOptions = {}): MendPlan {
  if (!artefact.model) {
    throw new LoadstoneError('unsupported', 'it holds no architecture, so there is no model to write', {
      where: artefact.name,
      do: 'Give weights to an architecture with transfer.',
    });
  }
  const dialect = dialectOf(form, target);
  if (!dialect) {
    throw new LoadstoneError('usage', `that release reads no .${form} files`, {
      do: 'Name an output that ends in .h5.',
    });
  }
  const prepared = prepareModel(artefact.model, target, dialect);
  const changes: Change[] = [...prepared.changes];
  const training = options.dropOptimizer || !artefact.training ? null : trainingOf(artefact, target, dialect, changes);
  const optimizerWeights = stateOf(artefact, prepared.model, training, target, dialect, changes);
  const refusals = [...prepared.refusals, ...withoutVocabulary(prepared.model)];
  return { ...prepared, refusals, changes: [...changes, ...noted(prepared)], target, form, training, optimizerWeights };
}

function stateOf(
  artefact: Artefact,
  model: Model,
  training: JsonObject | null,
  target: Target,
  dialect: 'h5' | 'v3',
  changes: Change[],
): readonly TensorRef[] {
  const written = training?.optimizer ?? training?.optimizer_config ?? null;
  const state = planOptimizerState(artefact, model, written, target, dialect);
  if (!state || written === null) return [];
  if ('tensors' in state) {
    if (state.aside !== undefined) changes.push(otherTraining(state.aside));
    return state.tensors;
  }
  changes.push({
    failure: 'optimizer-state-mismatch',
    where: 'optimizer',
    before: 'its state',
    after: 'left out',
    why: `${state.lost}; prediction needs none, and training begins anew`,
  });
  return [];
}

function otherTraining(why: string): Change {
  const schedule = { before: 'the schedule of the release that saved', after: 'that of this release' };
  return { failure: 'optimizer-state-mismatch', where: 'optimizer', ...schedule, why };
}

function trainingOf(artefact: Artefact, target: Target, dialect: 'h5' | 'v3', changes: Change[]): JsonObject | null {
  const { training } = artefact;
  if (!training) return null;
  const given = { ...training, outputs: artefact.model ? outputNames(artefact.model.outputs) : [] };
  return writeTraining(given, target, dialect, note => changes.push(compileChange(note)));
}

/** A metric or a setting less, or no compiling at all. */
function compileChange({ key, what }: WriteNote): Change {
  const where = 'compile arguments';
  const left = { where, after: 'left out', why: what };
  if (key === 'metrics') return { failure: 'newer-file-older-keras', before: 'a metric', ...left };
  if (key === 'setting') return { failure: 'newer-file-older-keras', before: "an optimizer's setting", ...left };
  return { failure: 'optimizer-state-mismatch', where, before: 'compiled', after: 'not compiled', why: what };
}

/** Keras calls outputs by the layers that make them. */
function outputNames(outputs: Structure<TensorAddress>): string[] {
  if (Array.isArray(outputs)) return (outputs as readonly Structure<TensorAddress>[]).flatMap(outputNames);
  const { layer } = outputs as TensorAddress;
  return typeof layer === 'string' ? [layer] : Object.values(outputs as object).flatMap(outputNames);
}

/** What the release says otherwise, as changes; the same note of many layers is one. */
function noted({ notes }: Prepared): Change[] {
  const groups = new Map<string, string[]>();
  for (const { layer, key, what } of notes) {
    const id = `${key}\n${what}`;
    groups.set(id, [...(groups.get(id) ?? []), layer]);
  }
  return [...groups].map(([id, layers]) => {
    const [key = '', what = ''] = id.split('\n');
    const where = layers.length > 3 ? `${layers.length} layers` : `layer ${layers.join(', ')}`;
    return {
      failure: 'newer-file-older-keras',
      where: `${where}, ${key}`,
      before: key,
      after: "the release's default",
      why: what,
    };
  });
}

/** Writes the planned copy; the caller closes the sink. Throws `unsupported` for a plan with refusals. */
export async function writeMended(plan: MendPlan, sink: ByteSink, options: CopyOptions = {}): Promise<void> {
  const [refusal] = plan.refusals;
  if (refusal) {
    throw new LoadstoneError('unsupported', `${refusal.what}: layer "${refusal.layer}" (${refusal.className})`, {
      where: `layer ${refusal.layer}`,
    });
  }
  const { model, config, training, optimizerWeights, target } = plan;
  if (dialectOf(plan.form, target) === 'h5') {
    await writeKerasH5({ model, config, training, optimizerWeights }, target, sink, options);
    return;
  }
  const whole = training ? { ...config, compile_config: training } : config;
  await writeKerasV3({ model, config: whole, optimizerWeights, assets: assetsOf(model) }, target, sink, options);
}

/** Files that belong to layers (vocabularies), by the path under `assets/` at which the loader looks. */
function assetsOf(model: Model): { [path: string]: ByteSource } {
  const found: { [path: string]: ByteSource } = {};
  const add = (layer: Layer, path: string) => {
    for (const [name, source] of Object.entries(layer.assets)) found[`${path}/${name}`] = source;
  };
  for (const layer of model.layers) add(layer, `layers/${layer.name}`);
  return found;
}
