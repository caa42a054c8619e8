/**
 * Object headers (specification IV.A): the list of messages that makes an object a group, a dataset or a datatype.
 * Versions 1 and 2, with their continuation blocks.
 */

import type { Cursor } from '../../bytes/cursor.ts';
import { lookup3 } from './checksum.ts';
import {
  type Context,
  cursorOver,
  damaged,
  findingFrom,
  parsing,
  readAtMost,
  readMetadata,
  report,
} from './context.ts';

export const messageTypes = {
  nil: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  sharedTable: 0x0f,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface HeaderMessage {
  type: number;
  flags: number;
  /** Absolute offset of the message's data. */
  offset: number;
  data: Uint8Array;
  creationOrder?: number;
}

export interface ObjectHeader {
  version: 1 | 2;
  /** Absolute offset. */
  offset: number;
  messages: HeaderMessage[];
  /** Whether times of change or attribute limits are kept, and creation order tracked (version 2). */
  flags: number;
}

/** The first read of a header: most fit, as in libhdf5. */
const firstRead = 512;

interface Block {
  offset: number;
  length: number;
}

/**
 * Reads the header at a file address. Throws `damaged` where there is none; a damaged continuation is reported and the
 * messages read so far are kept.
 */
export async function readObjectHeader(context: Context, address: number): Promise<ObjectHeader> {
  const first = await readAtMost(context, address, firstRead, 'the object header');
  return first.bytes[0] === 0x4f && first.remaining >= 4 && isSigned(first)
    ? readVersion2(context, address, first)
    : readVersion1(context, address, first);
}

/** Version 2 begins with “OHDR”, version 1 with its number. */
function isSigned(first: Cursor): boolean {
  const found = first.ascii(4) === 'OHDR';
  first.seek(0);
  return found;
}

async function readVersion1(context: Context, address: number, first: Cursor): Promise<ObjectHeader> {
  const size = parsing(context, () => {
    const version = first.u8();
    if (version !== 1) {
      throw damaged(context, {
        code: 'hdf5-object-header-version',
        what: `an object header of version 1 or 2 should be here, not one of version ${version}`,
        offset: first.offset - 1,
        length: 1,
        facts: { version },
      });
    }
    first.skip(1 + 2 + 4); // reserved, number of messages (the blocks' sizes say it too), reference count
    return first.u32();
  });
  const header: ObjectHeader = { version: 1, offset: context.base + address, messages: [], flags: 0 };
  const blocks: Block[] = [{ offset: address + 16, length: size }];
  await readBlocks(context, blocks, first, at => parseVersion1(context, at, header, blocks));
  return header;
}

function parseVersion1(context: Context, at: Cursor, header: ObjectHeader, blocks: Block[]): void {
  while (at.remaining >= 8) {
    const type = at.u16();
    const size = at.u16();
    const flags = at.u8();
    at.skip(3);
    checkMessage(context, at, type, size, flags, header.version);
    addMessage(context, header, blocks, { type, flags, offset: at.offset, data: at.take(size) });
  }
}

/** What libhdf5 refuses about a message, though its neighbours can be read. */
function checkMessage(context: Context, at: Cursor, type: number, size: number, flags: number, version: number): void {
  const offset = at.offset;
  if (version === 1 && size % 8 !== 0) {
    report(context, 'error', {
      code: 'hdf5-message-alignment',
      what: `message of type ${type} has ${size} bytes, which is no multiple of 8`,
      offset,
      facts: { type, size },
    });
  }
  const shared = (flags & 0x02) !== 0;
  const unshareable = (flags & 0x04) !== 0;
  const unknownKept = (flags & 0x08) !== 0 && (flags & 0x10) !== 0;
  if ((shared && unshareable) || unknownKept) {
    report(context, 'error', {
      code: 'hdf5-message-flags',
      what: `message of type ${type} has flags ${flags} that exclude one another`,
      offset,
      facts: { type, flags },
    });
  }
  if (size > at.remaining) {
    throw damaged(context, {
      code: 'hdf5-message-size',
      what: `message of type ${type} claims ${size} bytes where ${at.remaining} are left`,
      offset,
      facts: { type, size, left: at.remaining },
    });
  }
}

async function readVersion2(context: Context, address: number, first: Cursor): Promise<ObjectHeader> {
  const prefix = parsing(context, () => {
    first.skip(4);
    const version = first.u8();
    if (version !== 2) {
      throw damaged(context, {
        code: 'hdf5-object-header-version',
        what: `an object header of version 2 should be here, not one of version ${version}`,
        offset: first.offset - 1,
        length: 1,
        facts: { version },
      });
    }
    const flags = first.u8();
    if (flags & 0x20) first.skip(16); // times
    if (flags & 0x10) first.skip(4); // limits between compact and dense attributes
    const size = first.uint(1 << (flags & 0x03));
    return { flags, size, length: first.position };
  });
  const header: ObjectHeader = { version: 2, offset: context.base + address, messages: [], flags: prefix.flags };
  const blocks: Block[] = [{ offset: address, length: prefix.length + prefix.size + 4 }];
  await readBlocks(context, blocks, first, (at, block) => {
    const isFirst = block.offset === address;
    if (!isFirst && at.ascii(4) !== 'OCHK') {
      throw damaged(context, {
        code: 'hdf5-continuation-signature',
        what: 'a continuation of the object header should begin with “OCHK”',
        offset: at.offset - 4,
        length: 4,
      });
    }
    if (isFirst) at.seek(prefix.length);
    verify(context, at.bytes, context.base + block.offset, 'the object header');
    parseVersion2(context, at, header, blocks);
  });
  return header;
}

function parseVersion2(context: Context, at: Cursor, header: ObjectHeader, blocks: Block[]): void {
  const ordered = (header.flags & 0x04) !== 0;
  const prefix = ordered ? 6 : 4;
  // The last four bytes are the checksum; fewer bytes than a message's prefix before it are a gap.
  while (at.remaining - 4 >= prefix) {
    const type = at.u8();
    const size = at.u16();
    const flags = at.u8();
    const creationOrder = ordered ? at.u16() : undefined;
    checkMessage(context, at, type, size, flags, 2);
    addMessage(context, header, blocks, { type, flags, offset: at.offset, data: at.take(size), creationOrder });
  }
}

function addMessage(context: Context, header: ObjectHeader, blocks: Block[], message: HeaderMessage): void {
  header.messages.push(message);
  if (header.messages.length > context.limits.messages) {
    throw damaged(context, {
      code: 'hdf5-message-count',
      what: `the object header has more than ${context.limits.messages} messages`,
      offset: header.offset,
    });
  }
  if (message.type !== messageTypes.continuation) return;
  const at = cursorOver(context, message.data, message.offset);
  const offset = at.uint(context.offsetSize);
  const length = at.uint(context.lengthSize);
  if (blocks.some(block => block.offset === offset)) {
    throw damaged(context, {
      code: 'hdf5-continuation-cycle',
      what: 'the object header continues in a block that it already has',
      offset: message.offset,
    });
  }
  blocks.push({ offset, length });
}

/** Reads block after block while the list grows. Damage is reported, and the messages read so far are kept. */
async function readBlocks(
  context: Context,
  blocks: Block[],
  first: Cursor,
  parse: (at: Cursor, block: Block) => void,
): Promise<void> {
  for (let index = 0; index < blocks.length; index += 1) {
    const block = blocks[index]!;
    try {
      const at = (index === 0 && inside(context, first, block)) || (await readBlock(context, block));
      parsing(context, () => parse(at, block));
    } catch (error) {
      findingFrom(context, error);
    }
  }
}

/** The block, or as much of it as the file still has. */
function readBlock(context: Context, block: Block): Promise<Cursor> {
  const offset = context.base + block.offset;
  const left = context.source.size - offset;
  if (left <= 0 || block.length <= left) return readMetadata(context, block.offset, block.length, headerBlock);
  report(context, 'error', {
    code: 'hdf5-outside-file',
    what: `${headerBlock} is cut off after ${left} of its ${block.length} bytes`,
    offset,
    length: block.length,
  });
  return readMetadata(context, block.offset, left, headerBlock);
}

const headerBlock = 'a block of the object header';

/** The block's bytes out of those already read, where they hold it. */
function inside(context: Context, first: Cursor, block: Block): Cursor | null {
  const start = context.base + block.offset - (first.offset - first.position);
  if (start < 0 || start + block.length > first.bytes.byteLength) return null;
  return cursorOver(context, first.bytes.subarray(start, start + block.length), context.base + block.offset);
}

/** Compares the last four bytes with the checksum of those before; reports where they differ, and reading goes on. */
export function verify(context: Context, bytes: Uint8Array, offset: number, what: string): boolean {
  const covered = bytes.byteLength - 4;
  if (covered < 0) return false;
  const stored = cursorOver(context, bytes.subarray(covered), offset + covered).u32();
  const computed = lookup3(bytes, 0, covered);
  if (stored === computed) return true;
  report(context, 'error', {
    code: 'hdf5-checksum',
    what: `the checksum of ${what} does not match its bytes`,
    offset,
    length: bytes.byteLength,
    facts: { stored, computed },
  });
  return false;
}
