/** Which inputs a locally connected layer joins to which outputs (tf.keras: conv_utils.conv_kernel_idxs). */

import { LoadstoneError } from '../findings/errors.ts';
import { elementCount } from '../numbers/tensor.ts';

export interface Geometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly channels: number;
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: 'channels_last' | 'channels_first';
}

/** More connections than a layer that anyone saved; a config that asks for more is not believed. */
const maxConnections = 20_000_000;

/** Every position in a block of the given sizes, last axis fastest. */
export function receptiveField(sizes: readonly number[]): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>(
    (found, size) => found.flatMap(start => Array.from({ length: size }, (_, at) => [...start, at])),
    [[]],
  );
}

/** Pairs of flat output and flat input index, ascending by output, then input. Throws `limit` for absurd sizes. */
export function connections(geometry: Geometry): readonly (readonly [number, number])[] {
  const { output, filters, channels, kernelSize } = geometry;
  const count = elementCount(output) * filters * elementCount(kernelSize) * channels;
  if (!(count <= maxConnections)) {
    throw new LoadstoneError('limit', `a locally connected layer with ${count} connections is not believed`);
  }
  const found: (readonly [number, number])[] = [];
  for (const position of receptiveField(output)) {
    const cells = cellsUnder(position, geometry);
    for (let filter = 0; filter < filters; filter += 1) {
      const to = flatIndex(position, output, filter, filters, geometry);
      for (const cell of cells) {
        for (let channel = 0; channel < channels; channel += 1) {
          found.push([to, flatIndex(cell, geometry.input, channel, channels, geometry)]);
        }
      }
    }
  }
  return found.sort(([a, b], [c, d]) => a - c || b - d);
}

/** Cells of the input that the kernel covers at an output position; `same` lets it hang over the edge. */
function cellsUnder(
  position: readonly number[],
  { input, kernelSize, strides, padding }: Geometry,
): (readonly number[])[] {
  const ranges = position.map((at, axis) => {
    const kernel = kernelSize[axis]!;
    const centre = at * strides[axis]! + (padding === 'same' ? 0 : Math.floor(kernel / 2));
    const from = Math.max(0, centre - Math.floor(kernel / 2));
    const to = Math.min(input[axis]!, centre + kernel - Math.floor(kernel / 2));
    return Array.from({ length: to - from }, (_, offset) => from + offset);
  });
  return ranges.reduce<(readonly number[])[]>(
    (found, range) => found.flatMap(start => range.map(at => [...start, at])),
    [[]],
  );
}

function flatIndex(
  cell: readonly number[],
  sizes: readonly number[],
  channel: number,
  channels: number,
  { dataFormat }: Geometry,
): number {
  const place = cell.reduce((index, at, axis) => index * sizes[axis]! + at, 0);
  return dataFormat === 'channels_first' ? channel * elementCount(sizes) + place : place * channels + channel;
}
