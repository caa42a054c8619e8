/** Bytes in memory as a source. */

import { checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

/** A source over `bytes`, which must not change while it is in use. Reads are views, not copies. */
export function memorySource(bytes: Uint8Array, name = 'memory'): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    inMemory: true,
    async read(offset, length, options) {
      checkRange(this, offset, length, options);
      return bytes.subarray(offset, offset + length);
    },
  };
}
