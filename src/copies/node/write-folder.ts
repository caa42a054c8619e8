/** A folder of output that appears whole or not at all: filled beside its place, then given its name. */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failWriting, fileSink, startWriting } from '../../bytes/node/file-sink.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { OpenFile } from '../../writers/tfjs/files.ts';

/**
 * Gives back what `write` finds against the files, which then do not appear; null where it finds nothing. It is told where
 * they lie until then. Throws `usage` where the folder above does not exist, or something that is no empty folder is there already.
 */
export async function writeFolder(
  path: string,
  write: (open: OpenFile, beside: string) => Promise<string | null>,
): Promise<string | null> {
  const target = resolve(path);
  const parent = await stat(dirname(target)).catch(() => null);
  if (!parent?.isDirectory()) {
    throw new LoadstoneError('usage', 'the folder above the output does not exist', {
      where: path,
      do: 'Make it first.',
    });
  }
  const there = await stat(target).catch(() => null);
  if (there && !(there.isDirectory() && (await readdir(target)).length === 0)) {
    throw new LoadstoneError('usage', 'the output exists already', { where: path, do: 'Name another, or remove it.' });
  }
  // Not mkdtemp, whose folders only their owner may read: these are for web servers.
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.part`);
  const finished = startWriting(beside);
  try {
    await mkdir(beside).catch(cause => failWriting(path, cause));
    const against = await write(name => fileSink(join(beside, name), { shown: join(path, name) }), beside);
    if (against !== null) {
      await rm(beside, { recursive: true, force: true });
      return against;
    }
    if (there) await rmdir(target);
    await rename(beside, target);
    return null;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  } finally {
    finished();
  }
}
