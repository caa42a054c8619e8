/** The checksum of zip (and gzip, PNG): CRC-32 with the reflected polynomial 0xEDB88320. */

import { hostZlib } from '../../bytes/host.ts';

let table: Uint32Array | null = null;

/** What each byte adds. */
function byteSums(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  });
}

/** Checksum of `bytes`, or of what `before` was the checksum of, followed by `bytes`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return hostZlib?.crc32?.(bytes, before) ?? plainCrc32(bytes, before);
}

/** The same without the host. */
export function plainCrc32(bytes: Uint8Array, before = 0): number {
  table ??= byteSums();
  let value = ~before;
  for (let at = 0; at < bytes.length; at += 1) value = (value >>> 8) ^ table[(value ^ bytes[at]!) & 0xff]!;
  return ~value >>> 0;
}
