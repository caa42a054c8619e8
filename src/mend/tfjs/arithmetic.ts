/** Arithmetic in terms of layers: sums, products, limits, and the activations that TensorFlow.js lacks. */

import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { positive } from './comparisons.ts';
import { activation, affine, type Builder, type Made, merge, relu, rescale, stretched, unsayable } from './graph.ts';
import { exponential, quotient } from './quotients.ts';
import { madeOf, type Stored } from './stored.ts';

export type Value = Made | Stored;

export function isStored(value: Value | undefined): value is Stored {
  return value !== undefined && 'ref' in value;
}

/** Activations by the names of operations. */
const activations: Readonly<Record<string, string>> = {
  relu: 'relu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softsign: 'softsign',
  selu: 'selu',
  relu6: 'relu6',
  silu: 'swish',
  mish: 'mish',
};

export function arithmetic(node: OpNode, inputs: readonly Value[], graph: Builder): Made | null {
  const [x, y] = inputs;
  const name = activations[node.op];
  if (name && x && !isStored(x)) return activation(graph, name, x);
  if (/^(add|subtract|multiply|divide|maximum|minimum)$/.test(node.op) && x && y) return two(node.op, x, y, graph);
  if (!x || isStored(x)) return null;
  switch (node.op) {
    case 'negative':
      return rescale(graph, x, -1, 0);
    case 'abs':
      return merge(graph, 'Add', [relu(graph, x), relu(graph, rescale(graph, x, -1, 0))]);
    case 'square':
      return merge(graph, 'Multiply', [x, rescaledCopy(graph, x)]);
    case 'power':
      return power(x, y, graph);
    case 'clip':
      return limited(graph, limited(graph, x, scalarOf(inputs[1]), 'maximum'), scalarOf(inputs[2]), 'minimum');
    case 'sign':
      return merge(graph, 'Add', [
        positive(graph, x),
        rescale(graph, positive(graph, rescale(graph, x, -1, 0)), -1, 0),
      ]);
    case 'cast':
      if (/^float8/.test(node.outputs[0]?.dtype ?? '')) return unsayable('numbers of 8 bits');
      return roundsDown(node) ? unsayable('a cast to whole numbers') : x;
    case 'identity':
    case 'stopGradient':
      return x;
    case 'expm1':
      return isNegative(node.inputs[0]) ? activation(graph, 'elu', x) : rescale(graph, exponential(graph, x), 1, -1);
    case 'exp':
      return exponential(graph, x);
    case 'reciprocal':
      return quotient(graph, null, x);
    default:
      return activated(node, x, graph);
  }
}

/** Activations that take numbers. */
function activated({ op, attributes }: OpNode, x: Made, graph: Builder): Made | null {
  const { alpha, beta, approximate } = attributes as { alpha: number; beta: number; approximate: boolean };
  if (op === 'gelu') return approximate ? geluByTanh(graph, x) : activation(graph, 'gelu', x);
  if (op === 'elu') return elu(graph, x, alpha);
  if (op === 'leakyRelu') return graph.add('LeakyReLU', { negative_slope: alpha }, [x], x.sample);
  return op === 'hardSigmoid' ? relu(graph, rescale(graph, x, alpha, beta), 1) : null;
}

/** A merge of a tensor with itself takes it as two. */
function rescaledCopy(graph: Builder, x: Made): Made {
  return activation(graph, 'linear', x);
}

/** exp(x) − 1 below zero, which the function has up to there; times alpha. */
function elu(graph: Builder, x: Made, alpha: number): Made {
  const whole = activation(graph, 'elu', x);
  if (alpha === 1) return whole;
  return merge(graph, 'Add', [rescale(graph, whole, alpha, 0), rescale(graph, relu(graph, x), 1 - alpha, 0)]);
}

/** x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
function geluByTanh(graph: Builder, x: Made): Made {
  const cube = merge(graph, 'Multiply', [x, rescaledCopy(graph, x), rescaledCopy(graph, x)]);
  const inner = merge(graph, 'Add', [x, rescale(graph, cube, 0.044715, 0)]);
  const share = activation(graph, 'tanh', rescale(graph, inner, Math.sqrt(2 / Math.PI), 0));
  return merge(graph, 'Multiply', [x, rescale(graph, share, 0.5, 0.5)]);
}

function scalarOf(value: Value | undefined): number {
  const numbers = isStored(value) ? value.now : null;
  return numbers?.length === 1 ? (numbers[0] as number) : unsayable('a limit that is no number');
}

function power(x: Made, y: Value | undefined, graph: Builder): Made {
  const exponent = scalarOf(y);
  if (!Number.isInteger(exponent) || exponent < 1 || exponent > 8) unsayable(`the power ${exponent}`);
  if (exponent === 1) return x;
  const copies = Array.from({ length: exponent - 1 }, () => rescaledCopy(graph, x));
  return merge(graph, 'Multiply', [x, ...copies]);
}

/** The larger (or smaller) of each place and a number. */
function limited(graph: Builder, x: Made, limit: number, which: 'maximum' | 'minimum'): Made {
  if (!Number.isFinite(limit)) return x;
  if (which === 'maximum') return rescale(graph, relu(graph, rescale(graph, x, 1, -limit)), 1, limit);
  return rescale(graph, relu(graph, rescale(graph, x, -1, limit)), -1, limit);
}

