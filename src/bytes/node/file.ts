/** A file on disk as a source. */

import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LoadstoneError } from '../../findings/errors.ts';
import { checkRange } from '../range.ts';
import type { ByteSource } from '../source.ts';

/**
 * Opens the file at `path` for reading. `close` it when done. Throws `not-found` where there is none, `bad-input` for a
 * folder, `io` where it cannot be opened.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle: FileHandle = await open(path, 'r').catch(cause => {
    throw openError(path, cause);
  });
  const stat = await handle.stat().catch(async cause => {
    await handle.close();
    throw openError(path, cause);
  });
  if (stat.isDirectory()) {
    await handle.close();
    throw new LoadstoneError('bad-input', 'it is a folder, not a file', { where: path });
  }
  const size = stat.size;
  return {
    name: path,
    size,
    file: { path: resolve(path), offset: 0 },
    async read(offset, length, options) {
      checkRange({ name: path, size }, offset, length, options);
      return readExactly(handle, path, offset, roomFor(length, options?.into));
    },
    close: () => handle.close(),
  };
}

/** Node reads no more than 2 GiB at once. */
const greatestRead = 2 ** 30;

/** The caller's room, or memory that is not filled with zeros first: every byte of it is read, or reading throws. */
function roomFor(length: number, into?: Uint8Array): Uint8Array {
  if (into && into.byteLength >= length) return into.subarray(0, length);
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer, 0, length);
}

async function readExactly(handle: FileHandle, path: string, offset: number, bytes: Uint8Array): Promise<Uint8Array> {
  const { length } = bytes;
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle
      .read(bytes, done, Math.min(greatestRead, length - done), offset + done)
      .catch(cause => {
        throw new LoadstoneError('io', `reading failed: ${cause instanceof Error ? cause.message : cause}`, {
          where: path,
          offset: offset + done,
          cause,
        });
      });
    if (bytesRead === 0) {
      throw new LoadstoneError('io', 'the file became shorter while it was read', {
        where: path,
        offset: offset + done,
      });
    }
    done += bytesRead;
  }
  return bytes;
}

function openError(path: string, cause: unknown): LoadstoneError {
  const code = (cause as { code?: string }).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new LoadstoneError('not-found', 'no such file', { where: path, cause });
  if (code === 'EISDIR') return new LoadstoneError('bad-input', 'it is a folder, not a file', { where: path, cause });
  return new LoadstoneError('io', `it cannot be opened: ${cause instanceof Error ? cause.message : cause}`, {
    where: path,
    cause,
  });
}
