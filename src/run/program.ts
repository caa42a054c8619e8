/** A compiled graph: runs its stages one after another on tensors, with nothing of models or layers. */

import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { DType, TensorData } from '../numbers/dtype.ts';
import { packNumbers, unpackNumbers } from '../numbers/pack.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { Backend } from './backend.ts';
import { type CompiledStage, compileStage } from './compile.ts';
import { tensorKey } from './graph.ts';
import type { HostStage, runHostStage } from './host/stage.ts';
import { carried } from './lower-stage.ts';
import { isSource, makePlan, type Stage } from './plan.ts';
import type { Weights } from './weights.ts';

export interface Program {
  /** Values for the inputs in, in their order; values of the outputs back. */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>;
  release(): Promise<void>;
}

export interface ProgramOptions extends ReadOptions {
  readonly prepack?: boolean;
}

type Step =
  | { readonly kind: 'onnx'; readonly stage: CompiledStage }
  | { readonly kind: 'host'; readonly stage: HostStage; readonly compute: typeof runHostStage };

/** Compiles the graph that leads from `inputs` to `outputs`. */
export async function compileProgram(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  weights: Weights,
  backend: Backend,
  { prepack = true, ...options }: ProgramOptions = {},
): Promise<Program> {
  const steps: Step[] = [];
  const release = async () => {
    for (const step of steps) if (step.kind === 'onnx') await step.stage.session.release();
  };
  try {
    for (const stage of makePlan(outputs)) {
      if (stage.kind === 'host') steps.push(await hostStep(stage, weights, options));
      else steps.push({ kind: 'onnx', stage: await compileStage(stage, weights, backend, { prepack, ...options }) });
    }
  } catch (error) {
    await release();
    throw error;
  }
  const fixed = await fixedOutputs(outputs, weights, options);
  return {
    async run(given) {
      const values = new Map<string, Tensor>(fixed);
      inputs.forEach((input, at) => {
        values.set(tensorKey(input), carried(given[at]!));
      });
      for (const step of steps) await runStep(step, values);
      const kept = new Set([...given, ...fixed.values()].map(({ data }) => memoryOf(data)));
      return outputs.map(output => delivered(values.get(tensorKey(output))!, output.dtype, kept));
    },
    release,
  };
}

/** Few models need the host's kernels: they are loaded for those only. */
async function hostStep(stage: Stage, weights: Weights, options: ReadOptions): Promise<Step> {
  const { prepareHostStage, runHostStage: compute } = await import('./host/stage.ts');
  return { kind: 'host', stage: await prepareHostStage(stage, weights, options), compute };
}

/** Runs one stage; what the numbers at hand make impossible is told as a fault of the input. */
async function runStep(step: Step, values: Map<string, Tensor>): Promise<void> {
  try {
    if (step.kind === 'host') step.compute(step.stage, values);
    else await runSession(step.stage, values);
  } catch (cause) {
    throw cause instanceof LoadstoneError ? cause : inputFault(cause);
  }
}

/** ONNX Runtime's long messages, in the words that matter. */
function inputFault(cause: unknown): LoadstoneError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const outside = /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(\d+)\]/.exec(message);
  const layer = /Name:'([^']*)'/.exec(message)?.[1]?.replace(/\/[^/]*$/, '');
  const where = layer ? `layer ${layer}` : undefined;
  if (outside) {
    return new LoadstoneError(
      'bad-input',
      `the index ${outside[1]} is outside of a table with ${Number(outside[3]) + 1} rows`,
      {
        where,
        do: 'Give whole numbers from 0 to below the number of rows (the vocabulary, for words).',
        cause,
      },
    );
  }
  const short = message.replace(/^.*Status Message: /s, '').replace(/\S*\/onnxruntime\/\S*\s*/g, '');
  return new LoadstoneError('bad-input', `the model cannot be computed on this input: ${short}`, { where, cause });
}

/** Outputs that no stage computes: weights and constants given out as they are. */
async function fixedOutputs(outputs: readonly SymbolicTensor[], weights: Weights, options: ReadOptions) {
  const fixed = new Map<string, Tensor>();
  for (const output of outputs) {
    const { node } = output;
    if (!isSource(node)) continue;
    if (node.op === 'constant') fixed.set(tensorKey(output), node.attributes.value as Tensor);
    if (node.op === 'weight') fixed.set(tensorKey(output), await weights.get(node.id)!.read(options));
  }
  return fixed;
}

async function runSession({ session, inputs, outputs }: CompiledStage, values: Map<string, Tensor>): Promise<void> {
  const feeds = Object.fromEntries(inputs.map(({ key, name }) => [name, values.get(key)!]));
  const results = await session.run(
    feeds,
    outputs.map(({ name }) => name),
  );
  for (const { key, name } of outputs) values.set(key, results[name]!);
}

/** What two arrays must not share: the buffer of numbers, the list of strings. */
function memoryOf(data: TensorData): unknown {
  return Array.isArray(data) ? data : data.buffer;
}

/** A value in the dtype that the graph says it has, in memory of its own. */
function delivered(tensor: Tensor, dtype: DType, kept: ReadonlySet<unknown>): Tensor {
  if (tensor.dtype !== dtype) return { dtype, shape: tensor.shape, data: packNumbers(unpackNumbers(tensor), dtype) };
  return kept.has(memoryOf(tensor.data)) ? { ...tensor, data: tensor.data.slice() as TensorData } : tensor;
}
