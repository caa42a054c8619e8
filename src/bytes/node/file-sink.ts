/**
 * Writes a file that appears whole or not at all: bytes go to a neighbour of the target, which takes the target's name
 * when it is closed. An interrupted or failed write leaves only the neighbour's removal to do.
 */

import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LoadstoneError } from '../../findings/errors.ts';
import type { ByteSink } from '../sink.ts';

/** Files and folders that are being written, to be removed when the process is interrupted. */
const unfinished = new Set<string>();

/** To be called once what is written at `path` is whole or gone. */
export type Finished = () => void;

/** Tells that something at `path` is being written. */
export function startWriting(path: string): Finished {
  unfinished.add(path);
  return () => unfinished.delete(path);
}

export interface FileSink extends ByteSink {
  /** Where the bytes are until `close`: for who reads back what was written before it appears. */
  readonly path: string;
}

export interface FileSinkOptions {
  /** Replace a file that is there. Default true. */
  overwrite?: boolean;
  /** The path that errors name, where the file is one of a folder that gets its name later. */
  shown?: string;
}

/** Bytes after which the system is asked to bring what was written to the disk, while more is being made. */
const flushEvery = 64 << 20;

/** Throws `usage` when the folder does not exist or the target may not be replaced, `io` when writing fails. */
export async function fileSink(
  given: string,
  { overwrite = true, shown: path = given }: FileSinkOptions = {},
): Promise<FileSink> {
  const target = resolve(given);
  const replaces = await refuseBadTarget(target, path, overwrite);
  const neighbour = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.part`);
  const handle = await open(neighbour, 'wx').catch(cause => failWriting(path, cause));
  const finished = startWriting(neighbour);
  let open_ = true;
  // What takes the place of a file is on the disk before that one is gone; a new file is left to the system, as by cp.
  const flusher = replaces ? flushingAlong(handle) : noFlusher;
  const shut = async () => {
    await flusher.done();
    if (open_) await handle.close();
    open_ = false;
  };
  return {
    path: neighbour,
    async write(bytes) {
      let at = 0;
      while (at < bytes.byteLength) {
        const { bytesWritten } = await handle.write(bytes, at).catch(cause => failWriting(path, cause));
        at += bytesWritten;
        flusher.wrote(bytesWritten);
      }
    },
    async rewrite(offset, bytes) {
      await handle.write(bytes, 0, bytes.byteLength, offset).catch(cause => failWriting(path, cause));
    },
    async close() {
      const failed = await flusher.done();
      if (failed) failWriting(path, failed.cause);
      if (replaces) await handle.sync().catch(cause => failWriting(path, cause));
      await shut().catch(cause => failWriting(path, cause));
      await rename(neighbour, target).catch(cause => failWriting(path, cause));
      finished();
    },
    async abandon() {
      await shut().catch(() => {});
      await rm(neighbour, { force: true });
      finished();
    },
  };
}

interface Flusher {
  wrote(bytes: number): void;
  /** Waits for what is under way; a failure that the system told once is told here, since it may not tell it again. */
  done(): Promise<{ readonly cause: unknown } | null>;
}

const noFlusher: Flusher = { wrote() {}, done: async () => null };

function flushingAlong(handle: FileHandle): Flusher {
  let unflushed = 0;
  let failed: { readonly cause: unknown } | null = null;
  let flushing: Promise<void> | null = null;
  const flush = async () => {
    unflushed = 0;
    await handle.datasync().catch(cause => {
      failed ??= { cause };
    });
    flushing = null;
  };
  return {
    wrote(bytes) {
      unflushed += bytes;
      if (unflushed >= flushEvery) flushing ??= flush();
    },
    async done() {
      await flushing;
      return failed;
    },
  };
}

/** Paths of files and folders being written now, for who must clean up when the process is interrupted. */
export function unfinishedFiles(): readonly string[] {
  return [...unfinished];
}

/** True where a file is there that will be replaced. */
async function refuseBadTarget(target: string, path: string, overwrite: boolean): Promise<boolean> {
  const parent = await stat(dirname(target)).catch(() => null);
  if (!parent?.isDirectory()) {
    throw new LoadstoneError('usage', 'the output folder does not exist', {
      where: dirname(path),
      do: 'Make it first, or name another.',
    });
  }
  const there = await stat(target).catch(() => null);
  if (there?.isDirectory()) {
    throw new LoadstoneError('usage', 'the output is a folder', { where: path, do: 'Name a file.' });
  }
  if (there && !overwrite) {
    throw new LoadstoneError('usage', 'the output exists already', { where: path, do: 'Name another, or remove it.' });
  }
  return there !== null;
}

/** Throws `io` with what the system said when something was written at `path`. */
export function failWriting(path: string, cause: unknown): never {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC';
  throw new LoadstoneError('io', full ? 'the disk is full' : `writing failed: ${code ?? message}`, {
    where: path,
    do: full ? 'Free some space; nothing was left behind.' : 'Check that the folder may be written to.',
    cause,
  });
}
