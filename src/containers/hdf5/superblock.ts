/**
 * The superblock (specification II.A): where the file begins, how wide its addresses are, and where the root group lies.
 * Versions 0 to 3; a user block may precede it.
 */

import { cursor } from '../../bytes/cursor.ts';
import { type ByteSource, type Range, type ReadOptions, readRanges } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { lookup3 } from './checksum.ts';
import { type Context, damaged, parsing, report } from './context.ts';
import type { Hdf5Superblock } from './types.ts';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Enough for any superblock: version 1 with 8-byte addresses takes 100 bytes. */
const superblockBytes = 128;

/** What the rest of the reader needs of the superblock besides the facts told to callers. */
export interface SuperblockRead {
  facts: Hdf5Superblock;
  /** File address of the root group's object header. */
  rootAddress: number;
  /** File addresses of the root's B-tree and heap, which versions 0 and 1 keep as well: a way in when the header is lost. */
  rootTable: { btree: number; heap: number } | null;
  /** File address of the superblock extension. */
  extension: number | null;
}

/** Offset of the HDF5 signature, searched at 0, 512, 1024, 2048, … as libhdf5 does; null where there is none. */
export async function findSignature(source: ByteSource, options?: ReadOptions): Promise<number | null> {
  const places: Range[] = [];
  for (let offset = 0; offset + signature.length <= source.size; offset = offset === 0 ? 512 : offset * 2) {
    places.push({ offset, length: signature.length });
  }
  // Nearly always it is at the beginning; the other places are asked for at once.
  for (const some of [places.slice(0, 1), places.slice(1)]) {
    const found = (await readRanges(source, some, options)).findIndex(isSignature);
    if (found >= 0) return some[found]!.offset;
  }
  return null;
}

function isSignature(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Reads the superblock at `base`. `context` needs no sizes yet. Throws `damaged` where it makes no sense. */
export async function readSuperblock(context: Context, base: number): Promise<SuperblockRead> {
  const available = Math.min(superblockBytes, context.source.size - base);
  const bytes = await context.source.read(base, available, { signal: context.signal });
  return parsing(context, () => {
    const at = cursor(bytes, { at: base, where: `superblock of ${context.source.name}` });
    at.skip(8);
    const version = at.u8();
    if (version <= 1) return readOld(context, at, base, version);
    if (version <= 3) return readNew(context, at, base, version);
    throw damaged(context, {
      code: 'hdf5-superblock-version',
      what: `superblock version ${version} is not one of 0 to 3`,
      offset: base + 8,
      length: 1,
      facts: { version },
    });
  });
}

type At = ReturnType<typeof cursor>;

function readOld(context: Context, at: At, base: number, version: number): SuperblockRead {
  at.skip(4); // versions of free space, root entry, reserved, shared headers: all zero ever since
  const { offsetSize, lengthSize } = readSizes(context, at);
  at.skip(1 + 2 + 2); // reserved; leaf and internal node K of groups, which nodes state by their entry counts
  const flags = at.u32();
  if (version === 1) at.skip(4);
  const statedBase = at.uint(offsetSize);
  at.skip(offsetSize); // free space, never written
  const end = at.uint(offsetSize);
  at.skip(offsetSize); // driver information
  at.skip(offsetSize); // name of the root: empty
  const rootAddress = at.uint(offsetSize);
  const cacheType = at.u32();
  at.skip(4);
  const rootTable = cacheType === 1 ? { btree: at.uint(offsetSize), heap: at.uint(offsetSize) } : null;
  const facts = { version, baseOffset: base, statedBase, offsetSize, lengthSize, flags };
  const endOfFile = end - statedBase + base;
  return { facts: { ...facts, endOfFile, rootOffset: base + rootAddress }, rootAddress, rootTable, extension: null };
}

function readNew(context: Context, at: At, base: number, version: number): SuperblockRead {
  const { offsetSize, lengthSize } = readSizes(context, at);
  const flags = at.u8();
  const statedBase = at.uint(offsetSize);
  const extension = at.uintOrNull(offsetSize);
  const end = at.uint(offsetSize);
  const rootAddress = at.uint(offsetSize);
  const covered = at.position;
  const stored = at.u32();
  const computed = lookup3(at.bytes, 0, covered);
  if (stored !== computed) {
    report(context, 'error', {
      code: 'hdf5-checksum',
      what: 'the checksum of the superblock does not match its bytes',
      offset: base,
      length: covered + 4,
      facts: { stored, computed },
    });
  }
  const facts = { version, baseOffset: base, statedBase, offsetSize, lengthSize, flags };
  const endOfFile = end - statedBase + base;
  return { facts: { ...facts, endOfFile, rootOffset: base + rootAddress }, rootAddress, rootTable: null, extension };
}

function readSizes(context: Context, at: At): { offsetSize: number; lengthSize: number } {
  const offset = at.offset;
  const offsetSize = at.u8();
  const lengthSize = at.u8();
  const possible = [2, 4, 8];
  if (possible.includes(offsetSize) && possible.includes(lengthSize)) return { offsetSize, lengthSize };
  throw damaged(context, {
    code: 'hdf5-address-size',
    what: `addresses of ${offsetSize} and lengths of ${lengthSize} bytes cannot be`,
    offset,
    length: 2,
    facts: { offsetSize, lengthSize },
  });
}

/** Reports a file that is shorter than its superblock says (cut off), which libhdf5 refuses to open. */
export function checkEnd(context: Context, facts: Hdf5Superblock): void {
  const { endOfFile } = facts;
  if (endOfFile <= context.source.size) return;
  report(context, 'error', {
    code: 'hdf5-truncated',
    what: `the file says that it has ${endOfFile} bytes, but has ${context.source.size}: its end is cut off`,
    offset: context.source.size,
    length: endOfFile - context.source.size,
    facts: { storedEnd: endOfFile, size: context.source.size, base: facts.baseOffset },
  });
}

/** The error for a source in which no superblock was found. */
export function notHdf5(source: ByteSource): LoadstoneError {
  return new LoadstoneError('unknown-format', 'it is not an HDF5 file: its signature is missing', {
    where: source.name,
    offset: 0,
  });
}
