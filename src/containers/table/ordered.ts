/**
 * TensorFlow's order-preserving encoding (tensorflow/core/lib/strings/ordered_code.cc), as far as checkpoints use it: the
 * key of one slice of a variable is zero, the name, the rank, and start and length along each axis
 * (tensorflow/core/util/saved_tensor_slice_util.cc).
 */

import type { TensorSlice } from './schema.ts';

/** The key under which the data of one slice of a variable is stored. */
export function sliceKey(name: string, slice: TensorSlice): Uint8Array {
  const out: number[] = [];
  writeNumber(out, 0);
  writeString(out, new TextEncoder().encode(name));
  writeNumber(out, slice.extent.length);
  for (const { start, length } of slice.extent) {
    writeSigned(out, BigInt(start));
    // The whole axis is written as length -1.
    writeSigned(out, BigInt(length ?? -1));
  }
  return Uint8Array.from(out);
}

function writeNumber(out: number[], value: number): void {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  out.push(digits.length, ...digits);
}

function writeString(out: number[], text: Uint8Array): void {
  for (const byte of text) {
    if (byte === 0x00) out.push(0x00, 0xff);
    else if (byte === 0xff) out.push(0xff, 0x00);
    else out.push(byte);
  }
  out.push(0x00, 0x01);
}

/** Seven value bits a byte; the count of bytes stands in the leading bits of the first, flipped for negative numbers. */
function writeSigned(out: number[], value: bigint): void {
  const magnitude = value < 0n ? ~value : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  const length = Math.floor(bits / 7) + 1;
  const bytes: number[] = [];
  for (let index = 0; index < length; index++) bytes.unshift(Number((value >> BigInt(8 * index)) & 0xffn));
  const header = ((1 << length) - 1) << (16 - length);
  bytes[0]! ^= (header >> 8) & 0xff;
  if (length > 1) bytes[1]! ^= header & 0xff;
  out.push(...bytes);
}
