/**
 * An optimizer's state in the order of another release, so that training goes on where it stopped: what it keeps for
 * each trainable variable, its count of steps, its learning rate.
 */

import {
  type OptimizerFamily,
  type OptimizerRelease,
  type OptimizerScalar,
  optimizerFamily,
  type StateLayout,
  stateLayout,
} from '../eras/optimizers.ts';
import type { Target } from '../eras/write/target.ts';
import type { Artefact, Json, JsonObject, Model, Provenance, TensorRef } from '../model/types.ts';
import { allocate, type DType } from '../numbers/dtype.ts';
import { elementCount } from '../numbers/tensor.ts';
import { variablesOf } from '../writers/variables.ts';
import { momentumProduct, otherSchedule } from './nadam.ts';

/** State in the target's order, with what training does otherwise there all the same; or why there is none. */
export type PlannedState =
  | { readonly tensors: readonly TensorRef[]; readonly aside?: string }
  | { readonly lost: string };

/** `written` is the optimizer in the target's words, `model` the mended one. Null where the artefact keeps no state. */
export function planOptimizerState(
  artefact: Artefact,
  model: Model,
  written: Json,
  target: Target,
  dialect: 'h5' | 'v3',
): PlannedState | null {
  const stored = artefact.training?.optimizerWeights ?? [];
  if (stored.length === 0 || !artefact.model || !artefact.training) return null;
  // tf.keras 1 builds the training function where it finds a state, and cannot without trainable variables.
  if (trainable(model).length === 0) return null;
  if (target.line === 'keras1') return { lost: 'Keras 1 keeps variables in other shapes and another order' };
  const to = optimizerOf(written);
  // A bare name has the class's defaults, which are those that were written.
  const from = typeof artefact.training.optimizer === 'string' ? to : optimizerOf(artefact.training.optimizer);
  if (!from || !to) return { lost: 'the release cannot say this optimizer' };
  const release = releaseOf(artefact.provenance);
  if (!release) return { lost: 'which release saved it is not known, nor so the order of its variables' };
  const family = optimizerFamily(release, from.stored);
  const targetRelease = { line: target.line, version: versionOf(target) };
  const targetFamily = optimizerFamily(targetRelease, to.stored);
  const source = stateLayout(family, from.className, from.config, release.version);
  // Within a family the order is the same, known or not; wrapped optimizers are listed otherwise in archives.
  const whole = family === targetFamily && from.className === to.className && !from.className.startsWith('LossScale');
  if (!source && whole && isSame(trainable(artefact.model), trainable(model))) return { tensors: stored };
  if (!source) return { lost: `in which order ${from.className} keeps its variables is not known` };
  const [before, after] = [trainable(artefact.model), trainable(model)];
  if (!isSame(before, after)) return { lost: 'its variables belong to weights that are written otherwise' };
  const state = readState(source, stored, before);
  if (!state) return { lost: `its ${stored.length} variables are not those of ${from.className}` };
  if (dialect === 'v3' && targetFamily === 'v2') return { lost: 'archives hold no state of legacy optimizers' };
  const layout = stateLayout(targetFamily, to.className, to.config, targetRelease.version);
  if (!layout) return { lost: `in which order ${to.className} keeps its variables there is not known` };
  const scalars = new Map(state.scalars);
  const iterations = scalars.get('iterations');
  if (to.className === 'Nadam' && iterations && !scalars.has('momentumProduct')) {
    const nadam = { family, config: from.config, variables: before.length };
    scalars.set('momentumProduct', momentumProduct(iterations, nadam));
  }
  const like = stored[0] as TensorRef;
  const tensors = writeState(layout, { ...state, scalars }, after, to.config, like, targetFamily);
  const aside = to.className === 'Nadam' ? otherSchedule(family, targetFamily) : undefined;
  return aside === undefined ? { tensors } : { tensors, aside };
}

interface Optimizer {
  readonly className: string;
  readonly config: JsonObject;
  readonly stored: JsonObject;
}

function optimizerOf(value: Json): Optimizer | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const stored = value as JsonObject;
  if (typeof stored.class_name !== 'string') return null;
  const className = stored.class_name.replace(/^.*>/, '');
  return { className, config: (stored.config ?? {}) as JsonObject, stored };
}

