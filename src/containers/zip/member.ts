/**
 * The bytes of a member. A stored one is a slice of the archive, so that what lies in it can be used in place; a
 * deflated one is inflated into memory when first read, bounded by its declared size and by what deflate can do.
 */

import { type Inflated, inflate } from '../../bytes/inflate.ts';
import { memorySource } from '../../bytes/memory.ts';
import { checkRange } from '../../bytes/range.ts';
import { sliceSource } from '../../bytes/slice.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { crc32 } from './crc32.ts';
import { localLength, signatures, viewOf } from './records.ts';
import { maxDeflateRatio, type ZipFile, type ZipMember, type ZipOptions, zipLimits } from './types.ts';

/** The member that counts under a name: the last one listed. */
export function findMember(zip: ZipFile, name: string): ZipMember | undefined {
  return zip.members.findLast(member => member.name === name);
}

/** Where the member's stored bytes lie in the source. Reads its local header. Throws `damaged` where that is broken. */
export async function memberRange(
  zip: ZipFile,
  member: ZipMember,
  options: ReadOptions = {},
): Promise<{ offset: number; length: number }> {
  const room = zip.source.size - member.headerOffset;
  if (room < localLength) throw damage(zip, member, 'its local header is missing');
  const view = viewOf(await zip.source.read(member.headerOffset, localLength, options));
  if (view.getUint32(0, true) !== signatures.local) throw damage(zip, member, 'its local header is missing');
  const offset = member.headerOffset + localLength + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + member.compressedSize > zip.source.size) {
    const there = Math.max(0, zip.source.size - offset);
    throw damage(zip, member, `it is cut off: ${there} of its ${member.compressedSize} bytes are there`);
  }
  return { offset, length: member.compressedSize };
}

/**
 * The member as a source: a slice where it is stored, else one that inflates on its first read. Throws `unsupported`
 * for encryption and other methods, `damaged` where the member is broken, `limit` where it claims too much.
 */
export async function openMember(zip: ZipFile, member: ZipMember, options: ZipOptions = {}): Promise<ByteSource> {
  if (member.encrypted) throw unreadable(zip, member, 'is encrypted', 'Decrypt the archive first.');
  const { offset, length } = await memberRange(zip, member, options);
  const name = `${zip.source.name}/${member.name}`;
  const { close: _, ...stored } = sliceSource(zip.source, offset, length, name);
  if (member.method === 0) return stored;
  if (member.method !== 8) {
    throw unreadable(
      zip,
      member,
      `is compressed by method ${member.method}`,
      'Pack the archive again without compression.',
    );
  }
  const limit = options.limits?.inflatedBytes ?? zipLimits.inflatedBytes;
  if (member.size > limit || member.size > length * maxDeflateRatio) {
    throw new LoadstoneError('limit', `the member "${member.name}" claims ${member.size} bytes from ${length}`, {
      where: name,
      offset,
      do: 'Do not trust this file; if you do, unpack it by hand.',
    });
  }
  return inflatedSource(stored, member);
}

function inflatedSource(stored: ByteSource, member: ZipMember): ByteSource {
  let inflating: Promise<ByteSource> | undefined;
  return {
    name: stored.name,
    size: member.size,
    async read(offset, length, options) {
      checkRange(this, offset, length, options);
      inflating ??= stored.read(0, stored.size, options).then(bytes => inflateMember(bytes, member, stored.name));
      const whole = await inflating.catch(error => {
        inflating = undefined;
        throw error;
      });
      return whole.read(offset, length, options);
    },
  };
}

async function inflateMember(bytes: Uint8Array, member: ZipMember, name: string): Promise<ByteSource> {
  const { bytes: whole, problem } = await inflateRaw(bytes, member.size);
  if (problem) {
    throw new LoadstoneError('damaged', `the member "${member.name}" cannot be inflated: ${problem}`, {
      where: name,
      do: 'Copy or download the file again.',
    });
  }
  return memorySource(whole, name);
}

/** Inflates up to `size` bytes; what came out before a fault is kept, for salvage. */
export async function inflateRaw(bytes: Uint8Array, size: number): Promise<Inflated> {
  const { bytes: out, problem } = await inflate(bytes, size, false);
  if (problem !== null || out.length === size) return { bytes: out, problem };
  return { bytes: out, problem: `it holds ${out.length} of the ${size} bytes that it declares` };
}

/** Reads a member whole and compares its checksum. For small members; weights are checked only when asked. */
export async function readMember(zip: ZipFile, member: ZipMember, options: ZipOptions = {}): Promise<Uint8Array> {
  const { bytes, problem } = await checkMember(zip, member, options);
  if (problem) throw damage(zip, member, problem);
  return bytes;
}

/** Reads a member whole; `problem` says how its checksum differs, null where it does not. */
export async function checkMember(
  zip: ZipFile,
  member: ZipMember,
  options: ZipOptions = {},
): Promise<{ bytes: Uint8Array; problem: string | null }> {
  const source = await openMember(zip, member, options);
  const bytes = await source.read(0, source.size, options);
  const found = crc32(bytes);
  const fits = found === member.crc32;
  return { bytes, problem: fits ? null : `its checksum is ${hex(found)}, the archive says ${hex(member.crc32)}` };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function damage(zip: ZipFile, member: ZipMember, what: string): LoadstoneError {
  return new LoadstoneError('damaged', `the member "${member.name}" is broken: ${what}`, {
    where: `${zip.source.name}/${member.name}`,
    offset: member.headerOffset,
    do: 'Copy or download the file again.',
  });
}

function unreadable(zip: ZipFile, member: ZipMember, what: string, advice: string): LoadstoneError {
  const where = `${zip.source.name}/${member.name}`;
  return new LoadstoneError('unsupported', `the member "${member.name}" ${what}`, { where, do: advice });
}
