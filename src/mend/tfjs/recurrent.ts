/**
 * Recurrent operations as its own layers. Gated recurrent units that apply the reset gate after the recurrent product it
 * has not: their steps one after the other, all through the same layers, which takes a known number of steps.
 */

import { unpackNumbers } from '../../numbers/pack.ts';
import type { OpNode } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import {
  activation,
  type Builder,
  type Made,
  matrixOf,
  merge,
  permute,
  relu,
  rescale,
  reshape,
  unsayable,
} from './graph.ts';
import { mostSteps } from './loops.ts';
import { type Stored, spread, storedNumbers, withShape } from './stored.ts';

export function recurrence(node: OpNode, inputs: readonly (() => Value)[], graph: Builder): readonly Made[] | null {
  if (!/^(lstm|gru|simpleRnn)$/.test(node.op)) return null;
  const x = inputs[0]?.();
  const [kernel, recurrentKernel, bias] = inputs.slice(1, 4).map(input => input());
  if (!x || isStored(x) || !isStored(kernel) || !isStored(recurrentKernel)) return null;
  const states = initialStates(node, inputs);
  if (node.attributes.resetAfter !== true) {
    return asLayer(node, [x, ...states], { kernel, recurrentKernel, bias: isStored(bias) ? bias : null }, graph);
  }
  const steps =
    x.sample[0] ?? unsayable('a GRU with reset_after over an open number of steps; declare it with --input-shape');
  if (steps > mostSteps) unsayable(`a recurrent layer over ${steps} steps`);
  const units = recurrentKernel.shape[0] as number;
  const cell = cellOf(node, graph, units, { kernel, recurrentKernel, bias: isStored(bias) ? bias : null });
  const projected = cell.project(x);
  const each = stepsOf(graph, projected, steps, 3 * units);
  const order = node.attributes.goBackwards ? each.reverse() : each;
  let state = states[0] ?? cell.start(order[0] as Made);
  const results = order.map(step => {
    state = cell.next(step, state);
    return state;
  });
  const rows = results.map(one => reshape(graph, one, [1, units]));
  const all = rows.length === 1 ? (rows[0] as Made) : graph.add('Concatenate', { axis: 1 }, rows, [steps, units]);
  return [all, state];
}

/** First states that are given; none where they are zero. */
function initialStates(node: OpNode, inputs: readonly (() => Value)[]): readonly Made[] {
  return inputs.slice(4).flatMap((input, at) => {
    if (node.inputs[at + 4]?.node.op === 'broadcastTo') return [];
    const state = input();
    return isStored(state) ? unsayable('first states that are constants') : [state];
  });
}

const classes: Readonly<Record<string, string>> = { lstm: 'LSTM', gru: 'GRU', simpleRnn: 'SimpleRNN' };

/** Its own layer, with its sequence and its states. */
function asLayer(node: OpNode, inputs: readonly Made[], weights: CellWeights, graph: Builder): readonly Made[] {
  const { activation, recurrentActivation, goBackwards } = node.attributes as unknown as {
    activation: Word;
    recurrentActivation: Word;
    goBackwards: boolean;
  };
  const units = weights.recurrentKernel.shape[0] as number;
  const config = {
    units,
    activation: wordFor(activation),
    ...(node.op !== 'simpleRnn' && { recurrent_activation: wordFor(recurrentActivation) }),
    ...(node.op === 'gru' && { reset_after: false }),
    use_bias: weights.bias !== null,
    return_sequences: true,
    return_state: true,
    go_backwards: goBackwards,
  };
  const [x] = inputs as [Made];
  const sequence = graph.add(classes[node.op] as string, config, inputs, [x.sample[0] ?? null, units], {
    kernel: weights.kernel,
    recurrent_kernel: weights.recurrentKernel,
    ...(weights.bias && { bias: weights.bias }),
  });
  const state = (tensor: number): Made => ({ at: { ...sequence.at, tensor }, sample: [units] });
  return [sequence, ...node.outputs.slice(1).map((_, at) => state(at + 1))];
}

