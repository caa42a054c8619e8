/** What the array indexes keep for each chunk: its address, and for filtered chunks the stored size and filter mask. */

import type { Cursor } from '../../../bytes/cursor.ts';
import type { Context } from '../context.ts';
import type { Hdf5Chunk } from '../types.ts';
import type { Grid } from './grid.ts';

/** Reads one element of `size` bytes at the cursor and makes a chunk of it; null where the chunk was never written. */
export function readElement(
  context: Context,
  grid: Grid,
  at: Cursor,
  size: number,
  start: number[] | null,
): Hdf5Chunk | null {
  const next = at.position + size;
  const address = at.uintOrNull(context.offsetSize);
  let length = grid.chunkBytes;
  let filterMask = 0;
  if (grid.filtered) {
    length = at.uint(size - context.offsetSize - 4);
    filterMask = at.u32();
  }
  at.seek(next);
  return address === null || start === null ? null : { start, offset: context.base + address, length, filterMask };
}

/** True where elements can have this size: an address, and with filters 1 to 8 bytes of size and a mask. */
export function isElementSize(context: Context, grid: Grid, size: number): boolean {
  const extra = size - context.offsetSize;
  return grid.filtered ? extra >= 5 && extra <= 12 : extra === 0;
}
