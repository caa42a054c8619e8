/**
 * Quotients, roots and exponentials, for which TensorFlow.js has no layers: layer normalization divides by the root of
 * a mean of squares, and all of them can be said with that. Beside its own negative a vector has the mean zero, so that
 * its variance is that mean.
 */

import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import {
  activation,
  along,
  type Builder,
  count,
  type Made,
  matrixOf,
  merge,
  permute,
  relu,
  rescale,
  reshape,
  unsayable,
} from './graph.ts';
import { storedNumbers } from './stored.ts';

/** So small beside what is divided by that its square adds nothing. */
const speck = 2 ** -53;

/** 1/|x|; finite where x is zero. */
function overSize(graph: Builder, x: Made): Made {
  const one = reshape(graph, x, [...x.sample, 1]);
  return reshape(graph, overLength(graph, one, 1, speck * speck, 0), x.sample);
}

/** x/y; zero over zero is zero. */
export function quotient(graph: Builder, x: Made | null, y: Made): Made {
  const size = overSize(graph, y);
  const sign = merge(graph, 'Multiply', [y, size]);
  const inverse = merge(graph, 'Multiply', [sign, activation(graph, 'linear', size)]);
  return x === null ? inverse : merge(graph, 'Multiply', [x, inverse]);
}

/** eˣ, as the fourth power of σ(x/4)/σ(−x/4), whose factors stay within what a square can hold. */
export function exponential(graph: Builder, x: Made): Made {
  const quarter = rescale(graph, x, 0.25, 0);
  const over = activation(graph, 'sigmoid', quarter);
  const under = activation(graph, 'sigmoid', rescale(graph, quarter, -1, 0));
  const root = merge(graph, 'Multiply', [over, overSize(graph, under)]);
  const again = () => activation(graph, 'linear', root);
  return merge(graph, 'Multiply', [root, again(), again(), again()]);
}

/**
 * 1/√(sum·Σx² + added) over the last axis, which becomes one. Two places of ±s stand behind ±x: what comes out there is
 * s over the root of the mean of squares plus epsilon.
 */
function overLength(graph: Builder, x: Made, sum: number, added: number, epsilon: number): Made {
  const last = x.sample.length - 1;
  const size = x.sample[last] ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
  const places = 2 * size + 2;
  // mean = (2·Σx² + 2·s²)/places is to be (sum·Σx² + added)·k − epsilon, with k = 2/(sum·places).
  const scale = 2 / (sum * places);
  const s = Math.sqrt(((added * scale - epsilon) * places) / 2);
  // Each number stands beside its negative, so that they cancel in whatever order they are summed.
  const twin = matrixOf(size, places, (row, column) => (Math.floor(column / 2) === row ? 1 - 2 * (column % 2) : 0));
  const bias = storedNumbers([...Array.from({ length: 2 * size }, () => 0), s, -s], [places]);
  const sample = [...x.sample.slice(0, -1), places];
  const both = graph.add('Dense', { units: places, activation: 'linear', use_bias: true }, [x], sample, {
    kernel: twin,
    bias,
  });
  const normal = graph.add('LayerNormalization', { axis: -1, epsilon, center: false, scale: false }, [both], sample);
  return along(
    graph,
    normal,
    last,
    matrixOf(places, 1, row => (row === 2 * size ? Math.sqrt(scale) / s : 0)),
  );
}

/** Numbers that stand in the graph; null for any other tensor. */
function constantIn(tensor: SymbolicTensor | undefined): number | null {
  const held = tensor?.node.op === 'constant' ? (tensor.node.attributes.value as Tensor) : null;
  return held?.data.length === 1 ? Number(held.data[0]) : null;
}

interface Squares {
  readonly of: SymbolicTensor;
  /** Axes along which squares are summed, the batch's being zero; null where each stands alone. */
  readonly axes: readonly number[] | null;
  readonly keepdims: boolean;
  readonly times: number;
  readonly added: number;
}

/** `times`·Σx² + `added`, if the tensor is that. */
function squaresIn(tensor: SymbolicTensor): Squares | null {
  const { op, inputs } = tensor.node;
  const [x, y] = inputs;
  if (!x) return null;
  if (op === 'square' || (op === 'multiply' && x === y)) {
    return { of: x, axes: null, keepdims: true, times: 1, added: 0 };
  }
  if (op === 'sum' || op === 'mean') return summed(tensor, squaresIn(x));
  const [first, second] = [constantIn(x), constantIn(y)];
  const inner = first === null ? squaresIn(x) : y && squaresIn(y);
  const number = second ?? first;
  if (!inner || number === null) return null;
  if (op === 'add') return { ...inner, added: inner.added + number };
  if (op === 'multiply') return { ...inner, times: inner.times * number, added: inner.added * number };
  if (op === 'divide' && second !== null) return { ...inner, times: inner.times / number, added: inner.added / number };
  return null;
}

