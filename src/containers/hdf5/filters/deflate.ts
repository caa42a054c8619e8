/** Filter 1, deflate: a zlib stream (RFC 1950), inflated by fflate and checked by its Adler-32. */

import { Unzlib, unzlibSync } from 'fflate';
import type { Hdf5Filter } from '../types.ts';

/**
 * Bytes given to the inflater at once. Deflate expands up to 1032 times, so a stream that lies about its size costs at
 * most this much more than what is allowed.
 */
const piece = 64 * 1024;

export const deflate: Hdf5Filter = (bytes, _parameters, limit) => {
  const out = bytes.length <= piece ? inflateAtOnce(bytes, limit) : inflateInPieces(bytes, limit);
  const end = bytes.length - 4;
  const stored = ((bytes[end]! << 24) | (bytes[end + 1]! << 16) | (bytes[end + 2]! << 8) | bytes[end + 3]!) >>> 0;
  if (adler32(out) !== stored) throw new Error('its checksum does not match');
  return out;
};

function inflateAtOnce(bytes: Uint8Array, limit: number): Uint8Array {
  // One byte more than allowed tells a stream that is too long; fflate ignores what does not fit.
  const room = new Uint8Array(Math.min(limit, bytes.length * 1032) + 1);
  const out = unzlibSync(bytes, { out: room });
  if (out.length > limit) throw new Error(`it expands to more than ${limit} bytes`);
  return out.length === room.length ? out : out.slice();
}

function inflateInPieces(bytes: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(limit);
  let length = 0;
  const inflater = new Unzlib(data => {
    if (length + data.length > limit) throw new Error(`it expands to more than ${limit} bytes`);
    out.set(data, length);
    length += data.length;
  });
  for (let start = 0; start < bytes.length; start += piece) {
    inflater.push(bytes.subarray(start, start + piece), start + piece >= bytes.length);
  }
  return out.subarray(0, length);
}

/** RFC 1950, section 9. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < bytes.length; start += 5552) {
    // 5552 bytes are the most that cannot overflow 32 bits between two reductions.
    const stop = Math.min(bytes.length, start + 5552);
    for (let index = start; index < stop; index += 1) {
      a += bytes[index]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
