/** Copies a chunk into the dataset that it is a part of, without what sticks out over the dataset's edge. */

import type { Grid } from './grid.ts';

/** Copies `chunk`, whose first element stands at `start`, into `out`, which holds the whole dataset. Rows go as one. */
export function placeChunk(grid: Grid, start: readonly number[], chunk: Uint8Array, out: Uint8Array): void {
  const { shape, chunkShape, elementSize } = grid;
  const rank = shape.length;
  const extent = shape.map((size, axis) => Math.min(chunkShape[axis]!, size - start[axis]!));
  const outStrides = strides(shape, elementSize);
  const chunkStrides = strides(chunkShape, elementSize);
  const copy = (axis: number, from: number, to: number): void => {
    if (axis === rank - 1) {
      out.set(chunk.subarray(from, from + extent[axis]! * elementSize), to);
      return;
    }
    for (let index = 0; index < extent[axis]!; index += 1) {
      copy(axis + 1, from + index * chunkStrides[axis]!, to + index * outStrides[axis]!);
    }
  };
  copy(
    0,
    0,
    start.reduce((sum, at, axis) => sum + at * outStrides[axis]!, 0),
  );
}

function strides(shape: readonly number[], elementSize: number): number[] {
  const result = new Array<number>(shape.length);
  let stride = elementSize;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    result[axis] = stride;
    stride *= shape[axis]!;
  }
  return result;
}
