/** B-trees of version 2 (specification III.A.2): the index of dense links and attributes, huge objects and some chunks. */

import { type Context, damaged, expectSignature, type Lost, parsing, readMetadata } from './context.ts';
import { verify } from './object-header.ts';

export interface TreeRecord {
  bytes: Uint8Array;
  /** Absolute. */
  offset: number;
}

export interface Tree2 {
  type: number;
  recordSize: number;
  records: TreeRecord[];
}

interface Header {
  type: number;
  nodeSize: number;
  recordSize: number;
  /** Bytes of the field that counts the records of a child. */
  countSize: number;
  /** Bytes of the field that counts the records below a child, by the child's depth. */
  totalSizes: number[];
  seen: Set<number>;
  limit: number;
}

/**
 * All records, in order, of the tree whose header lies at a file address. A damaged branch is told to `lost` and left
 * out; `limit` bounds the records.
 */
export async function readTree2(context: Context, address: number, limit: number, lost: Lost): Promise<Tree2> {
  const { offsetSize, lengthSize } = context;
  const at = await readMetadata(context, address, 22 + offsetSize + lengthSize, 'the header of a B-tree');
  expectSignature(context, at, 'BTHD', 'the header of a B-tree', 'hdf5-btree2-signature');
  verify(context, at.bytes, context.base + address, 'the header of a B-tree');
  const version = at.u8();
  const type = at.u8();
  const nodeSize = at.u32();
  const recordSize = at.u16();
  const depth = at.u16();
  at.skip(2);
  const root = at.uintOrNull(offsetSize);
  const count = at.u16();
  if (version !== 0 || recordSize === 0 || nodeSize < 10 + recordSize || depth > context.limits.depth) {
    throw damaged(context, {
      code: 'hdf5-btree2',
      what: `a B-tree of version ${version}, depth ${depth}, nodes of ${nodeSize} and records of ${recordSize} bytes cannot be`,
      offset: context.base + address,
      facts: { version, depth, nodeSize, recordSize },
    });
  }
  const header: Header = {
    type,
    nodeSize,
    recordSize,
    ...fieldSizes(context, nodeSize, recordSize, depth),
    seen: new Set(),
    limit,
  };
  const records =
    root === null || count === 0 ? [] : await readNode(context, header, { address: root, count }, depth, lost);
  return { type, recordSize, records };
}

/** How wide the counts in internal nodes are follows from how many records could be below. */
function fieldSizes(context: Context, nodeSize: number, recordSize: number, depth: number) {
  const leafCapacity = Math.floor((nodeSize - 10) / recordSize);
  const countSize = bytesToCount(leafCapacity);
  const totalSizes = [0];
  let capacity = leafCapacity;
  for (let level = 1; level < depth; level += 1) {
    const pointer = context.offsetSize + countSize + totalSizes[level - 1]!;
    const own = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    capacity = (own + 1) * capacity + own;
    totalSizes.push(Math.min(8, bytesToCount(capacity)));
  }
  return { countSize, totalSizes };
}

/** Bytes that a count up to `greatest` takes. */
export function bytesToCount(greatest: number): number {
  return Math.floor(Math.log2(Math.max(1, greatest)) / 8) + 1;
}

interface Child {
  address: number;
  count: number;
}

async function readNode(
  context: Context,
  header: Header,
  node: Child,
  depth: number,
  lost: Lost,
): Promise<TreeRecord[]> {
  const { recordSize, nodeSize, seen } = header;
  const offset = context.base + node.address;
  if (seen.has(node.address)) {
    throw damaged(context, { code: 'hdf5-btree-cycle', what: 'the B-tree leads back to itself', offset });
  }
  seen.add(node.address);
  const pointer = context.offsetSize + header.countSize + (header.totalSizes[depth - 1] ?? 0);
  const used = 6 + node.count * recordSize + (depth > 0 ? (node.count + 1) * pointer : 0) + 4;
  if (used > nodeSize || seen.size * recordSize > header.limit * recordSize) {
    throw damaged(context, {
      code: 'hdf5-btree2',
      what: `a B-tree node of ${nodeSize} bytes cannot hold ${node.count} records`,
      offset,
      facts: { count: node.count },
    });
  }
  const at = await readMetadata(context, node.address, used, 'a B-tree node');
  expectSignature(context, at, depth > 0 ? 'BTIN' : 'BTLF', 'a B-tree node', 'hdf5-btree2-signature');
  verify(context, at.bytes, offset, 'a B-tree node');
  const { records, children } = parsing(context, () => {
    at.skip(2);
    const own = Array.from({ length: node.count }, () => ({ offset: at.offset, bytes: at.take(recordSize) }));
    const below: Child[] = [];
    for (let index = 0; depth > 0 && index <= node.count; index += 1) {
      below.push({ address: at.uint(context.offsetSize), count: at.uint(header.countSize) });
      at.skip(header.totalSizes[depth - 1] ?? 0);
    }
    return { records: own, children: below };
  });
  if (depth === 0) return records;
  return interleave(context, header, records, children, depth, lost);
}

/** A record of an internal node stands between those of its two children. */
async function interleave(
  context: Context,
  header: Header,
  own: TreeRecord[],
  children: Child[],
  depth: number,
  lost: Lost,
): Promise<TreeRecord[]> {
  const results = await Promise.allSettled(children.map(child => readNode(context, header, child, depth - 1, lost)));
  const records: TreeRecord[] = [];
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') for (const record of result.value) records.push(record);
    else lost(result.reason);
    if (own[index]) records.push(own[index]);
  });
  if (records.length > header.limit) {
    throw damaged(context, { code: 'hdf5-btree2', what: `the B-tree has more than ${header.limit} records` });
  }
  return records;
}
