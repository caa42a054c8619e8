/** Host kernels that move elements without looking at them: any dtype, strings too. */

import { allocate, type TensorData } from '../../numbers/dtype.ts';
import { packNumbers, unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Shape, type Tensor } from '../../numbers/tensor.ts';
import {
  broadcastStrides,
  forEachIndex,
  type Kernel,
  type Kernels,
  partsOf,
  pick,
  result,
  settleSizes,
  stridesOf,
} from './kernel.ts';

function withShape(x: Tensor, shape: readonly number[]): Tensor {
  return { dtype: x.dtype, shape, data: x.data };
}

const reshape: Kernel = (node, [x, ...dynamic]) => {
  const sizes = settleSizes(node.attributes.shape as Shape, dynamic);
  const known = sizes.filter(size => size !== -1).reduce((left, right) => left * right, 1);
  return [
    withShape(
      x!,
      sizes.map(size => (size === -1 ? elementCount(x!.shape) / known : size)),
    ),
  ];
};

const transpose: Kernel = (node, [x]) => {
  const axes = node.attributes.axes as readonly number[];
  const strides = stridesOf(x!.shape);
  return [
    pick(
      x!,
      axes.map(axis => x!.shape[axis]!),
      axes.map(axis => strides[axis]!),
    ),
  ];
};

/** Runs of elements that lie together, to be copied as one: the shape from an axis on. */
function runLength(shape: readonly number[], axis: number): number {
  return elementCount(shape.slice(axis));
}

const concatenate: Kernel = (node, inputs) => {
  const axis = node.attributes.axis as number;
  const first = inputs[0]!;
  const shape = first.shape.map((size, at) =>
    at === axis ? inputs.reduce((total, input) => total + input.shape[axis]!, 0) : size,
  );
  const parts = partsOf(first.dtype);
  const data = allocate(first.dtype, elementCount(shape));
  const outer = elementCount(shape.slice(0, axis));
  let to = 0;
  for (let row = 0; row < outer; row += 1) {
    for (const input of inputs) {
      const length = runLength(input.shape, axis) * parts;
      copy(input.data, row * length, data, to, length);
      to += length;
    }
  }
  return [{ dtype: first.dtype, shape, data }];
};

function copy(from: TensorData, start: number, to: TensorData, at: number, length: number): void {
  if (Array.isArray(from))
    for (let index = 0; index < length; index += 1) (to as string[])[at + index] = from[start + index]!;
  else (to as Uint8Array).set(from.subarray(start, start + length) as Uint8Array, at);
}

/** The part of `x` from index `start` on along `axis`. */
function section(x: Tensor, axis: number, start: number, size: number): Tensor {
  const strides = stridesOf(x.shape);
  return pick(
    x,
    x.shape.map((old, at) => (at === axis ? size : old)),
    strides,
    start * strides[axis]!,
  );
}

const split: Kernel = (node, [x]) => {
  const axis = node.attributes.axis as number;
  const count = node.outputs.length;
  const sizes =
    (node.attributes.sizes as number[] | undefined) ??
    new Array<number>(count).fill(Math.ceil(x!.shape[axis]! / count));
  let start = 0;
  return sizes.map(size => {
    const part = section(x!, axis, start, Math.min(size, x!.shape[axis]! - start));
    start += size;
    return part;
  });
};

const slice: Kernel = (node, [x, ...dynamic]) => {
  const { axes, starts, ends, steps } = node.attributes as unknown as {
    axes: number[];
    starts: Shape;
    ends: Shape;
    steps: number[];
  };
  const open = starts.filter(start => start === null).length;
  const [from, to] = [settleSizes(starts, dynamic.slice(0, open)), settleSizes(ends, dynamic.slice(open))];
  const strides = stridesOf(x!.shape);
  const shape = [...x!.shape];
  let start = 0;
  axes.forEach((axis, at) => {
    const size = x!.shape[axis]!;
    const step = steps[at]!;
    const clamp = (bound: number) => {
      const counted = bound < 0 ? bound + size : bound;
      return step > 0 ? Math.min(Math.max(counted, 0), size) : Math.min(Math.max(counted, -1), size - 1);
    };
    const [first, last] = [clamp(from[at]!), clamp(to[at]!)];
    shape[axis] = Math.max(0, Math.ceil((last - first) / step));
    start += first * strides[axis]!;
    strides[axis]! *= step;
  });
  return [pick(x!, shape, strides, start)];
};

