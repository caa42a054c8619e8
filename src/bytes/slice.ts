/** A part of another source as a source of its own: a member stored in a zip, an HDF5 file behind a user block. */

import { checkRange } from './range.ts';
import type { ByteSource, Range } from './source.ts';

/** The `length` bytes of `source` from `offset`. Throws `out-of-bounds` where they are not all there. */
export function sliceSource(source: ByteSource, offset: number, length: number, name = source.name): ByteSource {
  checkRange(source, offset, length);
  const file = source.file && { path: source.file.path, offset: source.file.offset + offset };
  const moved = (range: Range): Range => {
    checkRange({ name, size: length }, range.offset, range.length);
    return { offset: offset + range.offset, length: range.length };
  };
  return {
    name,
    size: length,
    file,
    async read(from, count, options) {
      checkRange(this, from, count, options);
      return source.read(offset + from, count, options);
    },
    readRanges: source.readRanges && ((ranges, options) => source.readRanges!(ranges.map(moved), options)),
    joinsRanges: source.joinsRanges && (() => source.joinsRanges!()),
    counts: source.counts,
    inMemory: source.inMemory,
    close: source.close && (() => source.close!()),
  };
}
