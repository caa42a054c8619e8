/** A model ready to predict: traced, compiled, with its states kept from one call to the next. */

import { isSavedModel } from '../artefacts/saved-model/types.ts';
import { checkSignal } from '../bytes/range.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { readAssets } from '../layers/assets.ts';
import { customObjects, type GivenObjects } from '../layers/custom.ts';
import { type TracedModel, traceModel } from '../layers/trace.ts';
import type { Artefact, Layer, Model, TensorRef, TensorSpec } from '../model/types.ts';
import { allocate } from '../numbers/dtype.ts';
import { elementCount, type Shape, type Tensor } from '../numbers/tensor.ts';
import type { Backend } from './backend.ts';
import { joinBatches, sliceBatch } from './batches.ts';
import { deferredModel, openInputs } from './deferred.ts';
import { type PredictInputs, readInputs } from './inputs.ts';
import { compileProgram, type Program } from './program.ts';
import {
  needsFunctions,
  prepareSavedModel,
  runsByFunctions,
  storedStates,
  traceFunctions,
  traceOrElse,
} from './saved-model.ts';

export interface ModelOptions extends ReadOptions {
  /** The user's own layers, activations, losses. */
  readonly customObjects?: GivenObjects;
  /** Shapes for inputs, by name, batch axis included, where the model leaves them open. */
  readonly inputShapes?: { readonly [name: string]: Shape };
  /** Runs this signature of a SavedModel, and not its layers. */
  readonly signature?: string;
  /** Rearrange weights for speed at the price of a copy of them. Default true; false to predict once. */
  readonly prepack?: boolean;
}

export interface PredictOptions extends ReadOptions {
  /** Samples computed at once. Default 32, as in Keras. */
  readonly batchSize?: number;
  /** Results as a record by output name. */
  readonly named?: boolean;
}

export type Prediction = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor };

