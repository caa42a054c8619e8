/** A model ready to predict: traced, compiled, with its states kept from one call to the next. */

import { checkSignal } from '../bytes/range.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TracedModel } from '../layers/trace.ts';
import type { Artefact, Layer, TensorSpec } from '../model/types.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { Backend } from './backend.ts';
import { joinBatches, sliceBatch } from './batches.ts';
import { deferredModel } from './deferred.ts';
import { type PredictInputs, readInputs } from './inputs.ts';
import { compileProgram, type Program } from './program.ts';
import { storedStates } from './saved-model.ts';
import { type TraceArtefactOptions, traceArtefact, weightsOf, zeroStates } from './trace-artefact.ts';

export interface ModelOptions extends TraceArtefactOptions {
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
  const trace = await traceArtefact(artefact, options);
  if (trace.kind === 'traced') return compiled(artefact, trace.traced, backend, options, trace.batches);
  return deferredModel(artefact, trace.model, trace.inputs, inputShapes =>
    runnableModel(artefact, backend, { ...options, inputShapes }),
  );
}

async function compiled(
  artefact: Artefact,
  traced: TracedModel,
  backend: Backend,
  options: ModelOptions,
  batches: boolean,
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
