/**
 * Vectors brought to one length, which needs a root that no layer computes: beside its own negative a vector has the
 * mean zero, its variance is the mean of its squares, and layer normalization divides by the root of that.
 */

import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { along, type Builder, type Made, matrixOf, unsayable } from './graph.ts';

/** x · factor / √(mean(x²) + epsilon) along the last axis. */
export function overRoot(graph: Builder, x: Made, epsilon: number, factor: number): Made {
  const last = x.sample.length - 1;
  const size = x.sample[last] ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
  const twin = matrixOf(size, 2 * size, (row, column) => (column === row ? 1 : column === row + size ? -1 : 0));
  const both = along(graph, x, last, twin);
  const config = { axis: -1, epsilon, center: false, scale: false };
  const made = graph.add('LayerNormalization', config, [both], both.sample);
  return along(
    graph,
    made,
    last,
    matrixOf(2 * size, size, (row, column) => (row === column ? factor : 0)),
  );
}

/** x / √Σx² along the last axis. */
export function toUnitLength(graph: Builder, x: Made): Made {
  const size = x.sample.at(-1) ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
  return overRoot(graph, x, 1e-12 / size, 1 / Math.sqrt(size));
}

/** The tensor that a product or quotient brings to the length one along its last axis; null for any other. */
export function unitLengthOf({ op, inputs }: OpNode): SymbolicTensor | null {
  const [x, by] = inputs;
  if (!x || !by) return null;
  const root = op === 'multiply' && by.node.op === 'reciprocal' ? by.node.inputs[0] : op === 'divide' ? by : null;
  return root && isLengthOf(root, x) ? x : null;
}

/** √Σx², perhaps with a small number added or as the least. */
function isLengthOf(tensor: SymbolicTensor, x: SymbolicTensor): boolean {
  const { node } = withoutSmall(tensor);
  if (node.op !== 'sqrt') return false;
  const { node: sum } = withoutSmall(node.inputs[0] as SymbolicTensor);
  const axes = sum.attributes.axes as readonly number[] | undefined;
  const square = sum.inputs[0]?.node;
  const isSquare = square?.op === 'multiply' && square.inputs.every(one => one === x);
  return sum.op === 'sum' && axes?.join() === String(x.shape.length - 1) && isSquare;
}

function withoutSmall(tensor: SymbolicTensor): SymbolicTensor {
  const { op, inputs } = tensor.node;
  const held = inputs[1]?.node.op === 'constant' ? (inputs[1].node.attributes.value as Tensor) : null;
  const small = held?.data.length === 1 && Math.abs(Number(held.data[0])) <= 1e-5;
  return /^(maximum|add)$/.test(op) && small ? (inputs[0] as SymbolicTensor) : tensor;
}
