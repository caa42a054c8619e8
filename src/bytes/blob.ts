/** A Blob or File of a browser (or of Node) as a source. */

import { LoadstoneError } from '../findings/errors.ts';
import { checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

/** A source over `blob`; a File's name becomes the source's. Nothing is read before it is asked for. */
export function blobSource(blob: Blob, name = blobName(blob)): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length, options) {
      checkRange(this, offset, length, options);
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        // Browsers refuse to read a File that changed on disk since it was chosen.
        throw new LoadstoneError('io', 'the file could not be read; it may have changed since it was chosen', {
          where: name,
          offset,
          do: 'Choose the file again.',
          cause,
        });
      }
    },
  };
}

function blobName(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' ? blob.name : 'blob';
}
