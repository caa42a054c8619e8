/** Host kernels of products and normalizations: plain loops in double precision. */

import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount } from '../../numbers/tensor.ts';
import {
  broadcastShape,
  broadcastStrides,
  forEachIndex,
  type Kernel,
  type Kernels,
  result,
  stridesOf,
} from './kernel.ts';

const matmul: Kernel = (node, [left, right]) => {
  const [a, b] = [left!, right!];
  const aShape = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const bShape = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [rows, inner, columns] = [aShape.at(-2)!, aShape.at(-1)!, bShape.at(-1)!];
  const batch = broadcastShape(aShape.slice(0, -2), bShape.slice(0, -2));
  const strides = [aShape, bShape].map(shape => broadcastStrides(shape.slice(0, -2), batch));
  const [x, y] = [unpackNumbers(a), unpackNumbers(b)];
  const values = new Float64Array(elementCount(batch) * rows * columns);
  forEachIndex(batch, strides, ([i, j], at) => {
    for (let row = 0; row < rows; row += 1) {
      for (let k = 0; k < inner; k += 1) {
        const factor = x[(i! * rows + row) * inner + k]!;
        for (let column = 0; column < columns; column += 1) {
          values[(at * rows + row) * columns + column]! += factor * y[(j! * inner + k) * columns + column]!;
        }
      }
    }
  });
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])];
  return [result(node, shape, values)];
};

const einsum: Kernel = (node, inputs) => {
  const { inputs: labels, output } = node.attributes as unknown as { inputs: string[][]; output: string[] };
  const sizes = new Map<string, number>();
  labels.forEach((list, at) => {
    list.forEach((label, axis) => {
      const size = inputs[at]!.shape[axis]!;
      if ((sizes.get(label) ?? 1) === 1) sizes.set(label, size);
    });
  });
  const all = [...output, ...[...sizes.keys()].filter(label => !output.includes(label))];
  const shape = all.map(label => sizes.get(label)!);
  const steps = (list: readonly string[], own: readonly number[]) => {
    const strides = stridesOf(own);
    return all.map(label =>
      list.reduce((total, other, axis) => (other === label && own[axis] !== 1 ? total + strides[axis]! : total), 0),
    );
  };
  const outShape = output.map(label => sizes.get(label)!);
  const values = new Float64Array(elementCount(outShape));
  const numbers = inputs.map(unpackNumbers);
  forEachIndex(
    shape,
    [...inputs.map((input, at) => steps(labels[at]!, input.shape)), steps(output, outShape)],
    offsets => {
      let term = 1;
      for (let at = 0; at < numbers.length; at += 1) term *= numbers[at]![offsets[at]!]!;
      values[offsets.at(-1)!]! += term;
    },
  );
  return [result(node, outShape, values)];
};

const batchNormalization: Kernel = (node, inputs) => {
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  const [x, mean, variance, scale, offset] = inputs.map(unpackNumbers);
  const shape = inputs[0]!.shape;
  const step = stridesOf(shape)[axis]!;
  const values = Float64Array.from({ length: x!.length }, (_, at) => {
    const channel = Math.floor(at / step) % shape[axis]!;
    return (
      ((x![at]! - mean![channel]!) / Math.sqrt(variance![channel]! + epsilon)) * scale![channel]! + offset![channel]!
    );
  });
  return [result(node, shape, values)];
};

const layerNormalization: Kernel = (node, inputs) => {
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  const shape = inputs[0]!.shape;
  const length = elementCount(shape.slice(axis));
  const [x, scale, offset] = inputs.map(unpackNumbers);
  const values = new Float64Array(x!.length);
  for (let start = 0; start < values.length; start += length) {
    const mean = meanOf(at => x![start + at]!, length);
    const variance = meanOf(at => (x![start + at]! - mean) ** 2, length);
    for (let at = 0; at < length; at += 1) {
      values[start + at] =
        ((x![start + at]! - mean) / Math.sqrt(variance + epsilon)) * scale![at]! + (offset?.[at] ?? 0);
    }
  }
  return [result(node, shape, values)];
};

function meanOf(item: (at: number) => number, count: number): number {
  let total = 0;
  for (let at = 0; at < count; at += 1) total += item(at);
  return total / count;
}

export const linearKernels: Kernels = { matmul, einsum, batchNormalization, layerNormalization };
