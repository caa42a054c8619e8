/** Chunks listed by a B-tree of version 2 (specification III.A.2, records of types 10 and 11): several unlimited axes. */

import { readTree2 } from '../btree2.ts';
import { type Context, cursorOver, damaged, type Lost } from '../context.ts';
import type { Hdf5Chunk } from '../types.ts';
import type { Grid } from './grid.ts';

export async function chunksOfBtree2(context: Context, grid: Grid, lost: Lost): Promise<Hdf5Chunk[]> {
  const rank = grid.shape.length;
  const tree = await readTree2(context, grid.address!, context.limits.chunks, lost);
  const sizeBytes = tree.recordSize - context.offsetSize - 8 * rank - (grid.filtered ? 4 : 0);
  const isPossible = grid.filtered
    ? tree.type === 11 && sizeBytes >= 1 && sizeBytes <= 8
    : tree.type === 10 && sizeBytes === 0;
  if (!isPossible) {
    throw damaged(context, {
      code: 'hdf5-chunk-index',
      what: `a B-tree of type ${tree.type} and records of ${tree.recordSize} bytes cannot list the chunks`,
      offset: context.base + grid.address!,
    });
  }
  return tree.records.map(({ bytes, offset }) => {
    const at = cursorOver(context, bytes, offset);
    const address = at.uint(context.offsetSize);
    const length = grid.filtered ? at.uint(sizeBytes) : grid.chunkBytes;
    const filterMask = grid.filtered ? at.u32() : 0;
    const start = grid.chunkShape.map(size => at.u64() * size);
    return { start, offset: context.base + address, length, filterMask };
  });
}
