/** Where each chunk of a dataset lies, by whichever index the file has. */

import { type Context, findingFrom, parsing } from '../context.ts';
import type { DatasetFacts } from '../dataset.ts';
import type { Hdf5Chunk } from '../types.ts';
import { chunksOfBtree1 } from './btree1.ts';
import { chunksOfBtree2 } from './btree2.ts';
import { chunksOfExtensibleArray } from './extensible-array.ts';
import { chunksOfFixedArray } from './fixed-array.ts';
import { type Grid, gridOf } from './grid.ts';
import { implicitChunks, singleChunk } from './plain.ts';

export interface ChunksRead {
  grid: Grid;
  chunks: Hdf5Chunk[];
  /** The first damage for which chunks may be missing; it was also reported. */
  damage: unknown;
}

/** All stored chunks that belong to the dataset as it is now. */
export async function listChunks(context: Context, facts: DatasetFacts): Promise<ChunksRead> {
  const grid = parsing(context, () => gridOf(context, facts));
  const read: ChunksRead = { grid, chunks: [], damage: undefined };
  if (grid.address === null || grid.total === 0) return read;
  const found = await byKind(context, grid, error => {
    findingFrom(context, error);
    read.damage ??= error;
  });
  read.chunks = found.filter(chunk => belongs(grid, chunk));
  return read;
}

function byKind(context: Context, grid: Grid, lost: (error: unknown) => void): Promise<Hdf5Chunk[]> | Hdf5Chunk[] {
  switch (grid.index.kind) {
    case 'btree1':
      return chunksOfBtree1(context, grid, lost);
    case 'btree2':
      return chunksOfBtree2(context, grid, lost);
    case 'fixed-array':
      return chunksOfFixedArray(context, grid, lost);
    case 'extensible-array':
      return chunksOfExtensibleArray(context, grid, lost);
    case 'single':
      return singleChunk(context, grid);
    case 'implicit':
      return implicitChunks(context, grid);
  }
}

/** Chunks beyond the dataset's edge stay in the index when a dataset shrinks; one off the grid is no chunk of it. */
function belongs(grid: Grid, { start }: Hdf5Chunk): boolean {
  return start.every((at, axis) => at < grid.shape[axis]! && at % grid.chunkShape[axis]! === 0);
}
