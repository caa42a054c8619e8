/** Host kernels of convolutions and pooling: plain loops in double precision. */

import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount } from '../../numbers/tensor.ts';
import { forEachIndex, type Kernel, type Kernels, result, stridesOf } from './kernel.ts';

interface Geometry {
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
  readonly padding: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly channelsFirst: boolean;
}

/** A picture (or line, or volume) as strides: of batch, of channels, of each spatial axis. */
function gridOf(shape: readonly number[], channelsFirst: boolean) {
  const strides = stridesOf(shape);
  const sizes = channelsFirst ? shape.slice(2) : shape.slice(1, -1);
  const spatial = channelsFirst ? strides.slice(2) : strides.slice(1, -1);
  const channels = channelsFirst ? shape[1]! : shape.at(-1)!;
  return {
    batch: shape[0]!,
    batchStep: strides[0]!,
    channels,
    channelStep: channelsFirst ? strides[1]! : strides.at(-1)!,
    sizes,
    spatial,
  };
}

function joined(batch: number, sizes: readonly number[], channels: number, channelsFirst: boolean): number[] {
  return channelsFirst ? [batch, channels, ...sizes] : [batch, ...sizes, channels];
}

/** Cells in front of each axis, and the sizes that come out. */
function windows(sizes: readonly number[], extents: readonly number[], { strides, padding }: Geometry) {
  const before: number[] = [];
  const out = sizes.map((size, axis) => {
    if (padding === 'same') {
      const count = Math.ceil(size / strides[axis]!);
      before.push(Math.floor(Math.max((count - 1) * strides[axis]! + extents[axis]! - size, 0) / 2));
      return count;
    }
    const [front, back] = padding === 'valid' ? [0, 0] : padding[axis]!;
    before.push(front);
    return Math.floor((size + front + back - extents[axis]!) / strides[axis]!) + 1;
  });
  return { before, out };
}

/** Calls `visit` for every cell of every window: output cell, kernel cell, and the input cell's offset where it exists. */
function forEachWindow(
  out: readonly number[],
  window: readonly number[],
  visit: (cell: number, place: number, index: readonly number[], inner: readonly number[]) => void,
): void {
  const [ones, inside] = [out.map(() => 0), window.map(() => 0)];
  forEachIndex(out, [ones], (_, cell) => {
    const index = unravel(cell, out);
    forEachIndex(window, [inside], (__, place) => visit(cell, place, index, unravel(place, window)));
  });
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const strides = stridesOf(shape);
  return shape.map((size, axis) => Math.floor(flat / strides[axis]!) % size);
}

const conv: Kernel = (node, [x, w]) => {
  const geometry = node.attributes as unknown as Geometry & { dilations: number[]; groups: number };
  const grid = gridOf(x!.shape, geometry.channelsFirst);
  const rank = grid.sizes.length;
  const kernel = w!.shape.slice(0, rank);
  const [into, filters] = w!.shape.slice(-2) as [number, number];
  const extents = kernel.map((size, axis) => (size - 1) * geometry.dilations[axis]! + 1);
  const { before, out } = windows(grid.sizes, extents, geometry);
  const shape = joined(grid.batch, out, filters, geometry.channelsFirst);
  const target = gridOf(shape, geometry.channelsFirst);
  const values = new Float64Array(elementCount(shape));
  const [numbers, weights] = [unpackNumbers(x!), unpackNumbers(w!)];
  const perGroup = filters / geometry.groups;
  forEachWindow(out, kernel, (_, place, index, inner) => {
    const cells = index.map(
      (at, axis) => at * geometry.strides[axis]! - before[axis]! + inner[axis]! * geometry.dilations[axis]!,
    );
    if (cells.some((cell, axis) => cell < 0 || cell >= grid.sizes[axis]!)) return;
    const from = cells.reduce((total, cell, axis) => total + cell * grid.spatial[axis]!, 0);
    const to = index.reduce((total, at, axis) => total + at * target.spatial[axis]!, 0);
    for (let sample = 0; sample < grid.batch; sample += 1) {
      for (let filter = 0; filter < filters; filter += 1) {
        const first = Math.floor(filter / perGroup) * into;
        let total = 0;
        for (let channel = 0; channel < into; channel += 1) {
          total +=
            numbers[sample * grid.batchStep + from + (first + channel) * grid.channelStep]! *
            weights[(place * into + channel) * filters + filter]!;
        }
        values[sample * target.batchStep + to + filter * target.channelStep]! += total;
      }
    }
  });
  return [result(node, shape, values)];
};

