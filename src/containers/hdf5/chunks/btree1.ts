/** Chunks listed by a B-tree of version 1 (specification III.A.1, nodes of type 1): all files before HDF5 1.10. */

import { readTreeNode } from '../btree1.ts';
import { type Context, cursorOver, damaged, type Lost } from '../context.ts';
import type { Hdf5Chunk } from '../types.ts';
import type { Grid } from './grid.ts';

export async function chunksOfBtree1(context: Context, grid: Grid, lost: Lost): Promise<Hdf5Chunk[]> {
  const seen = new Set<number>();
  const rank = grid.shape.length;
  const keySize = 8 + 8 * (rank + 1);
  const walk = async (address: number, level: number | null): Promise<Hdf5Chunk[]> => {
    const offset = context.base + address;
    if (seen.has(address) || seen.size > context.limits.chunks) {
      throw damaged(context, {
        code: 'hdf5-btree-cycle',
        what: 'the B-tree of the chunks leads back to itself',
        offset,
      });
    }
    seen.add(address);
    const node = await readTreeNode(context, address, 1, keySize, 'the B-tree of the chunks');
    if (level !== null && node.level !== level) {
      throw damaged(context, {
        code: 'hdf5-btree-level',
        what: `a B-tree node of level ${level} should be here, not ${node.level}`,
        offset,
      });
    }
    if (node.level === 0) return node.children.map((child, index) => chunkOf(context, node.keys[index]!, child, rank));
    const results = await Promise.allSettled(node.children.map(child => walk(child, node.level - 1)));
    return results.flatMap(result => {
      if (result.status === 'fulfilled') return result.value;
      lost(result.reason);
      return [];
    });
  };
  return walk(grid.address!, null);
}

function chunkOf(context: Context, key: Uint8Array, address: number, rank: number): Hdf5Chunk {
  const at = cursorOver(context, key, 0);
  const length = at.u32();
  const filterMask = at.u32();
  const start = Array.from({ length: rank }, () => at.u64());
  return { start, offset: context.base + address, length, filterMask };
}
