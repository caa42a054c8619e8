/** A folder on disk. */

import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { Folder } from '../folder.ts';
import type { ByteSource } from '../source.ts';
import { fileSource } from './file.ts';

/** Files beneath a folder that are listed at most; a SavedModel has under a hundred. */
const maxListed = 100_000;

/**
 * The folder at `path`. Files are opened when asked for and stay open until `close`. Paths that leave the folder are
 * answered with null: an artefact names its own parts only. Throws `not-found` where it is no folder. `reach` says what
 * `list` tells: everything beneath, or only what lies in it; whoever asks for a file's neighbours must not walk through a
 * home folder.
 */
export async function nodeFolder(path: string, reach: 'beneath' | 'within' = 'beneath'): Promise<Folder> {
  const root = resolve(path);
  const isFolder = await stat(root).then(
    it => it.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new LoadstoneError('not-found', 'no such folder', { where: path });
  const opened = new Map<string, Promise<ByteSource | null>>();
  let closed = false;
  return {
    name: path,
    async file(inner) {
      if (closed) throw new LoadstoneError('usage', 'the folder is closed already', { where: `${path}/${inner}` });
      const held = opened.get(inner) ?? openInside(root, inner);
      opened.set(inner, held);
      return held;
    },
    list: () => listFiles(root, reach),
    async close() {
      closed = true;
      const sources = await Promise.allSettled(opened.values());
      opened.clear();
      for (const source of sources) if (source.status === 'fulfilled') await source.value?.close?.();
    },
  };
}

async function openInside(root: string, inner: string): Promise<ByteSource | null> {
  const full = resolve(root, inner);
  const away = relative(root, full);
  if (away === '' || away.startsWith('..') || resolve(away) === away) return null;
  try {
    return await fileSource(full);
  } catch (error) {
    if (isLoadstoneError(error, 'not-found') || isLoadstoneError(error, 'bad-input')) return null;
    throw error;
  }
}

async function listFiles(root: string, reach: 'beneath' | 'within'): Promise<readonly string[]> {
  const found: string[] = [];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined && found.length < maxListed; folder = pending.pop()) {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.isDirectory()) {
        if (reach === 'beneath') pending.push(join(folder, entry.name));
      } else found.push(relative(root, join(folder, entry.name)).split(sep).join('/'));
    }
  }
  return found.sort();
}
