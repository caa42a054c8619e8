/**
 * Models that were saved before anything told the shapes of their inputs: Sequential without an input shape, subclassed
 * models. As in Keras, the first data that such a model sees builds it; data of another shape builds it anew.
 */

import { LoadstoneError } from '../findings/errors.ts';
import { inputSpecs } from '../layers/calling.ts';
import { rootInputs } from '../layers/trace-subclassed.ts';
import type { Artefact, Model, TensorSpec } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { countGiven, type PredictInputs, shapesGiven } from './inputs.ts';
import type { PredictOptions, RunnableModel } from './model.ts';

type InputShapes = { readonly [name: string]: Shape };

/** Inputs of a model of which some have no known shape, these with `[null]`; null where all are known. */
export function openInputs(model: Model, given: InputShapes = {}): readonly TensorSpec[] | null {
  if (model.root) {
    const known = rootInputs(model.root, given);
    return known.length > 0 ? null : [];
  }
  const specs = inputSpecs(model, given).map(({ spec }) => spec);
  if (specs.every(({ shape }) => shape !== null)) return null;
  return specs.map(spec => ({ ...spec, shape: spec.shape ?? [null] }));
}

/** A model that `build` compiles once its input shapes are known. `open` is what `openInputs` gave. */
export function deferredModel(
  artefact: Artefact,
  model: Model,
  open: readonly TensorSpec[],
  build: (inputShapes: InputShapes) => Promise<RunnableModel>,
): RunnableModel {
  const built = new Map<string, Promise<RunnableModel>>();
  let latest: RunnableModel | null = null;
  let disposed = false;

  async function builtFor(given: PredictInputs): Promise<RunnableModel> {
    if (disposed) {
      throw new LoadstoneError('usage', 'the model was disposed of', { where: model.name, do: 'Load it again.' });
    }
    const shapes = shapesGiven(given, open.length > 0 ? open : rootSpecs(model, countGiven(given)));
    const key = JSON.stringify(shapes);
    const known = built.get(key) ?? build(shapes);
    built.set(key, known);
    known.catch(() => built.delete(key));
    latest = await known;
    return latest;
  }

  async function dispose(): Promise<void> {
    if (disposed) return;
    disposed = true;
    const all = await Promise.allSettled(built.values());
    for (const one of all) if (one.status === 'fulfilled') await one.value.dispose();
    await artefact.close();
  }

  return {
    name: model.name,
    get inputs() {
      return latest?.inputs ?? open;
    },
    get outputs() {
      return latest?.outputs ?? [];
    },
    layers: model.layers,
    artefact,
    predict: (async (given: PredictInputs, options?: PredictOptions) =>
      (await builtFor(given)).predict(given, options)) as RunnableModel['predict'],
    predictAll: async (given, options) => (await builtFor(given)).predictAll(given, options),
    resetStates() {
      latest?.resetStates();
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function rootSpecs(model: Model, count: number): readonly TensorSpec[] {
  const dtype = model.root!.dtype.compute;
  const nameOf = (index: number) => (count === 1 ? 'input' : `input_${index}`);
  return Array.from({ length: count }, (_, index) => ({ name: nameOf(index), shape: [null], dtype }));
}
