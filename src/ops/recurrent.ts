/**
 * Recurrent layers as one operation each, for runtimes that have a kernel for them. Weights in today's Keras layout:
 * kernel (features, gates·units), recurrent kernel (units, gates·units); gates i, f, c, o and z, r, h.
 */

import { castTensor, toTensor } from './convert.ts';
import { recordAll, refuse, shapeText } from './record.ts';
import { shape, zeros } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** An activation that recurrent kernels know, with its numbers where it has any. */
export type GateActivation =
  | { readonly name: 'tanh' | 'sigmoid' | 'relu' | 'softsign' | 'softplus' | 'linear' }
  | { readonly name: 'hardSigmoid'; readonly alpha: number; readonly beta: number }
  | { readonly name: 'elu' | 'leakyRelu'; readonly alpha: number };

export interface RecurrentOptions {
  readonly activation?: GateActivation;
  readonly recurrentActivation?: GateActivation;
  /** First states, (batch, units) each; zeros where left out. */
  readonly initialState?: readonly TensorLike[] | null;
  /** Reads the last step first; the sequence of outputs is then in reading order, as Keras has it. */
  readonly goBackwards?: boolean;
}

/** All outputs (batch, steps, units), then the last states. */
export type RecurrentResult = readonly [outputs: SymbolicTensor, ...states: SymbolicTensor[]];

const tanh: GateActivation = { name: 'tanh' };
const sigmoid: GateActivation = { name: 'sigmoid' };

function recurrent(
  op: string,
  gates: number,
  stateCount: number,
  x: TensorLike,
  weights: readonly (TensorLike | null)[],
  options: RecurrentOptions,
  extra: { readonly resetAfter?: boolean } = {},
): RecurrentResult {
  const sequence = toTensor(x);
  const [kernel, recurrentKernel] = weights.map(w => w && toTensor(w, sequence.dtype)) as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  const units = recurrentKernel.shape[0]!;
  if (
    sequence.shape.length !== 3 ||
    kernel.shape[1] !== gates * units ||
    (sequence.shape[2] !== null && kernel.shape[0] !== sequence.shape[2])
  ) {
    refuse(
      op,
      `an input of shape ${shapeText(sequence.shape)} and a kernel of shape ${shapeText(kernel.shape)} do not fit`,
    );
  }
  const [batch, steps] = sequence.shape as [number | null, number | null, number];
  const biasShape = extra.resetAfter ? [2, gates * units] : [gates * units];
  const bias = weights[2]
    ? castTensor(toTensor(weights[2]), sequence.dtype)
    : zeros(biasShape, { dtype: sequence.dtype });
  const states = Array.from({ length: stateCount }, (_, at) => {
    const given = options.initialState?.[at];
    return given === undefined
      ? zeros([shape(sequence)[0]!, units], { dtype: sequence.dtype })
      : toTensor(given, sequence.dtype);
  });
  const attributes = {
    activation: options.activation ?? tanh,
    recurrentActivation: options.recurrentActivation ?? sigmoid,
    goBackwards: options.goBackwards ?? false,
    ...extra,
  };
  const state = { shape: [batch, units], dtype: sequence.dtype };
  const outputs = [{ shape: [batch, steps, units], dtype: sequence.dtype }, ...states.map(() => state)];
  return recordAll(
    op,
    [sequence, kernel, recurrentKernel, bias, ...states],
    attributes,
    outputs,
  ) as unknown as RecurrentResult;
}

/** Long short-term memory; gates i, f, c, o; states h and c. */
export function lstm(
  x: TensorLike,
  kernel: TensorLike,
  recurrentKernel: TensorLike,
  bias: TensorLike | null,
  options: RecurrentOptions = {},
): RecurrentResult {
  return recurrent('lstm', 4, 2, x, [kernel, recurrentKernel, bias], options);
}

/** Gated recurrent unit; gates z, r, h. With `resetAfter` the bias is (2, 3·units): of the input, of the recurrence. */
export function gru(
  x: TensorLike,
  kernel: TensorLike,
  recurrentKernel: TensorLike,
  bias: TensorLike | null,
  { resetAfter = true, ...options }: RecurrentOptions & { readonly resetAfter?: boolean } = {},
): RecurrentResult {
  return recurrent('gru', 3, 1, x, [kernel, recurrentKernel, bias], options, { resetAfter });
}

/** h' = activation(x·kernel + h·recurrentKernel + bias). */
export function simpleRnn(
  x: TensorLike,
  kernel: TensorLike,
  recurrentKernel: TensorLike,
  bias: TensorLike | null,
  options: RecurrentOptions = {},
): RecurrentResult {
  return recurrent('simpleRnn', 1, 1, x, [kernel, recurrentKernel, bias], options);
}