/** tf.keras counts by TensorFlow's versions, of which provenance may name a range. */
function releaseOf({ line, keras, tensorflow }: Provenance): OptimizerRelease | null {
  const version = line === 'tf.keras' ? (/\d+\.\d+/.exec(tensorflow ?? keras ?? '')?.[0] ?? null) : keras;
  return line && version ? { line, version } : null;
}

function versionOf({ line, keras, tensorflow }: Target): string {
  return line === 'tf.keras' ? (tensorflow ?? keras) : keras;
}

/** Trainable variables in the order in which models list them; a shared layer's once. */
function trainable(model: Model): (TensorRef | null)[] {
  const variables = model.layers.flatMap(layer => variablesOf(layer)).filter(variable => variable.trainable);
  return [...new Set(variables.map(({ weight }) => weight.tensor))];
}

/** The very tensors that the artefact stores, none of them changed: else the state would be another one's. */
function isSame(before: readonly (TensorRef | null)[], after: readonly (TensorRef | null)[]): boolean {
  return (
    before.length === after.length &&
    before.every((tensor, index) => tensor !== null && tensor === after[index] && tensor.conversions.length === 0)
  );
}

interface State {
  readonly scalars: ReadonlyMap<OptimizerScalar, TensorRef>;
  /** By slot, then by variable. */
  readonly slots: ReadonlyMap<string, readonly TensorRef[]>;
}

/** Null where count or shapes are others than the layout has. */
function readState(
  layout: StateLayout,
  stored: readonly TensorRef[],
  variables: readonly (TensorRef | null)[],
): State | null {
  const rest = [...stored];
  const scalars = new Map<OptimizerScalar, TensorRef>();
  const slots = new Map<string, TensorRef[]>();
  const take = (shape: readonly number[]) => {
    const next = rest.shift();
    return next && next.shape.join() === shape.join() ? next : null;
  };
  const takeScalars = (names: readonly OptimizerScalar[]) =>
    names.every(name => {
      const found = take([]);
      if (found) scalars.set(name, found);
      return found !== null;
    });
  if (!takeScalars(layout.before)) return null;
  for (const group of layout.groups) {
    for (const variable of variables) {
      for (const slot of group) {
        const placeholder = layout.placeholders.includes(slot);
        const found = take(placeholder ? [1] : (variable?.shape ?? []));
        if (!found) return null;
        if (!placeholder) slots.set(slot, [...(slots.get(slot) ?? []), found]);
      }
    }
  }
  return takeScalars(layout.after) && rest.length === 0 ? { scalars, slots } : null;
}

function writeState(
  layout: StateLayout,
  state: State,
  variables: readonly (TensorRef | null)[],
  config: JsonObject,
  like: TensorRef,
  family: OptimizerFamily,
): TensorRef[] {
  const scalar = (name: OptimizerScalar) => state.scalars.get(name) ?? missingScalar(name, config, like, family);
  const slots = layout.groups.flatMap(group =>
    variables.flatMap((variable, index) =>
      group.map(slot => {
        const placeholder = layout.placeholders.includes(slot);
        const shape = placeholder ? [1] : (variable?.shape ?? []);
        const found = placeholder ? undefined : state.slots.get(slot)?.[index];
        return found ?? constant(like, variable?.dtype ?? 'float32', shape, 0);
      }),
    ),
  );
  return [...layout.before.map(scalar), ...slots, ...layout.after.map(scalar)];
}

/** What the other release does not keep: no steps counted yet, the learning rate of the config. */
function missingScalar(name: OptimizerScalar, config: JsonObject, like: TensorRef, family: OptimizerFamily): TensorRef {
  if (name === 'iterations') return constant(like, family === 'keras1' ? 'float32' : 'int64', [], 0);
  if (name === 'momentumProduct') return constant(like, 'float32', [], 1);
  return constant(like, 'float32', [], Number(config.learning_rate ?? 0));
}

function constant(like: TensorRef, dtype: DType, shape: readonly number[], value: number): TensorRef {
  const data = allocate(dtype, elementCount(shape));
  (data as unknown as { fill(item: unknown): void }).fill(dtype === 'int64' ? BigInt(value) : value);
  return {
    path: like.path,
    shape,
    dtype,
    storage: 'derived',
    plain: null,
    at: like.at,
    conversions: [`all ${value}, as the release keeps it`],
    read: async () => ({ dtype, shape, data }),
  };
}
