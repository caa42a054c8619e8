/** Host kernels of reductions, positions, running sums and rankings. */

import { allocate, type TensorData } from '../../numbers/dtype.ts';
import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Shape, type Tensor } from '../../numbers/tensor.ts';
import { forEachIndex, type Kernel, type Kernels, result, settleSizes, stridesOf } from './kernel.ts';

interface Fold {
  readonly start: number;
  step(total: number, item: number): number;
  end?(total: number, count: number): number;
}

const folds: { readonly [op: string]: Fold } = {
  sum: { start: 0, step: (total, item) => total + item },
  mean: { start: 0, step: (total, item) => total + item, end: (total, count) => total / count },
  prod: { start: 1, step: (total, item) => total * item },
  max: { start: -Infinity, step: (total, item) => (item > total || Number.isNaN(item) ? item : total) },
  min: { start: Infinity, step: (total, item) => (item < total || Number.isNaN(item) ? item : total) },
  all: { start: 1, step: (total, item) => (total && item ? 1 : 0) },
  any: { start: 0, step: (total, item) => (total || item ? 1 : 0) },
};

function reduction({ start, step, end }: Fold): Kernel {
  return (node, [x]) => {
    const axes = node.attributes.axes as readonly number[];
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    const totals = new Float64Array(elementCount(kept)).fill(start);
    const values = unpackNumbers(x!);
    forEachIndex(x!.shape, [strides], ([to], at) => {
      totals[to!] = step(totals[to!]!, values[at]!);
    });
    const count = axes.reduce((total, axis) => total * x!.shape[axis]!, 1);
    const shape = node.attributes.keepdims ? kept : x!.shape.filter((_, axis) => !axes.includes(axis));
    return [result(node, shape, end ? totals.map(total => end(total, count)) : totals)];
  };
}

/** Visits every line along an axis: where it begins, and the step from one element to the next. */
function forEachLine(
  shape: readonly number[],
  axis: number,
  visit: (start: number, step: number, line: number) => void,
): void {
  const step = stridesOf(shape)[axis]!;
  const size = shape[axis]!;
  const outer = elementCount(shape.slice(0, axis));
  for (let row = 0; row < outer; row += 1)
    for (let at = 0; at < step; at += 1) visit(row * step * size + at, step, row * step + at);
}

function position(better: (a: number, b: number) => boolean): Kernel {
  return (node, [x]) => {
    const axis = node.attributes.axis as number;
    const values = unpackNumbers(x!);
    const lines = elementCount(x!.shape) / x!.shape[axis]!;
    const found = new Float64Array(lines);
    forEachLine(x!.shape, axis, (start, step, line) => {
      let best = 0;
      for (let at = 1; at < x!.shape[axis]!; at += 1) {
        if (better(values[start + at * step]!, values[start + best * step]!)) best = at;
      }
      found[line] = best;
    });
    const shape = node.attributes.keepdims
      ? x!.shape.map((size, at) => (at === axis ? 1 : size))
      : x!.shape.filter((_, at) => at !== axis);
    return [result(node, shape, found)];
  };
}

const topK: Kernel = (node, [x, ...dynamic]) => {
  const { axis, largest } = node.attributes as { axis: number; largest: boolean };
  const [count] = settleSizes([node.attributes.k as number | null] as Shape, dynamic) as [number];
  const shape = x!.shape.map((size, at) => (at === axis ? count : size));
  const values = x!.data as ArrayLike<number | bigint>;
  const numbers = unpackNumbers(x!);
  const picked = allocate(x!.dtype, elementCount(shape)) as unknown[];
  const places = new Float64Array(elementCount(shape));
  const outStep = stridesOf(shape)[axis]!;
  forEachLine(x!.shape, axis, (start, step, line) => {
    const order = Array.from({ length: x!.shape[axis]! }, (_, at) => at);
    // Array sort is stable, so equals keep their order; NaN counts as the largest, as in NumPy.
    order.sort((a, b) => compare(numbers[start + a * step]!, numbers[start + b * step]!) * (largest ? -1 : 1));
    const to = Math.floor(line / outStep) * outStep * count + (line % outStep);
    for (let at = 0; at < count; at += 1) {
      picked[to + at * outStep] = values[start + order[at]! * step];
      places[to + at * outStep] = order[at]!;
    }
  });
  return [{ dtype: x!.dtype, shape, data: picked as unknown as TensorData }, result(node, shape, places, 1)];
};

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}

const cumsum: Kernel = (node, [x]) => {
  const axis = node.attributes.axis as number;
  const values = Float64Array.from(unpackNumbers(x!));
  forEachLine(x!.shape, axis, (start, step) => {
    for (let at = 1; at < x!.shape[axis]!; at += 1) values[start + at * step]! += values[start + (at - 1) * step]!;
  });
  return [result(node, x!.shape, values)];
};

/** exp(x - max) of each line and its sum, for softmax and its logarithm. */
function softmaxLines(node: Parameters<Kernel>[0], x: Tensor, logarithm: boolean): Tensor {
  const axis = node.attributes.axis as number;
  const values = Float64Array.from(unpackNumbers(x));
  const size = x.shape[axis]!;
  forEachLine(x.shape, axis, (start, step) => {
    let peak = -Infinity;
    for (let at = 0; at < size; at += 1) peak = Math.max(peak, values[start + at * step]!);
    let total = 0;
    for (let at = 0; at < size; at += 1) total += Math.exp(values[start + at * step]! - peak);
    for (let at = 0; at < size; at += 1) {
      const shifted = values[start + at * step]! - peak;
      values[start + at * step] = logarithm ? shifted - Math.log(total) : Math.exp(shifted) / total;
    }
  });
  return result(node, x.shape, values);
}

export const reduceKernels: Kernels = {
  ...Object.fromEntries(Object.entries(folds).map(([op, fold]) => [op, reduction(fold)])),
  argmax: position((a, b) => a > b),
  argmin: position((a, b) => a < b),
  topK,
  cumsum,
  softmax: (node, [x]) => [softmaxLines(node, x!, false)],
  logSoftmax: (node, [x]) => [softmaxLines(node, x!, true)],
};
