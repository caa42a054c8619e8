/** Host kernels of recurrent layers and of loops and branches. */

import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import type { GateActivation } from '../../ops/recurrent.ts';
import type { OpNode, Subgraph } from '../../ops/types.ts';
import { type Kernel, type Kernels, pick, result, stridesOf } from './kernel.ts';
import { movementKernels } from './movement.ts';

type NumberFunction = (x: number) => number;

function activate(given: GateActivation): NumberFunction {
  switch (given.name) {
    case 'tanh':
      return Math.tanh;
    case 'sigmoid':
      return x => 1 / (1 + Math.exp(-x));
    case 'relu':
      return x => Math.max(x, 0);
    case 'softsign':
      return x => x / (1 + Math.abs(x));
    case 'softplus':
      return x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case 'linear':
      return x => x;
    case 'hardSigmoid':
      return x => Math.min(1, Math.max(0, given.alpha * x + given.beta));
    case 'elu':
      return x => (x > 0 ? x : given.alpha * Math.expm1(x));
    case 'leakyRelu':
      return x => (x > 0 ? x : given.alpha * x);
  }
}

/** One step of a cell on one sample: input times kernel and state times recurrent kernel to the next states. */
type Step = (input: Float64Array, states: Float64Array[], cell: CellNumbers) => Float64Array[];

interface CellNumbers {
  readonly units: number;
  readonly kernel: ArrayLike<number>;
  readonly recurrentKernel: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly activation: NumberFunction;
  readonly recurrentActivation: NumberFunction;
  readonly resetAfter: boolean;
}

/** vector·matrix for columns `from` to `to` of a matrix with `width` columns. */
function times(vector: Float64Array, matrix: ArrayLike<number>, width: number, from: number, to: number): Float64Array {
  const out = new Float64Array(to - from);
  for (let row = 0; row < vector.length; row += 1) {
    for (let column = from; column < to; column += 1)
      out[column - from]! += vector[row]! * matrix[row * width + column]!;
  }
  return out;
}

const simpleStep: Step = (input, [h], { units, kernel, recurrentKernel, bias, activation }) => {
  const [a, b] = [times(input, kernel, units, 0, units), times(h!, recurrentKernel, units, 0, units)];
  return [a.map((value, at) => activation(value + b[at]! + bias[at]!))];
};

const lstmStep: Step = (input, [h, c], { units, kernel, recurrentKernel, bias, activation, recurrentActivation }) => {
  const width = 4 * units;
  const [a, b] = [times(input, kernel, width, 0, width), times(h!, recurrentKernel, width, 0, width)];
  const gate = (place: number, at: number) =>
    a[place * units + at]! + b[place * units + at]! + bias[place * units + at]!;
  const cell = c!.map(
    (old, at) => recurrentActivation(gate(1, at)) * old + recurrentActivation(gate(0, at)) * activation(gate(2, at)),
  );
  return [cell.map((value, at) => recurrentActivation(gate(3, at)) * activation(value)), cell];
};

const gruStep: Step = (
  input,
  [h],
  { units, kernel, recurrentKernel, bias, activation, recurrentActivation, resetAfter },
) => {
  const width = 3 * units;
  const a = times(input, kernel, width, 0, width);
  const b = times(h!, recurrentKernel, width, 0, width);
  const second = (place: number) => (resetAfter ? bias[width + place]! : 0);
  const gate = (place: number, at: number) =>
    recurrentActivation(
      a[place * units + at]! + b[place * units + at]! + bias[place * units + at]! + second(place * units + at),
    );
  const reset = h!.map((value, at) => gate(1, at) * value);
  const inner = resetAfter ? null : times(reset, recurrentKernel, width, 2 * units, width);
  const candidate = h!.map((_, at) => {
    const place = 2 * units + at;
    const recurrent = inner ? inner[at]! : gate(1, at) * (b[place]! + second(place));
    return activation(a[place]! + bias[place]! + recurrent);
  });
  return [h!.map((value, at) => gate(0, at) * value + (1 - gate(0, at)) * candidate[at]!)];
};

