/** Makes the cost of reading visible: how often a medium was asked, and for how many bytes. */

import { type ByteSource, type ReadCounts, readRanges } from './source.ts';

/**
 * `source` with a running count. Put it beneath a cache to count what the medium is asked, above it to count the reader's
 * wishes. Runs read at once count as one request, unless the medium itself says what it took (HTTP does).
 */
export function countedSource(source: ByteSource): ByteSource & { readonly counts: Readonly<ReadCounts> } {
  const own: ReadCounts = { requests: 0, bytes: 0 };
  const count = (bytes: number): void => {
    own.requests += 1;
    own.bytes += bytes;
  };
  return {
    ...source,
    counts: source.counts ?? own,
    read(offset, length, options) {
      count(length);
      return source.read(offset, length, options);
    },
    readRanges(ranges, options) {
      count(ranges.reduce((sum, range) => sum + range.length, 0));
      return readRanges(source, ranges, options);
    },
  };
}
