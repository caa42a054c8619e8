/**
 * Finds the members of an archive without its central directory, from local header to local header. Where a header
 * does not say its size (a streamed member) or bytes are broken, the next signature is searched for.
 */

import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../findings/finding.ts';
import { localLength, readLocal, signatures, viewOf } from './records.ts';
import { type ZipMember, type ZipOptions, zipLimits } from './types.ts';

/** Read at once while searching for a signature. */
const searchStep = 1 << 20;
/** Longest name and extra field that a header is read with. */
const headerRoom = localLength + 4096;

export interface ZipWalk {
  members: ZipMember[];
  findings: Finding[];
}

/** Walks the local headers from `from`. A member that ends beyond the source is listed with what is there of it. */
export async function walkLocalHeaders(source: ByteSource, options: ZipOptions = {}, from = 0): Promise<ZipWalk> {
  const limit = options.limits?.members ?? zipLimits.members;
  const members: ZipMember[] = [];
  const findings: Finding[] = [];
  let at = await nextSignature(source, from, options);
  while (at >= 0 && members.length < limit) {
    const bytes = await source.read(at, Math.min(headerRoom, source.size - at), options);
    const read = readLocal(bytes, at);
    if (!read || at + read.length > source.size) {
      at = await nextSignature(source, at + 4, options);
      continue;
    }
    const dataOffset = at + read.length;
    const streamed = (read.member.flags & 8) !== 0 && read.member.compressedSize === 0;
    const next = streamed ? await nextSignature(source, dataOffset, options) : dataOffset + read.member.compressedSize;
    members.push(streamed ? await sized(source, read.member, dataOffset, next, options) : read.member);
    if (next > source.size) findings.push(cutOff(read.member, next - source.size));
    at = next < 0 || next >= source.size ? -1 : await nextSignature(source, next, options);
  }
  return { members, findings };
}

function cutOff(member: ZipMember, missing: number): Finding {
  const what = `the member "${member.name}" is cut off: ${missing} of its ${member.compressedSize} bytes are missing`;
  return { code: 'zip-member-cut', severity: 'error', what, at: { path: member.name, offset: member.headerOffset } };
}

/** A streamed member's sizes from the data descriptor before `next`, or from where the next record begins. */
async function sized(
  source: ByteSource,
  member: ZipMember,
  dataOffset: number,
  next: number,
  options: ZipOptions,
): Promise<ZipMember> {
  const end = next < 0 ? source.size : next;
  if (end - dataOffset >= 16) {
    const bytes = await source.read(end - 16, 16, options);
    const view = viewOf(bytes);
    const compressedSize = view.getUint32(8, true);
    if (view.getUint32(0, true) === signatures.descriptor && compressedSize === end - 16 - dataOffset) {
      return { ...member, crc32: view.getUint32(4, true), compressedSize, size: view.getUint32(12, true) };
    }
  }
  const compressedSize = end - dataOffset;
  return { ...member, compressedSize, size: member.method === 0 ? compressedSize : member.size };
}

/** Offset of the next local or central header from `from` on; −1 where there is none. */
async function nextSignature(source: ByteSource, from: number, options: ZipOptions): Promise<number> {
  for (let base = from; base + 4 <= source.size; base += searchStep - 3) {
    const bytes = await source.read(base, Math.min(searchStep, source.size - base), options);
    for (let at = bytes.indexOf(0x50); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
      if (bytes[at + 1] !== 0x4b) continue;
      if (bytes[at + 2] === 3 && bytes[at + 3] === 4) return base + at;
      if (bytes[at + 2] === 1 && bytes[at + 3] === 2) return -1;
    }
  }
  return -1;
}