function wordFor({ name, alpha, beta }: Word): string {
  if (name === 'hardSigmoid') {
    return alpha === 0.2 && beta === 0.5 ? 'hard_sigmoid' : unsayable('the hard_sigmoid of Keras 3 within a cell');
  }
  if (name === 'elu' && (alpha ?? 1) !== 1) return unsayable(`elu with alpha ${alpha}`);
  return /^(sigmoid|tanh|relu|softplus|softsign|elu|linear)$/.test(name)
    ? name
    : unsayable(`the activation ${name} in a cell`);
}

/** The projected steps, each alone. */
function stepsOf(graph: Builder, x: Made, steps: number, width: number): Made[] {
  const turned = permute(graph, x, [1, 0]);
  return Array.from({ length: steps }, (_, step) => {
    const kernel = matrixOf(steps, 1, row => (row === step ? 1 : 0));
    const config = { units: 1, activation: 'linear', use_bias: false };
    return reshape(graph, graph.add('Dense', config, [turned], [width, 1], { kernel }), [width]);
  });
}

interface CellWeights {
  readonly kernel: Stored;
  readonly recurrentKernel: Stored;
  readonly bias: Stored | null;
}

function cellOf(node: OpNode, graph: Builder, units: number, { kernel, recurrentKernel, bias }: CellWeights) {
  const width = 3 * units;
  const dense = { units: width, activation: 'linear', use_bias: true };
  const row = (index: number) => biasRow(bias, index, width);
  const recurrent = graph.shared('Dense', dense, { kernel: recurrentKernel, bias: row(1) });
  // Calls of a layer are made in the order in which their inputs are there, so each purpose has a layer of its own.
  const cut = (index: number) => {
    const config = { units, activation: 'linear', use_bias: false };
    const kernel = matrixOf(width, units, (from, to) => (from === index * units + to ? 1 : 0));
    const called = graph.shared('Dense', config, { kernel });
    return (values: Made) => called([values], [units]);
  };
  const [update, reset, fresh, held] = [cut(0), cut(1), cut(2), cut(2)];
  const words = node.attributes as unknown as { activation: Word; recurrentActivation: Word };
  return {
    start: (step: Made) => rescale(graph, cut(0)(step), 0, 0),
    project: (x: Made) => graph.add('Dense', dense, [x], [x.sample[0] ?? null, width], { kernel, bias: row(0) }),
    next(step: Made, state: Made): Made {
      const product = recurrent([state], [width]);
      const both = merge(graph, 'Add', [step, product]);
      const kept = merge(graph, 'Multiply', [applied(graph, words.recurrentActivation, reset(both)), held(product)]);
      const candidate = applied(graph, words.activation, merge(graph, 'Add', [fresh(step), kept]));
      const updated = applied(graph, words.recurrentActivation, update(both));
      // update·state + (1 − update)·candidate
      const apart = merge(graph, 'Add', [state, rescale(graph, candidate, -1, 0)]);
      return merge(graph, 'Add', [candidate, merge(graph, 'Multiply', [updated, apart])]);
    },
  };
}

/** The first row goes with the input, the second with the state. */
function biasRow(bias: Stored | null, index: number, width: number): Stored {
  if (!bias)
    return storedNumbers(
      Array.from({ length: width }, () => 0),
      [width],
    );
  if (bias.shape.length !== 2) return index === 0 ? withShape(bias, [width]) : biasRow(null, 0, width);
  return rowOf(bias, index, width);
}

function rowOf(bias: Stored, index: number, width: number): Stored {
  const whole = spread(bias, [2, width]);
  return {
    ...whole,
    shape: [width],
    now: whole.now?.slice(index * width, (index + 1) * width) ?? null,
    ref: {
      ...whole.ref,
      shape: [width],
      plain: null,
      read: async options => {
        const all = unpackNumbers(await whole.ref.read(options));
        const numbers = Array.from(all, Number).slice(index * width, (index + 1) * width);
        return { dtype: 'float32', shape: [width], data: Float32Array.from(numbers) };
      },
    },
  };
}

interface Word {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

function applied(graph: Builder, { name, alpha, beta }: Word, x: Made): Made {
  if (name === 'hardSigmoid') return relu(graph, rescale(graph, x, alpha ?? 0.2, beta ?? 0.5), 1);
  if (name === 'linear') return x;
  return /^(sigmoid|tanh|relu|softplus|softsign|elu)$/.test(name)
    ? activation(graph, name, x)
    : unsayable(`the activation ${name}`);
}