/** The index inside an axis that a padded index shows, or -1 for the constant. */
function padSource(mode: string, index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return Math.min(Math.max(index, 0), size - 1);
  if (mode === 'wrap') return ((index % size) + size) % size;
  const period = Math.max(2 * (size - 1), 1);
  const folded = ((index % period) + period) % period;
  return folded < size ? folded : period - folded;
}

const pad: Kernel = (node, [x, value, ...dynamic]) => {
  const { mode, before, after } = node.attributes as unknown as { mode: string; before: Shape; after: Shape };
  const counts = settleSizes([...before, ...after], dynamic);
  const rank = x!.shape.length;
  const shape = x!.shape.map((size, axis) => size + counts[axis]! + counts[rank + axis]!);
  const strides = stridesOf(x!.shape);
  const own = stridesOf(shape);
  const data = allocate(x!.dtype, elementCount(shape)) as unknown[];
  for (let at = 0; at < data.length; at += 1) {
    let from = 0;
    for (let axis = 0; axis < rank && from >= 0; axis += 1) {
      const index = Math.floor(at / own[axis]!) % shape[axis]!;
      const source = padSource(mode, index - counts[axis]!, x!.shape[axis]!);
      from = source < 0 ? -1 : from + source * strides[axis]!;
    }
    data[at] = from < 0 ? value!.data[0] : x!.data[from];
  }
  return [{ dtype: x!.dtype, shape, data: data as unknown as TensorData }];
};

const broadcastTo: Kernel = (node, [x, ...dynamic]) => {
  const target = settleSizes(node.attributes.shape as Shape, dynamic);
  const padded = [...new Array<number>(Math.max(0, target.length - x!.shape.length)).fill(1), ...x!.shape];
  const shape = padded.map((size, axis) => (size === 1 ? (target[axis - (padded.length - target.length)] ?? 1) : size));
  return [pick(x!, shape, broadcastStrides(x!.shape, shape))];
};

const tile: Kernel = (node, [x, ...dynamic]) => {
  const repeats = settleSizes(node.attributes.repeats as Shape, dynamic);
  // An axis repeated is two axes, of which the first takes no step.
  const strides = stridesOf(x!.shape);
  const doubled = pick(
    x!,
    x!.shape.flatMap((size, axis) => [repeats[axis]!, size]),
    strides.flatMap(step => [0, step]),
  );
  return [
    withShape(
      doubled,
      x!.shape.map((size, axis) => size * repeats[axis]!),
    ),
  ];
};

const expandDims: Kernel = (node, [x]) => {
  const axes = node.attributes.axes as readonly number[];
  const old = [...x!.shape];
  return [
    withShape(
      x!,
      Array.from({ length: old.length + axes.length }, (_, at) => (axes.includes(at) ? 1 : old.shift()!)),
    ),
  ];
};

const squeeze: Kernel = (node, [x]) => {
  const axes = node.attributes.axes as readonly number[];
  return [
    withShape(
      x!,
      x!.shape.filter((_, at) => !axes.includes(at)),
    ),
  ];
};

const gather: Kernel = (node, [x, indices]) => {
  const axis = node.attributes.axis as number;
  const size = x!.shape[axis]!;
  const length = runLength(x!.shape, axis + 1) * partsOf(x!.dtype);
  const outer = elementCount(x!.shape.slice(0, axis));
  const places = Array.from(indices!.data as ArrayLike<number | bigint>, place => wrap(Number(place), size));
  const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
  const data = allocate(x!.dtype, elementCount(shape));
  let to = 0;
  for (let row = 0; row < outer; row += 1) {
    for (const place of places) {
      copy(x!.data, (row * size + place) * length, data, to, length);
      to += length;
    }
  }
  return [{ dtype: x!.dtype, shape, data }];
};

