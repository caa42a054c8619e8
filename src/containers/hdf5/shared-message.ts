/**
 * Shared messages (specification IV.A.2, "Shared Message"): a message that only says where its contents are, namely in
 * another object's header (a committed datatype) or in the file's heap of shared messages.
 */

import { type Context, cursorOver, damaged, parsing } from './context.ts';
import { readObjectHeader } from './object-header.ts';
import { sharedHeapObject } from './shared-table.ts';

export interface MessageBytes {
  bytes: Uint8Array;
  /** Absolute. */
  offset: number;
}

/** Flag of a header message whose data are a reference to the real message. */
export const sharedFlag = 0x02;

/** The contents of the shared message of `type` that `data`, at absolute `offset`, refers to. */
export async function resolveShared(
  context: Context,
  type: number,
  data: Uint8Array,
  offset: number,
  depth = 0,
): Promise<MessageBytes> {
  if (depth > 4) {
    throw damaged(context, { code: 'hdf5-shared-message', what: 'a shared message refers to shared messages', offset });
  }
  const target = parsing(context, () => parseReference(context, data, offset));
  if (target.heapId) return sharedHeapObject(context, type, target.heapId, offset);
  const header = await readObjectHeader(context, target.address);
  const message = header.messages.find(candidate => candidate.type === type);
  if (!message) {
    throw damaged(context, {
      code: 'hdf5-shared-message',
      what: `the object at byte ${header.offset} has no message of type ${type} to share`,
      offset,
      facts: { target: header.offset, type },
    });
  }
  if (message.flags & sharedFlag) return resolveShared(context, type, message.data, message.offset, depth + 1);
  return { bytes: message.data, offset: message.offset };
}

type Target = { address: number; heapId?: undefined } | { heapId: Uint8Array };

function parseReference(context: Context, data: Uint8Array, offset: number): Target {
  const at = cursorOver(context, data, offset);
  const version = at.u8();
  const kind = at.u8();
  if (version === 1) {
    // Reserved bytes, then what was a symbol table entry once: a heap offset, then the address (H5Oshared.c).
    at.skip(6 + context.lengthSize);
    return { address: at.uint(context.offsetSize) };
  }
  if (version === 3 && kind === 1) return { heapId: at.take(8) };
  if (version === 2 || version === 3) return { address: at.uint(context.offsetSize) };
  throw damaged(context, {
    code: 'hdf5-shared-message',
    what: `a shared message of version ${version} is none`,
    offset,
    facts: { version },
  });
}
