/** The file's table of shared messages (specification III.H and IV.A.2.p), which the superblock's extension names. */

import {
  type Context,
  cursorOver,
  damaged,
  expectSignature,
  parsing,
  readMetadata,
  shareOnce,
  unsupported,
} from './context.ts';
import { openFractalHeap } from './fractal-heap.ts';
import { messageTypes, readObjectHeader, verify } from './object-header.ts';
import type { MessageBytes } from './shared-message.ts';

interface SharedIndex {
  /** Bit n set: messages of type n are kept here. */
  types: number;
  heap: number;
}

/** The message of `type` kept in the file's heap of shared messages under `id`. */
export async function sharedHeapObject(
  context: Context,
  type: number,
  id: Uint8Array,
  offset: number,
): Promise<MessageBytes> {
  const indexes = await shareOnce(context, 'shared table', readTable);
  const index = indexes.find(({ types }) => types & (1 << type));
  if (!index) {
    throw damaged(context, {
      code: 'hdf5-shared-message',
      what: `the file keeps no shared messages of type ${type}`,
      offset,
      facts: { type },
    });
  }
  const heap = await openFractalHeap(context, index.heap);
  return heap.object(id, offset);
}

async function readTable(context: Context): Promise<SharedIndex[]> {
  if (context.extension === null) {
    throw damaged(context, { code: 'hdf5-shared-message', what: 'the file has no table of shared messages' });
  }
  const extension = await readObjectHeader(context, context.extension);
  const message = extension.messages.find(candidate => candidate.type === messageTypes.sharedTable);
  if (!message) {
    throw unsupported(context, {
      code: 'hdf5-shared-message',
      what: 'the superblock extension names no table of shared messages',
      offset: extension.offset,
    });
  }
  const { address, count } = parsing(context, () => {
    const at = cursorOver(context, message.data, message.offset);
    at.skip(1);
    return { address: at.uint(context.offsetSize), count: at.u8() };
  });
  const length = 4 + count * (14 + 2 * context.offsetSize) + 4;
  const at = await readMetadata(context, address, length, 'the table of shared messages');
  expectSignature(context, at, 'SMTB', 'the table of shared messages', 'hdf5-shared-table-signature');
  verify(context, at.bytes, context.base + address, 'the table of shared messages');
  return Array.from({ length: count }, () => {
    at.skip(2); // version, kind of index
    const types = at.u16();
    at.skip(4 + 2 + 2 + 2); // least size, limits between list and tree, number of messages
    at.skip(context.offsetSize);
    return { types, heap: at.uint(context.offsetSize) };
  });
}