function summed({ node, shape }: SymbolicTensor, inner: Squares | null): Squares | null {
  const given = node.inputs[0]?.shape ?? [];
  const axes = node.attributes.axes as readonly number[];
  const size = axes.reduce((product: number, axis) => product * (given[axis] ?? 0), 1);
  if (!inner || inner.axes || inner.added !== 0 || size === 0) return null;
  const times = node.op === 'mean' ? inner.times / size : inner.times;
  return { ...inner, axes, keepdims: shape.length === given.length, times };
}

interface Root {
  readonly root: Made;
  readonly inverse: Made;
}

/** √ and 1/√ of what `tensor` is, where that is a sum of squares and more, or a number at least. */
function rootsOf(tensor: SymbolicTensor, valueFor: (tensor: SymbolicTensor) => Value, graph: Builder): Root {
  const { op, inputs } = tensor.node;
  const least = op === 'maximum' ? constantIn(inputs[1]) : null;
  if (least === null || least < 0 || !inputs[0]) {
    const value = valueFor(tensor);
    if (isStored(value)) return unsayable('the square root of constants');
    const inverse = overRootOf(tensor, valueFor, graph);
    return { root: merge(graph, 'Multiply', [value, inverse]), inverse };
  }
  const { root, inverse } = rootsOf(inputs[0], valueFor, graph);
  if (least === 0) return { root, inverse };
  const from = Math.sqrt(least);
  return {
    root: rescale(graph, relu(graph, rescale(graph, root, 1, -from)), 1, from),
    inverse: relu(graph, inverse, 1 / from),
  };
}

/** 1/√ of a sum of squares and more. */
function overRootOf(tensor: SymbolicTensor, valueFor: (tensor: SymbolicTensor) => Value, graph: Builder): Made {
  const squares = squaresIn(tensor) ?? unsayable('the square root of just any number');
  const x = valueFor(squares.of);
  if (isStored(x) || squares.times <= 0 || squares.added < 0) return unsayable('the square root of just any number');
  const { vectors, back } = asVectors(graph, x, squares);
  const size = vectors.sample.at(-1) as number;
  const { times } = squares;
  const added = Math.max(squares.added, speck * speck);
  // Half of what is added comes by epsilon, so that neither half is lost beside the other.
  const epsilon = (added / (times * (size + 1))) * (squares.added > 0 ? 0.5 : 0);
  return reshape(graph, overLength(graph, vectors, times, added, epsilon), back);
}

/** What is summed along the last axis, and the shape that the sums are to have. */
function asVectors(graph: Builder, x: Made, { axes, keepdims }: Squares) {
  if (axes === null) return { vectors: reshape(graph, x, [...x.sample, 1]), back: x.sample };
  if (axes.includes(0)) return unsayable('a sum over the batch');
  const places = axes.map(axis => axis - 1);
  const kept = [...x.sample.keys()].filter(axis => !places.includes(axis));
  const sizes = kept.map(axis => x.sample[axis] as number | null);
  const turned = permute(graph, x, [...kept, ...places]);
  const vectors = reshape(graph, turned, [...sizes, count(places.map(axis => x.sample[axis] as number))]);
  return { vectors, back: keepdims ? x.sample.map((size, axis) => (places.includes(axis) ? 1 : size)) : sizes };
}

/** Roots and what is divided by them; null where the operation is none of these. */
export function root(node: OpNode, valueFor: (tensor: SymbolicTensor) => Value, graph: Builder): Made | null {
  const [x, y] = node.inputs;
  const divisor = node.op === 'reciprocal' ? x : node.op === 'divide' ? y : undefined;
  const under = node.op === 'sqrt' ? x : divisor?.node.op === 'sqrt' ? divisor.node.inputs[0] : undefined;
  if (!under || isStored(valueFor(under))) return null;
  const { root, inverse } = rootsOf(under, valueFor, graph);
  if (node.op === 'sqrt') return root;
  if (node.op === 'reciprocal') return inverse;
  const divided = valueFor(x as SymbolicTensor);
  return isStored(divided) ? null : merge(graph, 'Multiply', [divided, inverse]);
}
