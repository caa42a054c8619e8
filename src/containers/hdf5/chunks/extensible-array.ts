/**
 * Chunks listed by an extensible array (specification III.J): datasets with one unlimited axis, in files of HDF5 1.10 and
 * later. The first elements stand in the index block, the next in data blocks that it names, the rest in data blocks
 * named by secondary blocks; blocks grow as one goes on.
 */

import type { Cursor } from '../../../bytes/cursor.ts';
import { type Context, damaged, expectSignature, type Lost, readMetadata } from '../context.ts';
import { verify } from '../object-header.ts';
import type { Hdf5Chunk } from '../types.ts';
import { isElementSize, readElement } from './elements.ts';
import { coordinatesIn, type Grid, placesIn } from './grid.ts';
import { bit, readPagedBlock } from './pages.ts';

interface Header {
  elementSize: number;
  /** Bits of the greatest number of elements. */
  elementBits: number;
  indexElements: number;
  /** Elements of the smallest data block. */
  blockElements: number;
  /** Least number of data blocks that a secondary block names. */
  leastPointers: number;
  pageElements: number;
  indexBlock: number | null;
}

/** Data blocks number `first` to `first + count` of the array hold `size` elements each, from element `start` on. */
interface Level {
  count: number;
  size: number;
  start: number;
}

interface Walk {
  header: Header;
  /** Elements that can belong to the dataset: what lies beyond is not read. */
  places: number;
  lost: Lost;
  add(place: number, count: number, at: Cursor): void;
}

const what = 'the array of chunks';

export async function chunksOfExtensibleArray(context: Context, grid: Grid, lost: Lost): Promise<Hdf5Chunk[]> {
  const header = await readHeader(context, grid);
  const chunks: Hdf5Chunk[] = [];
  const coordinates = coordinatesIn(grid);
  const places = placesIn(context, grid);
  const add: Walk['add'] = (place, count, at) => {
    for (let index = place; index < place + count && index < places; index += 1) {
      const chunk = readElement(context, grid, at, header.elementSize, coordinates(index));
      if (chunk) chunks.push(chunk);
    }
  };
  if (header.indexBlock !== null) await readIndexBlock(context, { header, places, lost, add });
  return chunks;
}

async function readHeader(context: Context, grid: Grid): Promise<Header> {
  const { offsetSize, lengthSize } = context;
  const at = await readMetadata(context, grid.address!, 16 + 6 * lengthSize + offsetSize, what);
  expectSignature(context, at, 'EAHD', what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + grid.address!, what);
  at.skip(2);
  const elementSize = at.u8();
  const elementBits = at.u8();
  const indexElements = at.u8();
  const blockElements = at.u8();
  const leastPointers = at.u8();
  const pageElements = 2 ** at.u8();
  at.skip(6 * lengthSize);
  const header = { elementSize, elementBits, indexElements, blockElements, leastPointers, pageElements };
  const powers = [blockElements, leastPointers].every(value => value > 0 && Number.isInteger(Math.log2(value)));
  if (!powers || !isElementSize(context, grid, elementSize) || elementBits > 64 || pageElements > 2 ** 30) {
    throw damaged(context, {
      code: 'hdf5-chunk-index',
      what: `the parameters of ${what} cannot be`,
      offset: context.base + grid.address!,
      facts: header,
    });
  }
  return { ...header, indexBlock: at.uintOrNull(offsetSize) };
}

/** The levels of data blocks: two of each count, then twice as many, of two sizes each (as a doubling table). */
function levelsOf({ elementBits, blockElements, indexElements }: Header): Level[] {
  const levels: Level[] = [];
  let start = indexElements;
  for (let level = 0; level <= elementBits - Math.log2(blockElements); level += 1) {
    const count = 2 ** Math.floor(level / 2);
    const size = 2 ** Math.ceil(level / 2) * blockElements;
    levels.push({ count, size, start });
    start += count * size;
  }
  return levels;
}

async function readIndexBlock(context: Context, walk: Walk): Promise<void> {
  const { offsetSize } = context;
  const { header } = walk;
  const levels = levelsOf(header);
  // Levels whose data blocks the index block names itself; each later level has a secondary block.
  const direct = levels.slice(0, 2 * Math.log2(header.leastPointers));
  const indirect = levels.slice(direct.length);
  const pointers = direct.reduce((sum, level) => sum + level.count, 0) + indirect.length;
  const head = 6 + offsetSize;
  const length = head + header.indexElements * header.elementSize + pointers * offsetSize + 4;
  const at = await readMetadata(context, header.indexBlock!, length, what);
  expectSignature(context, at, 'EAIB', what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + header.indexBlock!, what);
  at.seek(head);
  walk.add(0, header.indexElements, at);
  at.seek(head + header.indexElements * header.elementSize);
  const reading: Promise<void>[] = [];
  for (const level of direct) {
    for (let block = 0; block < level.count; block += 1) {
      const address = at.uintOrNull(offsetSize);
      const start = level.start + block * level.size;
      if (address !== null) reading.push(readDataBlock(context, walk, address, start, level.size));
    }
  }
  for (const level of indirect) {
    const address = at.uintOrNull(offsetSize);
    if (address !== null) reading.push(readSecondaryBlock(context, walk, address, level));
  }
  for (const result of await Promise.allSettled(reading)) if (result.status === 'rejected') walk.lost(result.reason);
}

/** Bytes of the field that says where in the array a block begins. */
function blockHead(context: Context, header: Header): number {
  return 6 + context.offsetSize + Math.ceil(header.elementBits / 8);
}

async function readSecondaryBlock(context: Context, walk: Walk, address: number, level: Level): Promise<void> {
  if (level.start >= walk.places) return;
  const { header } = walk;
  const { offsetSize } = context;
  const isPaged = level.size > header.pageElements;
  const pages = level.size / header.pageElements;
  const bitmapBytes = isPaged ? Math.ceil(pages / 8) : 0;
  const head = blockHead(context, header);
  const at = await readMetadata(context, address, head + level.count * (bitmapBytes + offsetSize) + 4, what);
  expectSignature(context, at, 'EASB', what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + address, what);
  // The bitmap has whole bytes for each block, but its bits are counted on from block to block (H5EA.c).
  at.seek(head + level.count * bitmapBytes);
  const reading: Promise<void>[] = [];
  for (let block = 0; block < level.count; block += 1) {
    const target = at.uintOrNull(offsetSize);
    const start = level.start + block * level.size;
    const hasPage = (page: number) => bit(at.bytes, head, block * pages + page);
    if (target !== null)
      reading.push(readDataBlock(context, walk, target, start, level.size, isPaged ? hasPage : undefined));
  }
  for (const result of await Promise.allSettled(reading)) if (result.status === 'rejected') walk.lost(result.reason);
}

async function readDataBlock(
  context: Context,
  walk: Walk,
  address: number,
  start: number,
  size: number,
  hasPage?: (page: number) => boolean,
): Promise<void> {
  if (start >= walk.places) return;
  const { elementSize, pageElements } = walk.header;
  const head = blockHead(context, walk.header);
  const block = { address, signature: 'EADB', what, head, elements: size, elementSize, pageElements, hasPage };
  await readPagedBlock(context, block, (first, count, at) => walk.add(start + first, count, at), walk.lost);
}
