/** Undoes deflate (RFC 1951), bare or as a zlib stream (RFC 1950): by the host where it can, else by fflate. */

import { hostZlib } from './host.ts';

/**
 * Bytes given to the inflater at once. Deflate expands up to 1032 times, so a stream that lies about its size costs at
 * most this much more than what is allowed.
 */
const piece = 64 * 1024;

export interface Inflated {
  /** What came out, up to the limit; what came before a fault is kept, for salvage. */
  readonly bytes: Uint8Array;
  readonly problem: string | null;
}

/** Inflates at most `limit` bytes of a bare stream, or of one with header and checksum. */
export async function inflate(bytes: Uint8Array, limit: number, wrapped: boolean): Promise<Inflated> {
  const whole = inflateByHost(bytes, limit, wrapped);
  if (whole) return { bytes: whole, problem: null };
  const { Inflate, Unzlib } = await import('fflate');
  const out = room(limit, bytes.length);
  let length = 0;
  const receive = (chunk: Uint8Array) => {
    const kept = chunk.subarray(0, limit - length);
    out.set(kept, length);
    length += kept.length;
    if (kept.length < chunk.length) throw new Error(`it expands to more than ${limit} bytes`);
  };
  const inflater = wrapped ? new Unzlib(receive) : new Inflate(receive);
  try {
    for (let start = 0; start < bytes.length; start += piece)
      inflater.push(bytes.subarray(start, start + piece), start + piece >= bytes.length);
  } catch (error) {
    return { bytes: out.subarray(0, length), problem: error instanceof Error ? error.message : String(error) };
  }
  const done = out.subarray(0, length);
  return { bytes: done, problem: wrapped && adler32(done) !== storedSum(bytes) ? 'its checksum does not match' : null };
}

/** Node's own inflater; null where there is none, or where it finds a fault, which it tells less of. */
function inflateByHost(bytes: Uint8Array, limit: number, wrapped: boolean): Uint8Array | null {
  if (!hostZlib) return null;
  const options = { maxOutputLength: Math.max(1, limit) };
  try {
    const out = wrapped ? hostZlib.inflateSync(bytes, options) : hostZlib.inflateRawSync(bytes, options);
    return new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  } catch {
    return null;
  }
}

/** Room for what may come out: never more than so many bytes can hold. */
function room(limit: number, stored: number): Uint8Array {
  return new Uint8Array(Math.min(limit, stored * 1032));
}

/** The big-endian checksum that ends a zlib stream. */
function storedSum(bytes: Uint8Array): number {
  const end = bytes.length - 4;
  return ((bytes[end]! << 24) | (bytes[end + 1]! << 16) | (bytes[end + 2]! << 8) | bytes[end + 3]!) >>> 0;
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