function recurrence(step: Step): Kernel {
  return (node, inputs) => {
    const [x, kernel, recurrentKernel, bias, ...states] = inputs;
    const [batch, steps, features] = x!.shape as [number, number, number];
    const units = recurrentKernel!.shape[0]!;
    const cell = cellOf(node, units, [kernel!, recurrentKernel!, bias!]);
    const numbers = unpackNumbers(x!);
    const outputs = new Float64Array(batch * steps * units);
    const last = states.map(() => new Float64Array(batch * units));
    for (let sample = 0; sample < batch; sample += 1) {
      let current: Float64Array[] = states.map(state =>
        Float64Array.from(unpackNumbers(state)).slice(sample * units, (sample + 1) * units),
      );
      for (let at = 0; at < steps; at += 1) {
        const time = node.attributes.goBackwards ? steps - 1 - at : at;
        const from = (sample * steps + time) * features;
        const input = Float64Array.from({ length: features }, (_, index) => numbers[from + index]!);
        current = step(input, current, cell);
        outputs.set(current[0]!, (sample * steps + at) * units);
      }
      current.forEach((state, index) => {
        last[index]!.set(state, sample * units);
      });
    }
    return [
      result(node, [batch, steps, units], outputs),
      ...last.map((state, at) => result(node, [batch, units], state, at + 1)),
    ];
  };
}

function cellOf(node: OpNode, units: number, weights: readonly Tensor[]): CellNumbers {
  const { activation, recurrentActivation, resetAfter } = node.attributes as unknown as {
    activation: GateActivation;
    recurrentActivation: GateActivation;
    resetAfter?: boolean;
  };
  const [kernel, recurrentKernel, bias] = weights.map(unpackNumbers) as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  return {
    units,
    kernel,
    recurrentKernel,
    bias,
    activation: activate(activation),
    recurrentActivation: activate(recurrentActivation),
    resetAfter: resetAfter ?? false,
  };
}

/** One step of a tensor along an axis, that axis removed. */
function stepOf(x: Tensor, axis: number, at: number): Tensor {
  const strides = stridesOf(x.shape);
  const keep = <T>(items: readonly T[]) => items.filter((_, other) => other !== axis);
  return pick(x, keep(x.shape), keep(strides), at * strides[axis]!);
}

const scan: Kernel = (node, inputs, call) => {
  const { body, carries, axes, keptAxes, reverse } = node.attributes as unknown as {
    body: Subgraph;
    carries: number;
    axes: number[];
    keptAxes: number[];
    reverse: boolean;
  };
  let carry = inputs.slice(0, carries);
  const sequences = inputs.slice(carries);
  const steps = sequences[0]!.shape[axes[0]!]!;
  const kept: Tensor[][] = keptAxes.map(() => new Array<Tensor>(steps));
  for (let round = 0; round < steps; round += 1) {
    const at = reverse ? steps - 1 - round : round;
    const results = call(body, [...carry, ...sequences.map((x, index) => stepOf(x, axes[index]!, at))]);
    carry = results.slice(0, carries);
    results.slice(carries).forEach((tensor, index) => {
      kept[index]![at] = tensor;
    });
  }
  return [...carry, ...kept.map((list, index) => stackSteps(list, keptAxes[index]!, node.outputs[carries + index]!))];
};

function stackSteps(
  list: readonly Tensor[],
  axis: number,
  spec: { readonly shape: readonly (number | null)[]; readonly dtype: Tensor['dtype'] },
): Tensor {
  if (list.length === 0)
    return { dtype: spec.dtype, shape: spec.shape.map(size => size ?? 0), data: new Float32Array(0) };
  const widened = list.map(tensor => ({
    ...tensor,
    shape: [...tensor.shape.slice(0, axis), 1, ...tensor.shape.slice(axis)],
  }));
  return movementKernels.concatenate!({ attributes: { axis } } as never, widened, () => [])[0]!;
}

/** More steps than any real loop takes; a loop that never ends would hang the program. */
const MOST_STEPS = 10_000_000;

const loop: Kernel = (node, inputs, call) => {
  const { condition, body } = node.attributes as unknown as { condition: Subgraph; body: Subgraph };
  let variables = [...inputs];
  for (let round = 0; Number(call(condition, variables)[0]!.data[0]) !== 0; round += 1) {
    if (round >= MOST_STEPS) throw new RangeError(`a loop did not end after ${MOST_STEPS} steps`);
    variables = call(body, variables);
  }
  return variables;
};

const branch: Kernel = (node, [condition], call) => {
  const { whenTrue, whenFalse } = node.attributes as unknown as { whenTrue: Subgraph; whenFalse: Subgraph };
  return call(elementCount(condition!.shape) > 0 && condition!.data[0] ? whenTrue : whenFalse, []);
};

export const recurrentKernels: Kernels = {
  simpleRnn: recurrence(simpleStep),
  lstm: recurrence(lstmStep),
  gru: recurrence(gruStep),
  scan,
  while: loop,
  cond: branch,
};
