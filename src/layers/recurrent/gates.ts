/**
 * The arithmetic of the three standard recurrent cells, in two halves: what depends on the input alone can be done for
 * all time steps at once, what depends on the states must be done step by step.
 * Gate order in the fused columns: LSTM i, f, c, o; GRU z, r, h (keras/src/layers/rnn/lstm.py, gru.py).
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { ActivationFunction } from '../fields.ts';

export interface CellConfig {
  readonly units: number;
  readonly activation: ActivationFunction;
  readonly useBias: boolean;
  /** Absent in SimpleRNNCell. */
  readonly recurrentActivation?: ActivationFunction;
  /** GRU: the reset gate acts after the product with the recurrent kernel; the bias then has two rows. */
  readonly resetAfter?: boolean;
}

export interface CellWeights {
  readonly kernel: SymbolicTensor;
  readonly recurrentKernel: SymbolicTensor;
  readonly bias?: SymbolicTensor;
}

/** A cell taken apart. */
export interface CellHalves {
  /** From the input of one step (B, F), or of all steps (T, B, F). */
  project(x: SymbolicTensor): SymbolicTensor;
  /** New states from what `project` gave for one step and the old states; the first of them is the cell's output. */
  step(projected: SymbolicTensor, states: readonly SymbolicTensor[]): readonly SymbolicTensor[];
}

export type TakeApart = (config: CellConfig, weights: CellWeights, ops: Ops) => CellHalves;

function affine(x: SymbolicTensor, kernel: SymbolicTensor, bias: SymbolicTensor | undefined, ops: Ops): SymbolicTensor {
  const product = ops.matmul(x, kernel);
  return bias ? ops.add(product, bias) : product;
}

/** h' = act(xK + b + hR). */
export const simpleRnnHalves: TakeApart = ({ activation }, { kernel, recurrentKernel, bias }, ops) => ({
  project: x => affine(x, kernel, bias, ops),
  step: (projected, [h]) => [activation(ops.add(projected, ops.matmul(h!, recurrentKernel)))],
});

/** c' = f⊙c + i⊙act(z_c), h' = o⊙act(c'). */
export const lstmHalves: TakeApart = ({ activation, recurrentActivation }, { kernel, recurrentKernel, bias }, ops) => ({
  project: x => affine(x, kernel, bias, ops),
  step(projected, [h, c]) {
    const z = ops.add(projected, ops.matmul(h!, recurrentKernel));
    const [i, f, candidate, o] = ops.split(z, 4, { axis: -1 }) as [
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
    ];
    const gate = recurrentActivation!;
    const carried = ops.add(ops.multiply(gate(f), c!), ops.multiply(gate(i), activation(candidate)));
    return [ops.multiply(gate(o), activation(carried)), carried];
  },
});

/** h' = z⊙h + (1−z)⊙candidate; where the reset gate acts is `resetAfter`'s business. */
export const gruHalves: TakeApart = (config, weights, ops) =>
  config.resetAfter ? resetAfterHalves(config, weights, ops) : resetBeforeHalves(config, weights, ops);

const resetAfterHalves: TakeApart = ({ activation, recurrentActivation }, weights, ops) => {
  const [inputBias, recurrentBias] = weights.bias ? ops.unstack(weights.bias) : [];
  return {
    project: x => affine(x, weights.kernel, inputBias, ops),
    step(projected, [h]) {
      const recurrent = affine(h!, weights.recurrentKernel, recurrentBias, ops);
      const [xz, xr, xh] = ops.split(projected, 3, { axis: -1 }) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
      const [rz, rr, rh] = ops.split(recurrent, 3, { axis: -1 }) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
      const z = recurrentActivation!(ops.add(xz, rz));
      const r = recurrentActivation!(ops.add(xr, rr));
      return [mix(z, h!, activation(ops.add(xh, ops.multiply(r, rh))), ops)];
    },
  };
};

const resetBeforeHalves: TakeApart = ({ units, activation, recurrentActivation }, weights, ops) => {
  const [gates, candidate] = ops.split(weights.recurrentKernel, [2 * units], { axis: 1 }) as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  return {
    project: x => affine(x, weights.kernel, weights.bias, ops),
    step(projected, [h]) {
      const [xg, xh] = ops.split(projected, [2 * units], { axis: -1 }) as [SymbolicTensor, SymbolicTensor];
      const both = recurrentActivation!(ops.add(xg, ops.matmul(h!, gates)));
      const [z, r] = ops.split(both, 2, { axis: -1 }) as [SymbolicTensor, SymbolicTensor];
      const reset = ops.matmul(ops.multiply(r, h!), candidate);
      return [mix(z, h!, activation(ops.add(xh, reset)), ops)];
    },
  };
};

function mix(z: SymbolicTensor, h: SymbolicTensor, candidate: SymbolicTensor, ops: Ops): SymbolicTensor {
  return ops.add(ops.multiply(z, h), ops.multiply(ops.subtract(1, z), candidate));
}
