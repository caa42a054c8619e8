/** Reads a chunked dataset whole: plans which bytes to fetch, undoes the filters, and puts the chunks in their places. */

import { planRanges } from '../../../bytes/coalesce.ts';
import { type Context, checkInside, damaged } from '../context.ts';
import type { DatasetFacts } from '../dataset.ts';
import { repeatFill, tooLarge } from '../fill.ts';
import { greatestExpansion, greatestFill } from '../limits.ts';
import { undoFilters } from '../pipeline.ts';
import type { Hdf5Chunk } from '../types.ts';
import type { Grid } from './grid.ts';
import { listChunks } from './list.ts';
import { placeChunk } from './place.ts';

/** Chunks this close are fetched at once; what lies between them is thrown away. */
const gap = 64 * 1024;

/** Bytes fetched at once, unless one chunk is larger. */
const batchBytes = 16 * 2 ** 20;

/** All elements, row-major, in the file's datatype. Chunks never written have the fill value. */
export async function readChunked(context: Context, facts: DatasetFacts): Promise<Uint8Array> {
  const { grid, chunks, damage } = await listChunks(context, facts);
  if (damage) throw damage;
  const stored = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (facts.byteLength > greatestFill && facts.byteLength > stored * greatestExpansion) {
    throw tooLarge(
      context,
      facts.byteLength,
      facts.headerOffset,
      `which cannot come from the ${stored} that are stored`,
    );
  }
  for (const chunk of chunks) checkChunk(context, grid, chunk);
  const out = new Uint8Array(facts.byteLength);
  if (chunks.length < grid.total) repeatFill(out, facts);
  for (const batch of planRanges(chunks, { gap, most: batchBytes })) {
    const bytes = await context.data.read(batch.offset, batch.length, { signal: context.signal });
    for (const chunk of batch.parts) {
      const from = chunk.offset - batch.offset;
      const plain = await undoChunk(context, facts, grid, chunk, bytes.subarray(from, from + chunk.length));
      placeChunk(grid, chunk.start, plain, out);
    }
  }
  return out;
}

/** Bounds what a chunk may cost before anything is read or allocated for it. */
function checkChunk(context: Context, grid: Grid, chunk: Hdf5Chunk): void {
  checkInside(context, chunk.offset, chunk.length, `the chunk at [${chunk.start}]`);
  const isPossible = grid.filtered
    ? grid.chunkBytes <= greatestExpansion * chunk.length + 1024
    : chunk.length >= grid.chunkBytes;
  if (isPossible) return;
  throw damaged(context, {
    code: 'hdf5-chunk-size',
    what: `the chunk at [${chunk.start}] stores ${chunk.length} bytes, from which ${grid.chunkBytes} cannot come`,
    offset: chunk.offset,
    length: chunk.length,
  });
}

async function undoChunk(
  context: Context,
  facts: DatasetFacts,
  grid: Grid,
  chunk: Hdf5Chunk,
  stored: Uint8Array,
): Promise<Uint8Array> {
  const isEdge = chunk.start.some((at, axis) => at + grid.chunkShape[axis]! > grid.shape[axis]!);
  const filters = grid.index.plainEdges && isEdge ? [] : facts.storage.filters;
  const plain = await undoFilters(context, filters, stored, chunk.filterMask, grid.chunkBytes, chunk.offset);
  if (plain.length >= grid.chunkBytes) return plain;
  throw damaged(context, {
    code: 'hdf5-chunk-size',
    what: `the chunk at [${chunk.start}] has ${plain.length} bytes after its filters, not ${grid.chunkBytes}`,
    offset: chunk.offset,
    length: chunk.length,
  });
}
