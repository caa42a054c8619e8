/** Chunks listed by a fixed array (specification III.I): datasets that cannot grow, in files of HDF5 1.10 and later. */

import type { Cursor } from '../../../bytes/cursor.ts';
import { type Context, damaged, expectSignature, type Lost, readMetadata } from '../context.ts';
import { verify } from '../object-header.ts';
import type { Hdf5Chunk } from '../types.ts';
import { isElementSize, readElement } from './elements.ts';
import { coordinatesIn, type Grid, placesIn } from './grid.ts';
import { bit, readPagedBlock } from './pages.ts';

const what = 'the array of chunks';

interface Header {
  elementSize: number;
  elements: number;
  pageElements: number;
  block: number | null;
}

export async function chunksOfFixedArray(context: Context, grid: Grid, lost: Lost): Promise<Hdf5Chunk[]> {
  const { elementSize, elements, pageElements, block } = await readHeader(context, grid);
  const chunks: Hdf5Chunk[] = [];
  if (block === null) return chunks;
  const bitmap = 6 + context.offsetSize;
  const bitmapBytes = elements > pageElements ? Math.ceil(elements / pageElements / 8) : 0;
  const hasPage = (page: number, at: Cursor) => bit(at.bytes, bitmap, page);
  const coordinates = coordinatesIn(grid);
  const places = placesIn(context, grid);
  const head = bitmap + bitmapBytes;
  const paged = { address: block, signature: 'FADB', what, head, elements, elementSize, pageElements, hasPage };
  const add = (first: number, count: number, at: Cursor) => {
    for (let place = first; place < first + count && place < places; place += 1) {
      const chunk = readElement(context, grid, at, elementSize, coordinates(place));
      if (chunk) chunks.push(chunk);
    }
  };
  await readPagedBlock(context, paged, add, lost);
  return chunks;
}

async function readHeader(context: Context, grid: Grid): Promise<Header> {
  const { offsetSize, lengthSize } = context;
  const at = await readMetadata(context, grid.address!, 12 + lengthSize + offsetSize, what);
  expectSignature(context, at, 'FAHD', what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + grid.address!, what);
  at.skip(2);
  const elementSize = at.u8();
  const pageBits = at.u8();
  const elements = at.uint(lengthSize);
  if (isElementSize(context, grid, elementSize) && elements <= context.limits.chunks && pageBits <= 30) {
    return { elementSize, elements, pageElements: 2 ** pageBits, block: at.uintOrNull(offsetSize) };
  }
  throw damaged(context, {
    code: 'hdf5-chunk-index',
    what: `an array of ${elements} chunks with ${elementSize} bytes each cannot be`,
    offset: context.base + grid.address!,
    facts: { elements, elementSize, pageBits },
  });
}
