/** Computes a graph twice: by ONNX Runtime as models are run, and by the host's kernels alone. */

import type { DType } from '../../src/numbers/dtype.ts';
import { packNumbers } from '../../src/numbers/pack.ts';
import { elementCount, type Shape, type Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import type { SymbolicTensor } from '../../src/ops/types.ts';
import { tensorKey, topologicalOrder } from '../../src/run/graph.ts';
import { prepareHostStage, runHostStage } from '../../src/run/host/stage.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';
import { isSource } from '../../src/run/plan.ts';
import { compileProgram } from '../../src/run/program.ts';

/** A tensor of numbers that look random and are not; whole ones for whole dtypes. */
export function sample(
  shape: readonly number[],
  dtype: DType = 'float32',
  { from = -2, to = 2, seed = 1 } = {},
): Tensor {
  let state = seed * 7919 + 17;
  const values = Array.from({ length: elementCount(shape) }, () => {
    state = (state * 48271) % 2147483647;
    const value = from + (state / 2147483647) * (to - from);
    return dtype.startsWith('float') || dtype === 'bfloat16' ? value : Math.floor(value);
  });
  return { dtype, shape, data: packNumbers(values, dtype) };
}

export interface Both {
  readonly outputs: readonly SymbolicTensor[];
  readonly session: readonly Tensor[];
  readonly host: readonly Tensor[];
}

/**
 * Builds the graph on inputs with these tensors' shapes (axes in `open` unknown, by default the first) and computes it
 * both ways.
 */
export async function computeBoth(
  tensors: readonly Tensor[],
  build: (...inputs: SymbolicTensor[]) => SymbolicTensor | readonly SymbolicTensor[],
  open: readonly number[] = [0],
): Promise<Both> {
  const inputs = tensors.map(({ shape, dtype }, at) => {
    const known: Shape = shape.map((size, axis) => (open.includes(axis) ? null : size));
    return ops.input(known, dtype, `x${at}`);
  });
  const built = build(...inputs);
  const outputs = ops.isTensor(built) ? [built] : (built as readonly SymbolicTensor[]);
  const program = await compileProgram(inputs, outputs, new Map(), nodeBackend, { prepack: false });
  const session = await program.run(tensors);
  await program.release();
  return { outputs, session, host: await onHost(inputs, outputs, tensors) };
}

async function onHost(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  tensors: readonly Tensor[],
): Promise<Tensor[]> {
  const nodes = topologicalOrder(outputs).filter(node => !isSource(node));
  const stage = await prepareHostStage({ kind: 'host', nodes, inputs, outputs }, new Map(), {});
  const values = new Map<string, Tensor>(stage.known);
  inputs.forEach((input, at) => {
    values.set(tensorKey(input), tensors[at]!);
  });
  runHostStage(stage, values);
  return outputs.map(output => values.get(tensorKey(output)) ?? (output.node.attributes.value as Tensor));
}
