/**
 * Groups of the old format (specification III.A.1, III.B and III.C): a B-tree of version 1 whose leaves are symbol nodes.
 */

import { type Context, damaged, expectSignature, type Lost, parsing, readAtMost, readMetadata } from './context.ts';
import { type LocalHeap, readLocalHeap } from './local-heap.ts';
import type { Hdf5Link } from './types.ts';

interface Walk {
  heap: LocalHeap;
  found: number;
  lost: Lost;
  seen: Set<number>;
}

/** All links of the group whose B-tree and heap lie at these file addresses. A damaged branch is told to `lost`. */
export async function readSymbolTable(context: Context, btree: number, heap: number, lost: Lost): Promise<Hdf5Link[]> {
  const walk: Walk = { heap: await readLocalHeap(context, heap), found: 0, lost, seen: new Set() };
  return readBranch(context, btree, walk, null);
}

/** Reads one node of the tree. Throws where the node itself is damaged, so that the caller can go on beside it. */
async function readBranch(context: Context, address: number, walk: Walk, level: number | null): Promise<Hdf5Link[]> {
  if (walk.seen.has(address)) {
    throw damaged(context, {
      code: 'hdf5-btree-cycle',
      what: 'the B-tree of the group leads back to itself',
      offset: context.base + address,
    });
  }
  walk.seen.add(address);
  const node = await readTreeNode(context, address, 0, context.lengthSize, 'the B-tree of the group');
  if (level !== null && node.level !== level) {
    throw damaged(context, {
      code: 'hdf5-btree-level',
      what: `a B-tree node of level ${level} should be here, not ${node.level}`,
      offset: node.offset,
    });
  }
  const read = (child: number) =>
    node.level === 0 ? readSymbolNode(context, child, walk) : readBranch(context, child, walk, node.level - 1);
  const results = await Promise.allSettled(node.children.map(child => read(child)));
  return results.flatMap(result => {
    if (result.status === 'fulfilled') return result.value;
    walk.lost(result.reason);
    return [];
  });
}

export interface TreeNode {
  level: number;
  offset: number;
  /** Raw keys, one more than children. */
  keys: Uint8Array[];
  children: number[];
}

/** Reads a node of a version 1 B-tree: the same for groups (kind 0) and chunks (kind 1) but for the keys' size. */
export async function readTreeNode(
  context: Context,
  address: number,
  kind: number,
  keySize: number,
  what: string,
): Promise<TreeNode> {
  const { offsetSize } = context;
  const head = 8 + 2 * offsetSize;
  const first = await readAtMost(context, address, head + 32 * (keySize + offsetSize) + keySize, what);
  const offset = first.offset;
  expectSignature(context, first, 'TREE', what, 'hdf5-btree-signature');
  const { level, count } = parsing(context, () => {
    const found = first.u8();
    if (found !== kind) {
      throw damaged(context, {
        code: 'hdf5-btree-kind',
        what: `${what} has nodes of kind ${found}`,
        offset: offset + 4,
      });
    }
    return { level: first.u8(), count: first.u16() };
  });
  if (level > context.limits.depth) {
    throw damaged(context, { code: 'hdf5-btree-level', what: `${what} claims ${level} levels`, offset: offset + 5 });
  }
  const size = head + count * (keySize + offsetSize) + keySize;
  const at = size <= first.bytes.length ? first : await readMetadata(context, address, size, what);
  return parsing(context, () => {
    at.seek(head);
    const keys: Uint8Array[] = [];
    const children: number[] = [];
    for (let index = 0; index < count; index += 1) {
      keys.push(at.take(keySize));
      children.push(at.uint(offsetSize));
    }
    keys.push(at.take(keySize));
    return { level, offset, keys, children };
  });
}

async function readSymbolNode(context: Context, address: number, walk: Walk): Promise<Hdf5Link[]> {
  const { offsetSize, lengthSize } = context;
  if (walk.seen.has(address)) {
    throw damaged(context, {
      code: 'hdf5-btree-cycle',
      what: 'two branches of the group lead to one symbol node',
      offset: context.base + address,
    });
  }
  walk.seen.add(address);
  const entrySize = lengthSize + offsetSize + 24;
  const first = await readAtMost(context, address, 8 + 8 * entrySize, 'a symbol node');
  expectSignature(context, first, 'SNOD', 'a symbol node', 'hdf5-symbol-node-signature');
  first.skip(2);
  const count = parsing(context, () => first.u16());
  const size = 8 + count * entrySize;
  const at = size <= first.bytes.length ? first : await readMetadata(context, address, size, 'a symbol node');
  walk.found += count;
  if (walk.found > context.limits.links) {
    throw damaged(context, { code: 'hdf5-link-count', what: 'the group has too many links', offset: at.offset });
  }
  const links: Hdf5Link[] = [];
  for (let index = 0; index < count; index += 1) {
    at.seek(8 + index * entrySize);
    try {
      links.push(parsing(context, () => readEntry(context, at, walk.heap)));
    } catch (error) {
      walk.lost(error);
    }
  }
  return links;
}

type At = Awaited<ReturnType<typeof readMetadata>>;

function readEntry(context: Context, at: At, heap: LocalHeap): Hdf5Link {
  const { offsetSize, lengthSize } = context;
  const start = at.offset;
  const nameOffset = at.uint(lengthSize);
  const target = at.uintOrNull(offsetSize);
  const cacheType = at.u32();
  at.skip(4);
  const name = heap.text(nameOffset);
  if (cacheType === 2) return { kind: 'soft', name, target: heap.text(at.u32()) };
  if (target === null || cacheType > 2) {
    throw damaged(context, {
      code: 'hdf5-symbol-entry',
      what: `the entry of “${name}” has cache type ${cacheType} and no valid target`,
      offset: start,
      facts: { cacheType },
    });
  }
  return { kind: 'hard', name, offset: context.base + target };
}