export interface RunnableModel {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly layers: readonly Layer[];
  readonly artefact: Artefact;
  /**
   * Predicts. One output gives a tensor, several an array in the order of `outputs`, `named` a record.
   * Throws `bad-input` for inputs that do not fit, `aborted` between batches once the signal says so.
   */
  predict(
    inputs: PredictInputs,
    options: PredictOptions & { readonly named: true },
  ): Promise<{ readonly [name: string]: Tensor }>;
  predict(inputs: PredictInputs, options?: PredictOptions): Promise<Tensor | readonly Tensor[]>;
  /** All outputs as an array, whatever their number. */
  predictAll(inputs: PredictInputs, options?: PredictOptions): Promise<readonly Tensor[]>;
  /** Sets the states of stateful layers to zero. */
  resetStates(): void;
  /** Frees the sessions and closes the artefact. Predictions under way end first. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_BATCH = 32;

/** Compiles an artefact's model for a backend. Throws where it has none, or where a layer cannot be run. */
export async function runnableModel(
  artefact: Artefact,
  backend: Backend,
  options: ModelOptions = {},
): Promise<RunnableModel> {
  await prepareSavedModel(artefact, options);
  if (runsByFunctions(artefact, options))
    return compiled(artefact, traceFunctions(artefact, options), backend, options, false);
  const model = requireModel(artefact);
  const given = customObjects(options.customObjects ?? []);
  if (isSavedModel(artefact) && needsFunctions(model, given)) {
    return compiled(artefact, traceFunctions(artefact, options), backend, options);
  }
  const open = openInputs(model, options.inputShapes);
  if (open) {
    return deferredModel(artefact, model, open, inputShapes =>
      runnableModel(artefact, backend, { ...options, inputShapes }),
    );
  }
  const assets = await readAssets(model, options);
  const traced = traceOrElse(artefact, options, () =>
    traceModel(model, { customObjects: given, inputShapes: options.inputShapes, assets }),
  );
  return compiled(artefact, traced, backend, options);
}

async function compiled(
  artefact: Artefact,
  traced: TracedModel,
  backend: Backend,
  options: ModelOptions,
  batches = true,
): Promise<RunnableModel> {
  const program = await compileProgram(
    [...traced.inputs.map(input => input.tensor), ...traced.states.map(state => state.before)],
    [...traced.outputs.map(output => output.tensor), ...traced.states.map(state => state.after)],
    weightsOf(traced),
    backend,
    { prepack: options.prepack, signal: options.signal },
  );
  const first = await storedStates(traced, zeroStates(traced));
  return modelOver(artefact, traced, program, first, batches);
}

function requireModel(artefact: Artefact): Model {
  if (artefact.model) return artefact.model;
  const broken = artefact.findings.find(finding => finding.severity === 'error');
  throw new LoadstoneError(
    broken ? 'damaged' : 'usage',
    broken ? broken.what : `a ${artefact.format} artefact holds weights only, no model to run`,
    {
      where: artefact.name,
      do: broken ? undefined : 'Give the full model, or its architecture together with these weights.',
    },
  );
}

function weightsOf(traced: TracedModel): Map<number, TensorRef> {
  const weights = new Map<number, TensorRef>();
  for (const { tensor, weight } of traced.weights) if (weight?.tensor) weights.set(tensor.node.id, weight.tensor);
  return weights;
}

/** `batches`: the first axis of every input counts samples, so that many are computed some at a time. */
function modelOver(
  artefact: Artefact,
  traced: TracedModel,
  program: Program,
  first: readonly Tensor[],
  batches: boolean,
): RunnableModel {
  const name = artefact.model?.name ?? artefact.name;
  const inputs = traced.inputs.map(input => input.spec);
  const outputs = traced.outputs.map(output => output.spec);
  let states = [...first];
  let queue: Promise<unknown> = Promise.resolve();
  let disposed = false;

  async function predictBatches(
    tensors: readonly Tensor[],
    { batchSize = batches ? DEFAULT_BATCH : Number.MAX_SAFE_INTEGER, signal }: PredictOptions,
  ): Promise<Tensor[]> {
    const count = tensors[0]?.shape[0] ?? 1;
    const parts: Tensor[][] = [];
    for (let from = 0; from < Math.max(count, 1); from += batchSize) {
      checkSignal(name, signal);
      const whole = from === 0 && count <= batchSize;
      const batch = whole
        ? tensors
        : tensors.map(tensor => sliceBatch(tensor, from, Math.min(from + batchSize, count)));
      const results = await program.run([...batch, ...states]);
      states = results.slice(outputs.length);
      parts.push(results.slice(0, outputs.length));
    }
    return outputs.map((_, at) => joinBatches(parts.map(part => part[at]!)));
  }

  /** Stateful models predict one call after another. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (traced.states.length === 0) return work();
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  }

  async function predictAll(given: PredictInputs, options: PredictOptions = {}): Promise<readonly Tensor[]> {
    if (disposed) throw new LoadstoneError('usage', 'the model was disposed of', { where: name, do: 'Load it again.' });
    checkBatchSize(options.batchSize);
    const tensors = readInputs(given, inputs, { batches });
    const results = inTurn(() => predictBatches(tensors, options));
    pending.add(results);
    try {
      return await results;
    } finally {
      pending.delete(results);
    }
  }
  const pending = new Set<Promise<unknown>>();

  async function dispose(): Promise<void> {
    if (disposed) return;
    disposed = true;
    await Promise.allSettled(pending);
    await program.release();
    await artefact.close();
  }

  async function predict(given: PredictInputs, options: PredictOptions = {}): Promise<never> {
    const results = await predictAll(given, options);
    if (options.named) return Object.fromEntries(outputs.map(({ name }, at) => [name, results[at]!])) as never;
    return (results.length === 1 ? results[0]! : results) as never;
  }

  return {
    name,
    inputs,
    outputs,
    layers: artefact.model?.layers ?? [],
    artefact,
    predict,
    predictAll,
    resetStates() {
      states = [...first];
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function checkBatchSize(batchSize: number | undefined): void {
  if (batchSize === undefined || (Number.isInteger(batchSize) && batchSize > 0)) return;
  throw new LoadstoneError('usage', `a batch size of ${batchSize} is no positive whole number`);
}

function zeroStates(traced: TracedModel): Tensor[] {
  return traced.states.map(({ shape, dtype }) => ({
    dtype,
    shape: [...shape],
    data: allocate(dtype, elementCount(shape)),
  }));
}