function two(op: string, x: Value, y: Value, graph: Builder): Made | null {
  if (isStored(x) && isStored(y)) return null;
  if (isStored(y)) return withStored(op, x as Made, y, graph);
  if (isStored(x)) {
    if (op === 'divide') return withStored('multiply', quotient(graph, null, y), x, graph);
    // c − x is −x + c.
    return op === 'subtract' ? withStored('add', rescale(graph, y, -1, 0), x, graph) : withStored(op, y, x, graph);
  }
  if (op === 'divide') return quotient(graph, x, y);
  const second = x.at.layer === y.at.layer && x.at.tensor === y.at.tensor ? rescaledCopy(graph, y) : y;
  if (op === 'subtract') return merge(graph, 'Add', [x, rescale(graph, second, -1, 0)]);
  const classes: Readonly<Record<string, string>> = {
    add: 'Add',
    multiply: 'Multiply',
    maximum: 'Maximum',
    minimum: 'Minimum',
  };
  return merge(graph, classes[op] as string, [x, second]);
}

export function withStored(op: string, given: Made, c: Stored, graph: Builder): Made {
  const x = stretched(graph, given, c.shape);
  const [number] = c.now?.length === 1 && c.shape.length <= x.sample.length + 1 ? c.now : [];
  if (number !== undefined) return withNumber(op, x, number, graph);
  // The batch axis of a constant is one, if it has it.
  const behind = c.shape.length > x.sample.length ? c.shape.slice(1) : c.shape;
  if (behind.length > x.sample.length || (c.shape.length > x.sample.length && c.shape[0] !== 1))
    unsayable('a constant for each sample');
  const constant: Stored = { ...c, shape: behind };
  const changed = (change: (value: number) => number) =>
    madeOf([constant], behind, ([numbers]) => Array.from(numbers as ArrayLike<number>, change));
  switch (op) {
    case 'add':
      return affine(graph, x, null, constant);
    case 'subtract':
      return affine(
        graph,
        x,
        null,
        changed(value => -value),
      );
    case 'multiply':
      return affine(graph, x, constant, null);
    case 'divide':
      return affine(
        graph,
        x,
        changed(value => 1 / value),
        null,
      );
    default: {
      const negative = changed(value => -value);
      const away =
        op === 'maximum' ? affine(graph, x, null, negative) : affine(graph, rescale(graph, x, -1, 0), null, constant);
      const held = relu(graph, away);
      return affine(graph, op === 'maximum' ? held : rescale(graph, held, -1, 0), null, constant);
    }
  }
}

function withNumber(op: string, x: Made, number: number, graph: Builder): Made {
  if (op === 'add') return rescale(graph, x, 1, number);
  if (op === 'subtract') return rescale(graph, x, 1, -number);
  if (op === 'multiply') return rescale(graph, x, number, 0);
  if (op === 'divide') return rescale(graph, x, 1 / number, 0);
  return limited(graph, x, number, op as 'maximum' | 'minimum');
}

function roundsDown(node: OpNode): boolean {
  const [from, to] = [node.inputs[0]?.dtype ?? 'float32', node.outputs[0]?.dtype ?? 'float32'];
  return to === 'bool' || to === 'string' || (from.startsWith('float') && !/float/.test(to));
}

/** True for what is cut off above zero, also when it is then divided by a number above zero. */
function isNegative(tensor: SymbolicTensor | undefined): boolean {
  const node = tensor?.node;
  const number = (at: number) => {
    const held = node?.inputs[at]?.node;
    const value = held?.op === 'constant' ? (held.attributes.value as Tensor) : null;
    return value?.data.length === 1 ? Number(value.data[0]) : null;
  };
  if (node?.op === 'minimum') return (number(1) ?? 1) <= 0;
  return /^(divide|multiply)$/.test(node?.op ?? '') && (number(1) ?? -1) > 0 && isNegative(node?.inputs[0]);
}
