/**
 * The checksums of HDF5: Jenkins' lookup3 over metadata of the newer formats (specification, appendix B), and Fletcher's
 * 32-bit sum as the fletcher32 filter computes it.
 */

/** Jenkins' lookup3 `hashlittle` with a zero seed, as libhdf5 stores it after version 2 structures. */
export function lookup3(bytes: Uint8Array, from = 0, to = bytes.byteLength): number {
  let length = to - from;
  let a = (0xdeadbeef + length) | 0;
  let b = a;
  let c = a;
  let at = from;
  const word = (start: number): number =>
    bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24);
  while (length > 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    length -= 12;
    at += 12;
  }
  if (length === 0) return c >>> 0;
  const tail = (index: number): number => (index < length ? bytes[at + index]! << (8 * (index % 4)) : 0);
  a = (a + (tail(0) | tail(1) | tail(2) | tail(3))) | 0;
  b = (b + (tail(4) | tail(5) | tail(6) | tail(7))) | 0;
  c = (c + (tail(8) | tail(9) | tail(10) | tail(11))) | 0;
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  return c >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Fletcher's checksum over 16-bit big-endian words, as the fletcher32 filter stores it (little-endian). */
export function fletcher32(bytes: Uint8Array): number {
  let sum1 = 0;
  let sum2 = 0;
  const even = bytes.byteLength & ~1;
  let index = 0;
  while (index < even) {
    // 360 words are the most that cannot overflow 32 bits between two reductions.
    const stop = Math.min(even, index + 720);
    for (; index < stop; index += 2) {
      sum1 += (bytes[index]! << 8) | bytes[index + 1]!;
      sum2 += sum1;
    }
    sum1 = (sum1 & 0xffff) + (sum1 >>> 16);
    sum2 = (sum2 & 0xffff) + (sum2 >>> 16);
  }
  if (even < bytes.byteLength) {
    sum1 += bytes[even]! << 8;
    sum2 += sum1;
    sum1 = (sum1 & 0xffff) + (sum1 >>> 16);
    sum2 = (sum2 & 0xffff) + (sum2 >>> 16);
  }
  sum1 = (sum1 & 0xffff) + (sum1 >>> 16);
  sum2 = (sum2 & 0xffff) + (sum2 >>> 16);
  return ((sum2 << 16) | sum1) >>> 0;
}
