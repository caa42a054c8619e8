/** Blocks of array indexes whose elements may be split into pages, each with its own checksum (specification III.I, III.J). */

import type { Cursor } from '../../../bytes/cursor.ts';
import { type Context, expectSignature, type Lost, readMetadata } from '../context.ts';
import { verify } from '../object-header.ts';

export interface PagedBlock {
  address: number;
  signature: string;
  what: string;
  /** Bytes before the elements, without a checksum: signature, version, client, header's address and the like. */
  head: number;
  elements: number;
  elementSize: number;
  /** Elements of a page; blocks of no more than this are not paged. */
  pageElements: number;
  /** Whether page n was ever written, from the cursor at the block's start; all were where it is missing. */
  hasPage?: (page: number, at: Cursor) => boolean;
}

/** A run of elements: the index in the block of the first, how many, and the cursor at it. */
export type Run = (first: number, count: number, at: Cursor) => void;

/** Reads the block and calls `run` for each run of elements that was written. */
export async function readPagedBlock(context: Context, block: PagedBlock, run: Run, lost: Lost): Promise<void> {
  const { address, signature, what, head, elements, elementSize, pageElements } = block;
  const isPaged = elements > pageElements;
  const length = head + (isPaged ? 0 : elements * elementSize) + 4;
  const at = await readMetadata(context, address, length, what);
  expectSignature(context, at, signature, what, 'hdf5-chunk-index-signature');
  verify(context, at.bytes, context.base + address, what);
  if (!isPaged) {
    at.seek(head);
    run(0, elements, at);
    return;
  }
  const pages = Math.ceil(elements / pageElements);
  const reading = Array.from({ length: pages }, async (_, page) => {
    if (block.hasPage && !block.hasPage(page, at)) return;
    const first = page * pageElements;
    const count = Math.min(pageElements, elements - first);
    const start = address + length + page * (pageElements * elementSize + 4);
    const inside = await readMetadata(context, start, count * elementSize + 4, what);
    verify(context, inside.bytes, context.base + start, what);
    run(first, count, inside);
  });
  for (const result of await Promise.allSettled(reading)) if (result.status === 'rejected') lost(result.reason);
}

/** Bit `index` of a bitmap, counted from the greatest bit of the first byte. */
export function bit(bytes: Uint8Array, start: number, index: number): boolean {
  return ((bytes[start + (index >> 3)] ?? 0) & (0x80 >> (index & 7))) !== 0;
}
