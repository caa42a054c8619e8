/** The doubling table of a fractal heap (specification III.G): finds the direct block that holds a heap offset. */

import { type Context, damaged, expectSignature, readMetadata, shareOnce } from './context.ts';
import { verify } from './object-header.ts';
import { undoFilters } from './pipeline.ts';
import type { MessageBytes } from './shared-message.ts';
import type { Hdf5FilterFacts } from './types.ts';

export interface HeapTable {
  /** File address of the heap's header. */
  address: number;
  /** Blocks in a row. */
  width: number;
  /** Bytes of a block in the first two rows; each later row has blocks of twice the size. */
  startingSize: number;
  largestDirect: number;
  /** Bytes of a heap offset. */
  offsetBytes: number;
  /** Address of the root block: direct where `rootRows` is 0. */
  root: number | null;
  rootRows: number;
  filters: Hdf5FilterFacts[];
  rootFilter: { size: number; mask: number } | null;
  /** Whether direct blocks carry a checksum. */
  checksums: boolean;
}

interface Block {
  address: number;
  /** Bytes that the block covers. */
  size: number;
  /** Heap offset of its first byte. */
  start: number;
  filter: { size: number; mask: number } | null;
}

/** The `length` bytes at a heap offset. Offsets count the blocks' own heads. */
export async function readManaged(
  context: Context,
  table: HeapTable,
  offset: number,
  length: number,
): Promise<MessageBytes> {
  const block = await findBlock(context, table, offset);
  if (!block) {
    throw damaged(context, {
      code: 'hdf5-fractal-heap',
      what: `no block of the heap holds its byte ${offset}`,
      offset: context.base + table.address,
      facts: { offset },
    });
  }
  const data = await shareOnce(context, `block ${block.address}`, lasting => readDirect(lasting, table, block));
  const from = offset - block.start;
  if (from + length <= data.bytes.length) {
    return { bytes: data.bytes.subarray(from, from + length), offset: data.offset + from };
  }
  throw damaged(context, {
    code: 'hdf5-fractal-heap',
    what: `an object of ${length} bytes leaves its block of ${data.bytes.length}`,
    offset: data.offset + from,
  });
}

async function findBlock(context: Context, table: HeapTable, offset: number): Promise<Block | null> {
  const { root, rootRows, startingSize, rootFilter } = table;
  if (root === null) return null;
  if (rootRows === 0) return { address: root, size: startingSize, start: 0, filter: rootFilter };
  let current = { address: root, rows: rootRows, start: 0 };
  for (let depth = 0; depth <= context.limits.depth; depth += 1) {
    const slot = slotOf(table, offset - current.start);
    if (slot.row >= current.rows) return null;
    const start = current.start + slot.start;
    const { address, rows: known } = current;
    const entries = await shareOnce(context, `block ${address} ${known}`, lasting =>
      readEntries(lasting, table, { address, rows: known }),
    );
    const entry = entries[slot.row * table.width + slot.column];
    if (!entry) return null;
    const size = rowSize(table, slot.row);
    if (slot.row < directRows(table)) return { address: entry.address, size, start, filter: entry.filter };
    const rows = Math.log2(size) - Math.log2(startingSize * table.width) + 1;
    current = { address: entry.address, rows, start };
  }
  return null;
}

function rowSize({ startingSize }: HeapTable, row: number): number {
  return startingSize * 2 ** Math.max(0, row - 1);
}

/** Rows of direct blocks; what comes after are indirect blocks. */
function directRows({ startingSize, largestDirect }: HeapTable): number {
  return Math.log2(largestDirect) - Math.log2(startingSize) + 2;
}

/** Row and column of the block that covers an offset inside an indirect block, and that block's own offset. */
function slotOf(table: HeapTable, offset: number): { row: number; column: number; start: number } {
  const rowBytes = table.startingSize * table.width;
  const row = offset < rowBytes ? 0 : Math.floor(Math.log2(offset / rowBytes)) + 1;
  const rowStart = row === 0 ? 0 : rowBytes * 2 ** (row - 1);
  const size = rowSize(table, row);
  const column = Math.floor((offset - rowStart) / size);
  return { row, column, start: rowStart + column * size };
}

type Entry = { address: number; filter: Block['filter'] } | null;

/** All entries of an indirect block: those of direct blocks, row by row, then those of further indirect blocks. */
async function readEntries(
  context: Context,
  table: HeapTable,
  block: { address: number; rows: number },
): Promise<Entry[]> {
  const { offsetSize, lengthSize } = context;
  const isFiltered = table.filters.length > 0;
  const directSize = offsetSize + (isFiltered ? lengthSize + 4 : 0);
  const direct = Math.min(block.rows, directRows(table)) * table.width;
  const indirect = Math.max(0, block.rows - directRows(table)) * table.width;
  const head = 5 + offsetSize + table.offsetBytes;
  const length = head + direct * directSize + indirect * offsetSize + 4;
  const at = await readMetadata(context, block.address, length, 'an indirect block of a heap');
  expectSignature(context, at, 'FHIB', 'an indirect block of a heap', 'hdf5-fractal-heap-signature');
  verify(context, at.bytes, context.base + block.address, 'an indirect block of a heap');
  at.seek(head);
  return Array.from({ length: direct + indirect }, (_, index) => {
    const address = at.uintOrNull(offsetSize);
    const filter = isFiltered && index < direct ? { size: at.uint(lengthSize), mask: at.u32() } : null;
    return address === null ? null : { address, filter };
  });
}

async function readDirect(context: Context, table: HeapTable, block: Block): Promise<MessageBytes> {
  const what = 'a block of a heap';
  const at = await readMetadata(context, block.address, block.filter?.size ?? block.size, what);
  const { size, filter } = block;
  const bytes = filter ? await undoFilters(context, table.filters, at.bytes, filter.mask, size) : at.bytes;
  const offset = context.base + block.address;
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  if (signature !== 'FHDB') {
    throw damaged(context, {
      code: 'hdf5-fractal-heap-signature',
      what: `${what} should begin with “FHDB”, but has ${JSON.stringify(signature)}`,
      offset,
      length: 4,
    });
  }
  if (table.checksums) verifyDirect(context, table, bytes, offset);
  return { bytes, offset };
}

/** The checksum of a direct block stands in its head and is computed as if it were zero there. */
function verifyDirect(context: Context, table: HeapTable, bytes: Uint8Array, offset: number): void {
  const place = 5 + context.offsetSize + table.offsetBytes;
  if (place + 4 > bytes.length) return;
  const copy = new Uint8Array(bytes.length + 4);
  copy.set(bytes);
  copy.fill(0, place, place + 4);
  copy.set(bytes.subarray(place, place + 4), bytes.length);
  verify(context, copy, offset, 'a block of a heap');
}
