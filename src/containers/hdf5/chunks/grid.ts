/** How a chunked dataset is cut: the grid of chunks, and which chunk a place in a linear index stands for. */

import { type Context, damaged } from '../context.ts';
import type { DatasetFacts } from '../dataset.ts';
import type { ChunkIndexFacts } from '../storage-messages.ts';

export interface Grid {
  shape: readonly number[];
  chunkShape: readonly number[];
  elementSize: number;
  /** Bytes of a whole chunk before filters. */
  chunkBytes: number;
  /** Chunks along each axis of the dataset as it is now. */
  counts: number[];
  /** Chunks along each axis at its greatest; null where it is unlimited. */
  greatest: (number | null)[];
  /** Chunks of the dataset as it is now. */
  total: number;
  filtered: boolean;
  index: ChunkIndexFacts;
  /** File address of the index; null where nothing was ever written. */
  address: number | null;
}

/** Puts the grid together and checks that it makes sense. */
export function gridOf(context: Context, facts: DatasetFacts): Grid {
  const { raw, filters } = facts.storage;
  const shape = facts.space.shape ?? [];
  if (raw.kind !== 'chunked' || raw.chunkShape.length !== shape.length || raw.elementSize !== facts.datatype.size) {
    throw damaged(context, {
      code: 'hdf5-layout',
      what: `the chunks do not fit a dataset of shape [${shape}] and ${facts.datatype.size} bytes an element`,
      offset: facts.headerOffset,
    });
  }
  const { chunkShape, elementSize, index, address } = raw;
  const chunkBytes = chunkShape.reduce((product, size) => product * size, elementSize);
  const counts = shape.map((size, axis) => Math.ceil(size / chunkShape[axis]!));
  const total = counts.reduce((product, count) => product * count, 1);
  if (total > context.limits.chunks || chunkBytes > context.limits.valueBytes) {
    throw damaged(context, {
      code: 'hdf5-chunk-count',
      what: `${total} chunks of ${chunkBytes} bytes are more than any real dataset has`,
      offset: facts.headerOffset,
      facts: { total, chunkBytes },
    });
  }
  const greatest = (facts.space.maxShape ?? shape).map((size, axis) =>
    size === null ? null : Math.ceil(size / chunkShape[axis]!),
  );
  const filtered = filters.length > 0;
  return { shape, chunkShape, elementSize, chunkBytes, counts, greatest, total, filtered, index, address };
}

/**
 * Turns places in a linear index into coordinates of first elements. Indexes count along the greatest shape, last axis
 * fastest; an unlimited axis, of which an extensible array has one, counts slowest of all. The answer is null for a chunk
 * outside the dataset as it is now.
 */
export function coordinatesIn(grid: Grid): (place: number) => number[] | null {
  const rank = grid.shape.length;
  const unlimited = grid.greatest.indexOf(null);
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const slowestFirst = unlimited <= 0 ? axes : [unlimited, ...axes.filter(axis => axis !== unlimited)];
  return place => {
    const start = new Array<number>(rank).fill(0);
    let rest = place;
    for (let position = rank - 1; position >= 0; position -= 1) {
      const axis = slowestFirst[position]!;
      const count = position === 0 ? Number.POSITIVE_INFINITY : grid.greatest[axis]!;
      const scaled = position === 0 ? rest : rest % count;
      rest = Math.floor(rest / count);
      if (scaled >= grid.counts[axis]!) return null;
      start[axis] = scaled * grid.chunkShape[axis]!;
    }
    return start;
  };
}

/** One more than the last place of a linear index that can belong to the dataset as it is now. */
export function placesIn(context: Context, grid: Grid): number {
  const unlimited = grid.greatest.indexOf(null);
  const places = grid.greatest.reduce<number>((product, count, axis) => {
    const isSlowest = unlimited < 0 ? axis === 0 : axis === unlimited;
    return product * (isSlowest ? grid.counts[axis]! : count!);
  }, 1);
  if (places <= context.limits.chunks) return places;
  throw damaged(context, {
    code: 'hdf5-chunk-count',
    what: `a chunk index of ${places} places is more than any real one`,
  });
}
