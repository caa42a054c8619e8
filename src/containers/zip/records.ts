/**
 * The records of a zip archive (APPNOTE 6.3.10: 4.3.7 local header, 4.3.12 central header, 4.3.14 to 4.3.16 ends) read
 * from bytes into plain data. Nothing here reads a source.
 */

import type { ZipMember } from './types.ts';

export const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
  descriptor: 0x08074b50,
} as const;

export const endLength = 22;
export const localLength = 30;
export const centralLength = 46;
export const locatorLength = 20;
export const end64Length = 56;

export interface EndRecord {
  disk: number;
  count: number;
  directorySize: number;
  directoryOffset: number;
  comment: string;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Offset of the last end record in `bytes` whose comment reaches exactly (or at most) to the end; −1 where none is. */
export function findEnd(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let loose = -1;
  for (let at = bytes.length - endLength; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== signatures.end) continue;
    const end = at + endLength + view.getUint16(at + 20, true);
    if (end === bytes.length) return at;
    if (loose < 0 && end < bytes.length) loose = at;
  }
  return loose;
}

export function readEnd(bytes: Uint8Array, at: number): EndRecord {
  const view = viewOf(bytes);
  const commentLength = view.getUint16(at + 20, true);
  return {
    disk: view.getUint16(at + 4, true),
    count: view.getUint16(at + 10, true),
    directorySize: view.getUint32(at + 12, true),
    directoryOffset: view.getUint32(at + 16, true),
    comment: decodeName(bytes.subarray(at + endLength, at + endLength + commentLength), true),
  };
}

/** True where the end record says that the true numbers are in the zip64 record. */
export function needsEnd64(end: EndRecord): boolean {
  return end.count === 0xffff || end.directorySize === 0xffffffff || end.directoryOffset === 0xffffffff;
}

/** Reads a zip64 end record; null where `bytes` is none. Numbers beyond 2^53 become Infinity and fail every bound. */
export function readEnd64(bytes: Uint8Array, comment: string): EndRecord | null {
  const view = viewOf(bytes);
  if (bytes.length < end64Length || view.getUint32(0, true) !== signatures.end64) return null;
  return {
    disk: view.getUint32(16, true),
    count: read64(view, 32),
    directorySize: read64(view, 40),
    directoryOffset: read64(view, 48),
    comment,
  };
}

export function read64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY;
}

export interface HeaderRead {
  member: ZipMember;
  /** Bytes from the header's first to the next header's. */
  length: number;
}

/** Reads the central header at `at`; null where there is none or it is cut off. */
export function readCentral(bytes: Uint8Array, at: number): HeaderRead | null {
  const view = viewOf(bytes);
  if (at + centralLength > bytes.length || view.getUint32(at, true) !== signatures.central) return null;
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const length = centralLength + nameLength + extraLength + view.getUint16(at + 32, true);
  if (at + length > bytes.length) return null;
  const nameAt = at + centralLength;
  const sizes = { size: view.getUint32(at + 24, true), compressedSize: view.getUint32(at + 20, true) };
  const headerOffset = view.getUint32(at + 42, true);
  const extra = bytes.subarray(nameAt + nameLength, nameAt + nameLength + extraLength);
  const facts = { flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true) };
  const name = decodeName(bytes.subarray(nameAt, nameAt + nameLength), (facts.flags & 0x800) !== 0);
  const wide = widen({ ...sizes, headerOffset }, extra);
  return { member: { ...member(name, facts, view.getUint32(at + 16, true)), ...wide, foundBy: 'central' }, length };
}

/** Reads the local header at the start of `bytes`; null where there is none or it is cut off. `length` is up to the data. */
export function readLocal(bytes: Uint8Array, headerOffset: number): HeaderRead | null {
  if (bytes.length < localLength) return null;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== signatures.local) return null;
  const nameLength = view.getUint16(26, true);
  const length = localLength + nameLength + view.getUint16(28, true);
  const name = bytes.subarray(localLength, localLength + nameLength);
  const facts = { flags: view.getUint16(6, true), method: view.getUint16(8, true) };
  const sizes = { size: view.getUint32(22, true), compressedSize: view.getUint32(18, true), headerOffset };
  const wide = widen(sizes, bytes.subarray(localLength + nameLength, length));
  const text = decodeName(name, (facts.flags & 0x800) !== 0);
  return { member: { ...member(text, facts, view.getUint32(14, true)), ...wide, foundBy: 'local' }, length };
}

function member(name: string, { flags, method }: { flags: number; method: number }, crc32: number) {
  return { name, method, flags, crc32, encrypted: (flags & 1) !== 0, directory: name.endsWith('/') };
}

interface Sizes {
  size: number;
  compressedSize: number;
  headerOffset: number;
}

/** Takes the numbers that did not fit 32 bits from the zip64 extra field (APPNOTE 4.5.3: only those, in this order). */
function widen(sizes: Sizes, extra: Uint8Array): Sizes {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), extra.length);
    const wide = { ...sizes };
    let from = at + 4;
    for (const key of ['size', 'compressedSize', 'headerOffset'] as const) {
      if (sizes[key] !== 0xffffffff || from + 8 > end) continue;
      wide[key] = read64(view, from);
      from += 8;
    }
    return wide;
  }
  return sizes;
}

/** UTF-8 where the flag says so or the bytes are it; else byte by byte, which keeps the ASCII of CP437. */
export function decodeName(bytes: Uint8Array, utf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !utf8 }).decode(bytes);
  } catch {
    return Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  }
}
