/** A part of another source as a source of its own: a member stored in a zip, an HDF5 file behind a user block. */

import { checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

/** The `length` bytes of `source` from `offset`. Throws `out-of-bounds` where they are not all there. */
export function sliceSource(source: ByteSource, offset: number, length: number, name = source.name): ByteSource {
  checkRange(source, offset, length);
  const file = source.file && { path: source.file.path, offset: source.file.offset + offset };
  return {
    name,
    size: length,
    file,
    async read(from, count, options) {
      checkRange(this, from, count, options);
      return source.read(offset + from, count, options);
    },
    close: source.close && (() => source.close!()),
  };
}
