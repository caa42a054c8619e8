/**
 * A bounded cursor over bytes that were already read. Every read checks the end first, and a read past it is an error
 * that names what was being read and the absolute offset, never a wrong number.
 */

import { LoadstoneError } from '../findings/errors.ts';

export interface CursorOptions {
  /** Absolute offset of the first byte, for messages. */
  at?: number;
  /** What the bytes are, for messages: `object header of /model_weights`. */
  where?: string;
  littleEndian?: boolean;
}

export interface Cursor {
  readonly bytes: Uint8Array;
  /** Index into `bytes` of the next byte. */
  readonly position: number;
  /** Absolute offset of the next byte. */
  readonly offset: number;
  readonly remaining: number;
  seek(position: number): void;
  skip(count: number): void;
  u8(): number;
  u16(): number;
  u24(): number;
  u32(): number;
  i32(): number;
  /** A 64-bit unsigned integer as a number; exact up to 2^53, rounded above. */
  u64(): number;
  big64(): bigint;
  f32(): number;
  f64(): number;
  /** An unsigned integer of 1 to 8 bytes. */
  uint(size: number): number;
  /** An unsigned integer of `size` bytes, or null where all bits are set (undefined address, unlimited size). */
  uintOrNull(size: number): number | null;
  /** The next `count` bytes, as a view. */
  take(count: number): Uint8Array;
  /** The next `count` bytes as Latin-1 text: signatures and tags. */
  ascii(count: number): string;
}

/** A cursor at the start of `bytes`. Its reads throw `damaged` at the end. */
export function cursor(bytes: Uint8Array, options: CursorOptions = {}): Cursor {
  const { at = 0, where = 'bytes', littleEndian = true } = options;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  let position = 0;

  const advance = (count: number): number => {
    const from = position;
    if (!(count >= 0) || from + count > end) {
      throw new LoadstoneError('damaged', `it ends where ${count} more bytes are needed`, {
        where: `${where}, byte ${at + from}`,
        offset: at + from,
      });
    }
    position = from + count;
    return from;
  };
  const wide = (from: number): number => {
    const low = view.getUint32(from + (littleEndian ? 0 : 4), littleEndian);
    const high = view.getUint32(from + (littleEndian ? 4 : 0), littleEndian);
    return high * 0x1_0000_0000 + low;
  };
  const uint = (size: number): number => {
    if (size === 8) return wide(advance(8));
    if (size === 4) return view.getUint32(advance(4), littleEndian);
    if (size === 2) return view.getUint16(advance(2), littleEndian);
    const from = advance(size);
    let value = 0;
    for (let index = 0; index < size; index += 1) {
      value = value * 256 + bytes[littleEndian ? from + size - 1 - index : from + index]!;
    }
    return value;
  };
  const allOnes = (size: number): boolean => {
    if (position + size > end) return false;
    for (let index = 0; index < size; index += 1) if (bytes[position + index] !== 0xff) return false;
    return true;
  };

  return {
    bytes,
    get position() {
      return position;
    },
    get offset() {
      return at + position;
    },
    get remaining() {
      return end - position;
    },
    seek(to) {
      position = 0;
      advance(to);
    },
    skip(count) {
      advance(count);
    },
    u8: () => bytes[advance(1)]!,
    u16: () => view.getUint16(advance(2), littleEndian),
    u24: () => uint(3),
    u32: () => view.getUint32(advance(4), littleEndian),
    i32: () => view.getInt32(advance(4), littleEndian),
    u64: () => wide(advance(8)),
    big64: () => view.getBigUint64(advance(8), littleEndian),
    f32: () => view.getFloat32(advance(4), littleEndian),
    f64: () => view.getFloat64(advance(8), littleEndian),
    uint,
    uintOrNull(size) {
      if (!allOnes(size)) return uint(size);
      position += size;
      return null;
    },
    take(count) {
      const from = advance(count);
      return bytes.subarray(from, from + count);
    },
    ascii(count) {
      return String.fromCharCode(...this.take(count));
    },
  };
}
