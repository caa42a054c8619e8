/**
 * Running SavedModels by what was traced of them: a signature that was asked for, an export without layers, a subclassed
 * model, and models with a layer that nobody can compute otherwise.
 */

import { isSavedModel, type SavedModelArtefact } from '../artefacts/saved-model/types.ts';
import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import type { CustomObjects } from '../layers/custom.ts';
import type { TracedModel } from '../layers/trace.ts';
import type { Artefact, Model, TensorSpec } from '../model/types.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';
import { defaultCallable, signatureNamed } from '../tensorflow/callables.ts';
import { type Callable, traceCallable } from '../tensorflow/trace.ts';

export interface SignatureOptions {
  /** Name of the signature to run; left out, the model's own call. */
  readonly signature?: string;
  readonly inputShapes?: { readonly [name: string]: Shape };
}

/**
 * Makes a SavedModel ready to be traced: reads its tables, and refuses it where its graph is damaged.
 * Does nothing for other artefacts; for these `signature` is refused.
 */
export async function prepareSavedModel(artefact: Artefact, { signature }: SignatureOptions): Promise<void> {
  if (!isSavedModel(artefact)) {
    if (signature === undefined) return;
    throw new LoadstoneError('usage', `a ${artefact.format} artefact has no signatures`, { where: artefact.name });
  }
  const broken = artefact.findings.find(({ at, severity }) => severity === 'error' && at.path === 'saved_model.pb');
  if (broken)
    throw new LoadstoneError('damaged', broken.what, {
      where: `${artefact.name}, ${broken.at.path}`,
      offset: broken.at.offset,
    });
  refuseDamagedWeights(artefact);
  await artefact.program?.prepare();
}

/** Weights are used where they lie, and their checksums were checked when the artefact was opened. */
function refuseDamagedWeights({ name, findings }: SavedModelArtefact): void {
  const codes = [
    'bytes-corrupted-weights',
    'truncated-file',
    'git-lfs-pointer',
    'savedmodel-missing-variables',
    'savedmodel-missing-index',
  ];
  const broken = findings.find(({ code, severity }) => severity === 'error' && codes.includes(code));
  if (broken)
    throw new LoadstoneError('damaged', broken.what, { where: `${name}, ${broken.at.path}`, offset: broken.at.offset });
}

/** True where the artefact is run by its functions and not by its layers. */
export function runsByFunctions(artefact: Artefact, { signature }: SignatureOptions): artefact is SavedModelArtefact {
  if (!isSavedModel(artefact) || !artefact.program) return false;
  return signature !== undefined || artefact.model === null;
}

/** True for a model whose layers do not tell how they hang together, unless the user defines its class. */
export function needsFunctions(model: Model, given: CustomObjects): boolean {
  return model.root ? given.layer(model.className, model.registeredName) === null : model.layers.length === 0;
}

/** What `trace` gives; for a SavedModel with a layer that cannot be computed by itself, the trace of the whole. */
export function traceOrElse(artefact: Artefact, options: SignatureOptions, trace: () => TracedModel): TracedModel {
  try {
    return trace();
  } catch (error) {
    const mayHelp = ['missing-custom-object', 'unsupported', 'bad-config', 'bad-weights'];
    if (!isLoadstoneError(error) || !mayHelp.includes(error.code) || !isSavedModel(artefact)) throw error;
    try {
      return traceFunctions(artefact, options);
    } catch {
      throw error;
    }
  }
}

/** Traces the signature asked for, or what stands for the model. */
export function traceFunctions(artefact: SavedModelArtefact, options: SignatureOptions): TracedModel {
  const program = artefact.program!;
  const callable = callableOf(artefact, options);
  try {
    return traceCallable(program, callable, { inputShapes: { ...openBatch(callable), ...options.inputShapes } });
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return traceCallable(program, callable, { inputShapes: options.inputShapes });
  }
}

/** Inputs of the function that is run, where it takes some of any rank, these with `[null]`; null where all are known. */
export function openPorts(artefact: SavedModelArtefact, options: SignatureOptions): readonly TensorSpec[] | null {
  const { inputs } = callableOf(artefact, options);
  const known = ({ name, shape }: Callable['inputs'][number]) => shape ?? options.inputShapes?.[name] ?? null;
  if (inputs.every(port => known(port) !== null)) return null;
  return inputs.map(port => ({ name: port.name, dtype: port.dtype, shape: known(port) ?? [null] }));
}

/** What stands for the model where there are only functions. */
export function modelOfFunctions({ name, model }: SavedModelArtefact): Model {
  if (model) return model;
  const nothing = { layers: [], inputs: [], outputs: [], config: null };
  return { className: 'SavedModel', origin: 'layer', registeredName: null, name, trainable: true, ...nothing };
}

function callableOf(artefact: SavedModelArtefact, { signature }: SignatureOptions): Callable {
  const program = artefact.program!;
  return signature === undefined ? defaultCallable(program) : signatureNamed(program, signature);
}

/** A model that was traced for one size of batches is run for any, where its graph does not need that size. */
function openBatch({ inputs }: Callable): { [name: string]: Shape } {
  const sizes = new Set(inputs.map(({ shape }) => shape?.[0]));
  if (sizes.size !== 1 || sizes.has(undefined) || sizes.has(null)) return {};
  return Object.fromEntries(inputs.map(({ name, shape }) => [name, [null, ...shape!.slice(1)]]));
}

/** What stateful variables hold at first, where the artefact stores it; zeros for others. */
export async function storedStates(traced: TracedModel, zeros: readonly Tensor[]): Promise<Tensor[]> {
  return Promise.all(traced.states.map(async ({ initial }, at) => (await initial?.read()) ?? zeros[at]!));
}
