/** A bounded little-endian cursor over marshalled bytes: every read is checked, and says at which byte it failed. */

import { LoadstoneError } from '../../findings/errors.ts';

export interface Cursor {
  readonly offset: number;
  readonly remaining: number;
  byte(): number;
  /** 16, 32 bits, signed. */
  int16(): number;
  int32(): number;
  int64(): bigint;
  float64(): number;
  bytes(length: number): Uint8Array;
  /** A count of things that take at least `unit` bytes each; refused when they cannot fit in what remains. */
  count(unit: number, what: string): number;
}

/** A `LoadstoneError` for marshalled data that makes no sense at `offset`. */
export function damaged(what: string, offset: number): LoadstoneError {
  return new LoadstoneError('damaged', `marshalled Python data is damaged: ${what}`, {
    where: `byte ${offset} of the code`,
    offset,
    do: "Give the layer's function as a definition of your own (--custom).",
  });
}

export function cursorOver(bytes: Uint8Array): Cursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): number => {
    if (length > bytes.length - at) throw damaged(`${length} bytes wanted, ${bytes.length - at} left`, at);
    at += length;
    return at - length;
  };
  return {
    get offset() {
      return at;
    },
    get remaining() {
      return bytes.length - at;
    },
    byte: () => view.getUint8(take(1)),
    int16: () => view.getInt16(take(2), true),
    int32: () => view.getInt32(take(4), true),
    int64: () => view.getBigInt64(take(8), true),
    float64: () => view.getFloat64(take(8), true),
    bytes: length => {
      const start = take(length);
      return bytes.subarray(start, start + length);
    },
    count(unit, what) {
      const start = at;
      const count = view.getInt32(take(4), true);
      if (count < 0 || count * unit > bytes.length - at) {
        throw damaged(`${count} ${what}, but ${bytes.length - at} bytes are left`, start);
      }
      return count;
    },
  };
}
