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
  return new ByteCursor(bytes, options.at ?? 0, options.where ?? 'bytes', options.littleEndian ?? true);
}

/** A class, because a position is real identity, and because thousands are made: methods must not be made with each. */
class ByteCursor implements Cursor {
  readonly bytes: Uint8Array;
  position = 0;
  private readonly view: DataView;
  private readonly at: number;
  private readonly where: string;
  private readonly littleEndian: boolean;

  constructor(bytes: Uint8Array, at: number, where: string, littleEndian: boolean) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.where = where;
    this.littleEndian = littleEndian;
  }

  get offset(): number {
    return this.at + this.position;
  }

  get remaining(): number {
    return this.bytes.byteLength - this.position;
  }

  /** Moves on by `count` bytes and gives the position before. */
  private advance(count: number): number {
    const from = this.position;
    if (!(count >= 0) || from + count > this.bytes.byteLength) {
      throw new LoadstoneError('damaged', `it ends where ${count} more bytes are needed`, {
        where: `${this.where}, byte ${this.at + from}`,
        offset: this.at + from,
      });
    }
    this.position = from + count;
    return from;
  }

  seek(position: number): void {
    this.position = 0;
    this.advance(position);
  }

  skip(count: number): void {
    this.advance(count);
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), this.littleEndian);
  }

  u24(): number {
    return this.uint(3);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), this.littleEndian);
  }

  i32(): number {
    return this.view.getInt32(this.advance(4), this.littleEndian);
  }

  u64(): number {
    const from = this.advance(8);
    const low = this.view.getUint32(from + (this.littleEndian ? 0 : 4), this.littleEndian);
    const high = this.view.getUint32(from + (this.littleEndian ? 4 : 0), this.littleEndian);
    return high * 0x1_0000_0000 + low;
  }

  big64(): bigint {
    return this.view.getBigUint64(this.advance(8), this.littleEndian);
  }

  f32(): number {
    return this.view.getFloat32(this.advance(4), this.littleEndian);
  }

  f64(): number {
    return this.view.getFloat64(this.advance(8), this.littleEndian);
  }

  uint(size: number): number {
    if (size === 8) return this.u64();
    if (size === 4) return this.u32();
    if (size === 2) return this.u16();
    const from = this.advance(size);
    let value = 0;
    for (let index = 0; index < size; index += 1) {
      value = value * 256 + this.bytes[this.littleEndian ? from + size - 1 - index : from + index]!;
    }
    return value;
  }

  uintOrNull(size: number): number | null {
    const from = this.advance(size);
    for (let index = from; index < from + size; index += 1) {
      if (this.bytes[index] === 0xff) continue;
      this.position = from;
      return this.uint(size);
    }
    return null;
  }

  take(count: number): Uint8Array {
    const from = this.advance(count);
    return this.bytes.subarray(from, from + count);
  }

  ascii(count: number): string {
    return String.fromCharCode(...this.take(count));
  }
}
