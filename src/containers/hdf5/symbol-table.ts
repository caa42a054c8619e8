/**
 * Groups of the old format (specification III.A.1, III.B and III.C): a B-tree of version 1 whose leaves are symbol nodes.
 */

import { readTreeNode } from './btree1.ts';
import {
  type Context,
  damaged,
  expectSignature,
  type Lost,
  parsing,
  readAtMost,
  readMetadata,
  report,
} from './context.ts';
import { type LocalHeap, readLocalHeap } from './local-heap.ts';
import { type Leaf, lookUpName, type NameTree } from './name-lookup.ts';
import type { Hdf5Link } from './types.ts';

interface Walk {
  heap: LocalHeap;
  found: number;
  links: Hdf5Link[];
  lost: Lost;
  seen: Set<number>;
}

/** All links of the group whose B-tree and heap lie at these file addresses. A damaged branch is told to `lost`. */
export async function readSymbolTable(context: Context, btree: number, heap: number, lost: Lost): Promise<Hdf5Link[]> {
  const walk: Walk = { heap: await readLocalHeap(context, heap), found: 0, links: [], lost, seen: new Set() };
  const tree = await readBranch(context, btree, walk, null);
  const hidden = walk.links
    .map(({ name }) => ({ name, found: lookUpName(tree, name) }))
    .filter(({ found }) => found !== 'found');
  if (hidden.length > 0) {
    const names = hidden.map(({ name }) => name);
    const lost = hidden.filter(({ found }) => found === 'lost').map(({ name }) => name);
    report(context, 'error', {
      code: 'hdf5-link-lookup',
      what: `libhdf5 does not find ${names.map(name => `“${name}”`).join(', ')} here: the order of names is damaged`,
      offset: context.base + btree,
      facts: { names, lost },
    });
  }
  return walk.links;
}

/** Reads one node of the tree. Throws where the node itself is damaged, so that the caller can go on beside it. */
async function readBranch(context: Context, address: number, walk: Walk, level: number | null): Promise<NameTree> {
  visit(context, address, walk, 'the B-tree of the group leads back to itself');
  const node = await readTreeNode(context, address, 0, context.lengthSize, 'the B-tree of the group');
  if (level !== null && node.level !== level) {
    throw damaged(context, {
      code: 'hdf5-btree-level',
      what: `a B-tree node of level ${level} should be here, not ${node.level}`,
      offset: node.offset,
    });
  }
  const read = (child: number): Promise<NameTree | Leaf> =>
    node.level === 0 ? readSymbolNode(context, child, walk) : readBranch(context, child, walk, node.level - 1);
  const results = await Promise.allSettled(node.children.map(child => read(child)));
  const children = results.map(result => {
    if (result.status === 'fulfilled') return result.value;
    walk.lost(result.reason);
    return null;
  });
  return { keys: node.keys.map(key => walk.heap.key(key)), children };
}

function visit(context: Context, address: number, walk: Walk, what: string): void {
  if (walk.seen.has(address))
    throw damaged(context, { code: 'hdf5-btree-cycle', what, offset: context.base + address });
  walk.seen.add(address);
}

async function readSymbolNode(context: Context, address: number, walk: Walk): Promise<Leaf> {
  const { offsetSize, lengthSize } = context;
  visit(context, address, walk, 'two branches of the group lead to one symbol node');
  const entrySize = lengthSize + offsetSize + 24;
  const first = await readAtMost(context, address, 8 + 8 * entrySize, 'a symbol node');
  expectSignature(context, first, 'SNOD', 'a symbol node', 'hdf5-symbol-node-signature');
  const count = parsing(context, () => {
    first.skip(2);
    return first.u16();
  });
  const size = 8 + count * entrySize;
  const at = size <= first.bytes.length ? first : await readMetadata(context, address, size, 'a symbol node');
  walk.found += count;
  if (walk.found > context.limits.links) {
    throw damaged(context, { code: 'hdf5-link-count', what: 'the group has too many links', offset: at.offset });
  }
  const names: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    at.seek(8 + index * entrySize);
    try {
      const link = parsing(context, () => readEntry(context, at, walk.heap));
      walk.links.push(link);
      names.push(link.name);
    } catch (error) {
      walk.lost(error);
      names.push(null);
    }
  }
  return { names };
}

type At = Awaited<ReturnType<typeof readMetadata>>;

/** A symbol table entry (specification III.C). Cache type 1 repeats what the object's header says; 2 is a soft link. */
function readEntry(context: Context, at: At, heap: LocalHeap): Hdf5Link {
  const { offsetSize, lengthSize } = context;
  const start = at.offset;
  const nameOffset = at.uint(lengthSize);
  const target = at.uintOrNull(offsetSize);
  const cacheType = at.u32();
  at.skip(4);
  if (cacheType > 2) {
    report(context, 'error', {
      code: 'hdf5-symbol-cache-type',
      what: `an entry of the group has cache type ${cacheType}, which is none`,
      offset: start,
      facts: { cacheType },
    });
  }
  const name = heap.text(nameOffset);
  if (cacheType === 2) return { kind: 'soft', name, target: heap.text(at.u32()) };
  if (target !== null) return { kind: 'hard', name, offset: context.base + target };
  throw damaged(context, { code: 'hdf5-symbol-entry', what: `the entry of “${name}” leads nowhere`, offset: start });
}