function wrap(index: number, size: number): number {
  const counted = index < 0 ? index + size : index;
  if (counted < 0 || counted >= size) throw new RangeError(`index ${index} is outside of an axis of size ${size}`);
  return counted;
}

const takeAlongAxis: Kernel = (node, [x, indices]) => {
  const axis = node.attributes.axis as number;
  const shape = indices!.shape.map((size, at) => (at === axis || size !== 1 ? size : x!.shape[at]!));
  const strides = stridesOf(x!.shape).map((step, at) => (at === axis || x!.shape[at] === 1 ? 0 : step));
  const along = stridesOf(x!.shape)[axis]!;
  const data = allocate(x!.dtype, elementCount(shape)) as unknown[];
  forEachIndex(shape, [strides, broadcastStrides(indices!.shape, shape)], ([from, which], at) => {
    data[at] = x!.data[from! + wrap(Number(indices!.data[which!]), x!.shape[axis]!) * along];
  });
  return [{ dtype: x!.dtype, shape, data: data as unknown as TensorData }];
};

const gatherNd: Kernel = (node, [x, indices]) => {
  const batch = node.attributes.batchDims as number;
  const depth = indices!.shape.at(-1)!;
  const strides = stridesOf(x!.shape);
  const rest = x!.shape.slice(batch + depth);
  const length = elementCount(rest);
  const vectors = elementCount(indices!.shape.slice(0, -1));
  const perBatch = vectors / elementCount(indices!.shape.slice(0, batch));
  const data = allocate(x!.dtype, vectors * length);
  for (let vector = 0; vector < vectors; vector += 1) {
    let from = batch === 0 ? 0 : Math.floor(vector / perBatch) * strides[batch - 1]!;
    for (let at = 0; at < depth; at += 1) {
      from += wrap(Number(indices!.data[vector * depth + at]), x!.shape[batch + at]!) * strides[batch + at]!;
    }
    copy(x!.data, from, data, vector * length, length);
  }
  return [{ dtype: x!.dtype, shape: [...indices!.shape.slice(0, -1), ...rest], data }];
};

const joins: { readonly [reduction: string]: (old: number, update: number) => number } = {
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

const scatterNd: Kernel = (node, [x, indices, updates]) => {
  const depth = indices!.shape.at(-1)!;
  const strides = stridesOf(x!.shape);
  const length = elementCount(x!.shape.slice(depth));
  const join = joins[String(node.attributes.reduction)];
  const data = x!.data.slice() as unknown as number[];
  const numbers = join ? Float64Array.from(unpackNumbers(x!)) : null;
  const given = join ? unpackNumbers(updates!) : null;
  for (let vector = 0; vector < elementCount(indices!.shape.slice(0, -1)); vector += 1) {
    let to = 0;
    for (let at = 0; at < depth; at += 1)
      to += wrap(Number(indices!.data[vector * depth + at]), x!.shape[at]!) * strides[at]!;
    for (let step = 0; step < length; step += 1) {
      const from = vector * length + step;
      if (join) numbers![to + step] = join(numbers![to + step]!, given![from]!);
      else data[to + step] = updates!.data[from] as number;
    }
  }
  if (numbers) return [{ ...x!, data: packNumbers(numbers, x!.dtype) }];
  return [{ ...x!, data: data as unknown as TensorData }];
};

const dim: Kernel = (node, [x]) => [result(node, [], [x!.shape[node.attributes.axis as number]!])];
const size: Kernel = (node, [x]) => [result(node, [], [elementCount(x!.shape)])];

const arange: Kernel = (node, inputs) => {
  const [start, stop, step] = inputs.map(input => Number(input.data[0])) as [number, number, number];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return [
    result(
      node,
      [count],
      Float64Array.from({ length: count }, (_, at) => start + at * step),
    ),
  ];
};

export const movementKernels: Kernels = {
  reshape,
  transpose,
  concatenate,
  split,
  slice,
  pad,
  broadcastTo,
  tile,
  expandDims,
  squeeze,
  gather,
  takeAlongAxis,
  gatherNd,
  scatterNd,
  dim,
  size,
  arange,
};
