/** Makes the cost of reading visible: how many requests a source got, and for how many bytes. */

import type { ByteSource } from './source.ts';

export interface ReadCounts {
  requests: number;
  bytes: number;
}

/** `source` with a running count. Put it beneath a cache to count what the medium is asked, above it to count the reader's wishes. */
export function countedSource(source: ByteSource): ByteSource & { readonly counts: ReadCounts } {
  const counts: ReadCounts = { requests: 0, bytes: 0 };
  return {
    name: source.name,
    size: source.size,
    file: source.file,
    counts,
    async read(offset, length, options) {
      counts.requests += 1;
      counts.bytes += length;
      return source.read(offset, length, options);
    },
    close: source.close && (() => source.close!()),
  };
}
