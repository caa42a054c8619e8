/** Chunks listed by a fixed array (specification III.I): datasets that cannot grow, in files of HDF5 1.10 and later. */

import { type Context, damaged, expectSignature, type Lost, readMetadata } from '../context.ts';
import { verify } from '../object-header.ts';
import type { Hdf5Chunk } from '../types.ts';
import { isElementSize, readElement } from './elements.ts';
import { coordinatesIn, type Grid, placesIn } from './grid.ts';
import { bit, readPagedBlock } from './pages.ts';

export async function chunksOfFixedArray(context: Context, grid: Grid, lost: Lost): Promise<Hdf5Chunk[]> {
  const { offsetSize, lengthSize } = context;
  const what = 'the array of chunks';
  const at = await readMetadata(context, grid.address!, 12 + lengthSize + offsetSize, what);
  expectSignature(context, at, 'FAHD', what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + grid.address!, what);
  at.skip(2);
  const elementSize = at.u8();
  const pageBits = at.u8();
  const elements = at.uint(lengthSize);
  const block = at.uintOrNull(offsetSize);
  if (!isElementSize(context, grid, elementSize) || elements > context.limits.chunks || pageBits > 30) {
    throw damaged(context, {
      code: 'hdf5-chunk-index',
      what: `an array of ${elements} chunks with ${elementSize} bytes each cannot be`,
      offset: context.base + grid.address!,
      facts: { elements, elementSize, pageBits },
    });
  }
  const chunks: Hdf5Chunk[] = [];
  if (block === null) return chunks;
  const pageElements = 2 ** pageBits;
  const bitmap = 6 + offsetSize;
  const pages = Math.ceil(elements / pageElements);
  const head = bitmap + (elements > pageElements ? Math.ceil(pages / 8) : 0);
  const coordinates = coordinatesIn(grid);
  const places = placesIn(context, grid);
  await readPagedBlock(
    context,
    {
      address: block,
      signature: 'FADB',
      what,
      head,
      elements,
      elementSize,
      pageElements,
      hasPage: (page, cursor) => bit(cursor.bytes, bitmap, page),
    },
    (first, count, cursor) => {
      for (let place = first; place < first + count && place < places; place += 1) {
        const chunk = readElement(context, grid, cursor, elementSize, coordinates(place));
        if (chunk) chunks.push(chunk);
      }
    },
    lost,
  );
  return chunks;
}
