/** A cache of blocks in front of a source. */

import type { ByteSource } from './source.ts';

export function cachedSource(source: ByteSource): ByteSource {
  return source;
}
