/** The two indexes that need no structure: one chunk alone, and all chunks in a row (specification IV.A.2.i). */

import type { Context } from '../context.ts';
import type { Hdf5Chunk } from '../types.ts';
import { coordinatesIn, type Grid, placesIn } from './grid.ts';

/** The one chunk of a dataset that never grows beyond it. */
export function singleChunk(context: Context, grid: Grid): Hdf5Chunk[] {
  const filtered = grid.index.filtered;
  return [
    {
      start: grid.shape.map(() => 0),
      offset: context.base + grid.address!,
      length: filtered?.size ?? grid.chunkBytes,
      filterMask: filtered?.mask ?? 0,
    },
  ];
}

/** Chunks that were all allocated at once, one behind the other. */
export function implicitChunks(context: Context, grid: Grid): Hdf5Chunk[] {
  const coordinates = coordinatesIn(grid);
  const chunks: Hdf5Chunk[] = [];
  for (let place = 0, places = placesIn(context, grid); place < places; place += 1) {
    const start = coordinates(place);
    const offset = context.base + grid.address! + place * grid.chunkBytes;
    if (start) chunks.push({ start, offset, length: grid.chunkBytes, filterMask: 0 });
  }
  return chunks;
}
