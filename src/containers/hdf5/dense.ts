/** Dense storage of links and attributes: messages in a fractal heap, listed by a B-tree of version 2. */

import { readTree2 } from './btree2.ts';
import { type Context, damaged, type Lost } from './context.ts';
import { openFractalHeap } from './fractal-heap.ts';
import { messageTypes } from './object-header.ts';
import { type MessageBytes, sharedFlag } from './shared-message.ts';
import { sharedHeapObject } from './shared-table.ts';

/** Where a record of each tree type has its heap identifier (specification III.A.2, records of types 5, 6, 8 and 9). */
const identifiers: Readonly<Record<number, { start: number; length: number; flags?: number }>> = {
  5: { start: 4, length: 7 },
  6: { start: 8, length: 7 },
  8: { start: 0, length: 8, flags: 8 },
  9: { start: 0, length: 8, flags: 8 },
};

/**
 * All messages of the heap at a file address, in creation order where an index keeps it, else in the order of the index
 * by name. What is damaged is told to `lost` and left out; where one index is lost the other is tried.
 */
export async function denseMessages(
  context: Context,
  heapAddress: number,
  indexes: { names: number | null; order: number | null },
  what: 'links' | 'attributes',
  lost: Lost,
): Promise<MessageBytes[]> {
  const heap = await openFractalHeap(context, heapAddress);
  const tree = await firstTree(context, [indexes.order, indexes.names], what, lost);
  const place = identifiers[tree.type];
  if (!place || place.start + place.length > tree.recordSize) {
    throw damaged(context, { code: 'hdf5-btree2', what: `a B-tree of type ${tree.type} cannot list ${what}` });
  }
  const reading = tree.records.map(({ bytes, offset }) => {
    const id = bytes.subarray(place.start, place.start + place.length);
    const isShared = place.flags !== undefined && (bytes[place.flags]! & sharedFlag) !== 0;
    if (isShared) return sharedHeapObject(context, messageTypes.attribute, id, offset + place.start);
    return heap.object(id, offset + place.start);
  });
  const messages: MessageBytes[] = [];
  for (const result of await Promise.allSettled(reading)) {
    if (result.status === 'fulfilled') messages.push(result.value);
    else lost(result.reason);
  }
  return messages;
}

async function firstTree(context: Context, addresses: (number | null)[], what: string, lost: Lost) {
  const known = addresses.filter(address => address !== null);
  for (const [index, address] of known.entries()) {
    try {
      return await readTree2(context, address, context.limits.links, lost);
    } catch (error) {
      if (index === known.length - 1) throw error;
      lost(error);
    }
  }
  throw damaged(context, { code: 'hdf5-btree2', what: `nothing lists the dense ${what}` });
}
