/**
 * Running SavedModels by what was traced of them: a signature that was asked for, an export without layers, a subclassed
 * model, and models with a layer that nobody can compute otherwise.
 */

import { isSavedModel, type SavedModelArtefact } from '../artefacts/saved-model/types.ts';
import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { CustomObjects } from '../layers/custom.ts';
import type { TracedModel } from '../layers/trace.ts';
import type { Artefact, Model, TensorSpec } from '../model/types.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';
import type { Program } from '../tensorflow/program.ts';
import type { Callable } from '../tensorflow/trace.ts';

export interface SignatureOptions {
  /** Name of the signature to run; left out, the model's own call. */
  readonly signature?: string;
  readonly inputShapes?: { readonly [name: string]: Shape };
}

/** A SavedModel whose functions can be traced. */
export interface Functions {
  readonly artefact: SavedModelArtefact;
  readonly program: Program;
  /** What traces them: loaded for SavedModels only. */
  readonly tracing: Tracing;
}

type Tracing = typeof import('../tensorflow/callables.ts') & typeof import('../tensorflow/trace.ts');

/** What is wrong with weights, or with where they should be. */
const weightCodes = new Set([
  'bytes-corrupted-weights',
  'truncated-file',
  'git-lfs-pointer',
  'savedmodel-missing-variables',
  'savedmodel-missing-index',
  'savedmodel-pb-alone',
]);

/**
 * The functions of a SavedModel, ready to be traced; null for other artefacts, for which `signature` is refused.
 * Throws `damaged` where the graph or the weights are: weights are used where they lie, and are not checked later.
 */
export async function openFunctions(artefact: Artefact, { signature }: SignatureOptions): Promise<Functions | null> {
  if (!isSavedModel(artefact)) {
    if (signature === undefined) return null;
    throw new LoadstoneError('usage', `a ${artefact.format} artefact has no signatures`, { where: artefact.name });
  }
  const findings = [...artefact.findings, ...(await artefact.check())];
  const isFatal = ({ code, at }: Finding) => at.path === 'saved_model.pb' || weightCodes.has(code);
  const broken = findings.find(finding => finding.severity === 'error' && isFatal(finding));
  if (broken) {
    const where = [artefact.name, broken.at.path].filter(Boolean).join(', ');
    throw new LoadstoneError('damaged', broken.what, {
      where,
      offset: broken.at.offset,
      do: 'Copy the whole folder again from where it came; `loadstone inspect` says all that is wrong with it.',
    });
  }
  if (!artefact.openProgram) return null;
  const tracing = { ...(await import('../tensorflow/callables.ts')), ...(await import('../tensorflow/trace.ts')) };
  return { artefact, program: await artefact.openProgram(), tracing };
}

/** True where the artefact is run by its functions and not by its layers. */
export function runsByFunctions({ artefact }: Functions, { signature }: SignatureOptions): boolean {
  return signature !== undefined || artefact.model === null;
}

/** True for a model whose layers do not tell how they hang together, unless the user defines its class. */
export function needsFunctions(model: Model, given: CustomObjects): boolean {
  return model.root ? given.layer(model.className, model.registeredName) === null : model.layers.length === 0;
}

/** What `trace` gives; for a SavedModel with a layer that cannot be computed by itself, the trace of the whole. */
export function traceOrElse(
  functions: Functions | null,
  options: SignatureOptions,
  trace: () => TracedModel,
): TracedModel {
  try {
    return trace();
  } catch (error) {
    const mayHelp = ['missing-custom-object', 'unsupported', 'bad-config', 'bad-weights'];
    if (!functions || !isLoadstoneError(error) || !mayHelp.includes(error.code)) throw error;
    try {
      return traceFunctions(functions, options);
    } catch {
      throw error;
    }
  }
}

/** Traces the signature asked for, or what stands for the model. */
export function traceFunctions(functions: Functions, options: SignatureOptions): TracedModel {
  const { program, tracing } = functions;
  const callable = callableOf(functions, options);
  try {
    return tracing.traceCallable(program, callable, {
      inputShapes: { ...openBatch(callable), ...options.inputShapes },
    });
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return tracing.traceCallable(program, callable, { inputShapes: options.inputShapes });
  }
}

/** Inputs of the function that is run, where it takes some of any rank, these with `[null]`; null where all are known. */
export function openPorts(functions: Functions, options: SignatureOptions): readonly TensorSpec[] | null {
  const { inputs } = callableOf(functions, options);
  const known = ({ name, shape }: Callable['inputs'][number]) => shape ?? options.inputShapes?.[name] ?? null;
  if (inputs.every(port => known(port) !== null)) return null;
  return inputs.map(port => ({ name: port.name, dtype: port.dtype, shape: known(port) ?? [null] }));
}

/** What stands for the model where there are only functions. */
export function modelOfFunctions({ artefact: { name, model } }: Functions): Model {
  if (model) return model;
  const nothing = { layers: [], inputs: [], outputs: [], config: null };
  return { className: 'SavedModel', origin: 'layer', registeredName: null, name, trainable: true, ...nothing };
}

function callableOf({ program, tracing }: Functions, { signature }: SignatureOptions): Callable {
  return signature === undefined ? tracing.defaultCallable(program) : tracing.signatureNamed(program, signature);
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
