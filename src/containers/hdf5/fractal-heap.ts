/**
 * Fractal heaps (specification III.G): where dense links, dense attributes and shared messages lie. Objects are managed
 * (in blocks of a doubling table), huge (on their own, found by a B-tree) or tiny (inside their identifier).
 */

import { readTree2 } from './btree2.ts';
import { type Context, cursorOver, damaged, expectSignature, parsing, readMetadata, shareOnce } from './context.ts';
import { type HeapTable, readManaged } from './heap-blocks.ts';
import { verify } from './object-header.ts';
import { undoFilters } from './pipeline.ts';
import type { MessageBytes } from './shared-message.ts';
import { parseFilters } from './storage-messages.ts';
import type { Hdf5FilterFacts } from './types.ts';

interface HeapHeader extends HeapTable {
  idLength: number;
  lengthSize: number;
  hugeTree: number | null;
}

export interface FractalHeap {
  /** The object with this identifier. Throws `damaged` where there is none. */
  object(id: Uint8Array, offset: number): Promise<MessageBytes>;
}

/** The heap at a file address; its blocks are read when first needed, and kept. */
export function openFractalHeap(context: Context, address: number): Promise<FractalHeap> {
  return shareOnce(context, `fractal ${address}`, async lasting => {
    const header = await readHeader(lasting, address);
    const huge = () => shareOnce(lasting, `huge ${address}`, () => hugeObjects(lasting, header));
    return {
      async object(id, offset) {
        const kind = (id[0]! >> 4) & 0x03;
        if (kind === 0) return managed(lasting, header, id, offset);
        if (kind === 1) return hugeObject(lasting, header, huge, id, offset);
        return tiny(header, id, offset);
      },
    };
  });
}

async function readHeader(context: Context, address: number): Promise<HeapHeader> {
  const { offsetSize, lengthSize } = context;
  const fixed = 26 + 3 * offsetSize + 12 * lengthSize;
  const what = 'the header of a heap';
  const first = await readMetadata(context, address, fixed, what);
  expectSignature(context, first, 'FRHP', what, 'hdf5-fractal-heap-signature');
  first.skip(3);
  const filterLength = first.u16();
  const filtered = filterLength > 0 ? lengthSize + 4 + filterLength : 0;
  const at = await readMetadata(context, address, fixed + filtered, what);
  verify(context, at.bytes, context.base + address, what);
  return parsing(context, () => {
    at.skip(5);
    const idLength = at.u16();
    at.skip(2);
    const flags = at.u8();
    const largestManaged = at.u32();
    at.skip(lengthSize);
    const hugeTree = at.uintOrNull(offsetSize);
    at.skip(offsetSize + 9 * lengthSize + 0);
    const table = readTable(context, at, filterLength, (flags & 2) !== 0, address);
    const lengthBytes = Math.min(Math.ceil(Math.log2(table.largestDirect) / 8), bytesFor(largestManaged));
    return { ...table, idLength, lengthSize: lengthBytes, hugeTree };
  });
}

type At = Awaited<ReturnType<typeof readMetadata>>;

function readTable(context: Context, at: At, filterLength: number, checksums: boolean, address: number): HeapTable {
  const { offsetSize, lengthSize } = context;
  const offset = at.offset;
  const width = at.u16();
  const startingSize = at.uint(lengthSize);
  const largestDirect = at.uint(lengthSize);
  const heapBits = at.u16();
  at.skip(2);
  const root = at.uintOrNull(offsetSize);
  const rootRows = at.u16();
  const powers = [width, startingSize, largestDirect].every(isPowerOfTwo) && largestDirect >= startingSize;
  if (!powers || heapBits > 64 || heapBits === 0 || largestDirect > context.limits.metadataBytes) {
    throw damaged(context, {
      code: 'hdf5-fractal-heap',
      what: `a heap of ${width} blocks a row, ${startingSize} to ${largestDirect} bytes each, cannot be`,
      offset,
      facts: { width, startingSize, largestDirect, heapBits },
    });
  }
  let filters: Hdf5FilterFacts[] = [];
  let rootFilter: HeapTable['rootFilter'] = null;
  if (filterLength > 0) {
    rootFilter = { size: at.uint(lengthSize), mask: at.u32() };
    const start = at.offset;
    filters = parseFilters(context, { type: 0, flags: 0, offset: start, data: at.take(filterLength) });
  }
  const offsetBytes = Math.ceil(heapBits / 8);
  return { address, width, startingSize, largestDirect, offsetBytes, root, rootRows, filters, rootFilter, checksums };
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}

/** Bytes that numbers up to `limit` take. */
function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}

async function managed(context: Context, header: HeapHeader, id: Uint8Array, offset: number): Promise<MessageBytes> {
  const { start, length } = parsing(context, () => {
    const at = cursorOver(context, id, offset);
    at.skip(1);
    return { start: at.uint(header.offsetBytes), length: at.uint(header.lengthSize) };
  });
  return readManaged(context, header, start, length);
}

function tiny({ idLength }: HeapHeader, id: Uint8Array, offset: number): MessageBytes {
  const isLong = idLength - 1 > 16;
  const length = isLong ? (((id[0]! & 0x0f) << 8) | id[1]!) + 1 : (id[0]! & 0x0f) + 1;
  const start = isLong ? 2 : 1;
  return { bytes: id.subarray(start, start + length), offset: offset + start };
}

interface HugeObject {
  address: number;
  length: number;
  mask: number;
}

async function hugeObject(
  context: Context,
  header: HeapHeader,
  objects: () => Promise<Map<number, HugeObject>>,
  id: Uint8Array,
  offset: number,
): Promise<MessageBytes> {
  const { offsetSize, lengthSize } = context;
  const isFiltered = header.filters.length > 0;
  const at = cursorOver(context, id, offset);
  at.skip(1);
  const directSize = offsetSize + lengthSize + (isFiltered ? 4 + lengthSize : 0);
  let found: HugeObject | undefined;
  if (header.idLength - 1 >= directSize) {
    found = { address: at.uint(offsetSize), length: at.uint(lengthSize), mask: isFiltered ? at.u32() : 0 };
  } else {
    found = (await objects()).get(at.uint(Math.min(8, header.idLength - 1)));
  }
  if (!found) {
    throw damaged(context, { code: 'hdf5-fractal-heap', what: 'the heap has no huge object of this number', offset });
  }
  const stored = await readMetadata(context, found.address, found.length, 'a huge object of a heap');
  const filtered = await undoFilters(context, header.filters, stored.bytes, found.mask, context.limits.metadataBytes);
  return { bytes: filtered, offset: context.base + found.address };
}

/** Records of types 1 and 2: address, length, for filtered ones mask and size, then the number. */
async function hugeObjects(context: Context, header: HeapHeader): Promise<Map<number, HugeObject>> {
  const objects = new Map<number, HugeObject>();
  if (header.hugeTree === null) return objects;
  const tree = await readTree2(context, header.hugeTree, context.limits.links, error => {
    throw error;
  });
  for (const { bytes, offset } of tree.records) {
    const at = cursorOver(context, bytes, offset);
    const object = { address: at.uint(context.offsetSize), length: at.uint(context.lengthSize), mask: 0 };
    if (tree.type === 2) {
      object.mask = at.u32();
      at.skip(context.lengthSize);
    }
    if (tree.type <= 2) objects.set(at.uint(context.lengthSize), object);
  }
  return objects;
}