const convTranspose: Kernel = (node, [x, w]) => {
  const { strides, dilations, crops, channelsFirst } = node.attributes as unknown as {
    strides: number[];
    dilations: number[];
    crops: [number, number][];
    channelsFirst: boolean;
  };
  const grid = gridOf(x!.shape, channelsFirst);
  const kernel = w!.shape.slice(0, grid.sizes.length);
  const [filters, into] = w!.shape.slice(-2) as [number, number];
  const out = grid.sizes.map(
    (size, axis) =>
      (size - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1 - crops[axis]![0] - crops[axis]![1],
  );
  const shape = joined(grid.batch, out, filters, channelsFirst);
  const target = gridOf(shape, channelsFirst);
  const values = new Float64Array(elementCount(shape));
  const [numbers, weights] = [unpackNumbers(x!), unpackNumbers(w!)];
  forEachWindow(grid.sizes, kernel, (_, place, index, inner) => {
    const cells = index.map((at, axis) => at * strides[axis]! + inner[axis]! * dilations[axis]! - crops[axis]![0]);
    if (cells.some((cell, axis) => cell < 0 || cell >= out[axis]!)) return;
    const from = index.reduce((total, at, axis) => total + at * grid.spatial[axis]!, 0);
    const to = cells.reduce((total, cell, axis) => total + cell * target.spatial[axis]!, 0);
    for (let sample = 0; sample < grid.batch; sample += 1) {
      for (let filter = 0; filter < filters; filter += 1) {
        let total = 0;
        for (let channel = 0; channel < into; channel += 1) {
          total +=
            numbers[sample * grid.batchStep + from + channel * grid.channelStep]! *
            weights[(place * filters + filter) * into + channel]!;
        }
        values[sample * target.batchStep + to + filter * target.channelStep]! += total;
      }
    }
  });
  return [result(node, shape, values)];
};

function pool(average: boolean): Kernel {
  return (node, [x]) => {
    const geometry = node.attributes as unknown as Geometry & { window: number[] };
    const grid = gridOf(x!.shape, geometry.channelsFirst);
    const { before, out } = windows(grid.sizes, geometry.window, geometry);
    const shape = joined(grid.batch, out, grid.channels, geometry.channelsFirst);
    const target = gridOf(shape, geometry.channelsFirst);
    const values = new Float64Array(elementCount(shape)).fill(average ? 0 : -Infinity);
    const counts = new Float64Array(elementCount(out));
    const numbers = unpackNumbers(x!);
    forEachWindow(out, geometry.window, (cell, _, index, inner) => {
      const cells = index.map((at, axis) => at * geometry.strides[axis]! - before[axis]! + inner[axis]!);
      if (cells.some((place, axis) => place < 0 || place >= grid.sizes[axis]!)) return;
      counts[cell]! += 1;
      const from = cells.reduce((total, place, axis) => total + place * grid.spatial[axis]!, 0);
      const to = index.reduce((total, at, axis) => total + at * target.spatial[axis]!, 0);
      for (let sample = 0; sample < grid.batch; sample += 1) {
        for (let channel = 0; channel < grid.channels; channel += 1) {
          const value = numbers[sample * grid.batchStep + from + channel * grid.channelStep]!;
          const at = sample * target.batchStep + to + channel * target.channelStep;
          values[at] = average ? values[at]! + value : Math.max(values[at]!, value);
        }
      }
    });
    if (average) divideByCounts(values, counts, target, out);
    return [result(node, shape, values)];
  };
}

function divideByCounts(
  values: Float64Array,
  counts: Float64Array,
  target: ReturnType<typeof gridOf>,
  out: readonly number[],
): void {
  forEachIndex(out, [target.spatial], ([to], cell) => {
    for (let sample = 0; sample < target.batch; sample += 1) {
      for (let channel = 0; channel < target.channels; channel += 1) {
        values[sample * target.batchStep + to! + channel * target.channelStep]! /= counts[cell]!;
      }
    }
  });
}

export const convolutionKernels: Kernels = { conv, convTranspose, maxPool: pool(false), averagePool: pool(true) };
