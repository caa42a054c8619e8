/**
 * Opens what people name: a file, a folder, a checkpoint's prefix, a URL. The name decides only where to look; what
 * lies there is decided by its content.
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { cachedSource } from '../../bytes/cache.ts';
import { type Folder, urlFolder } from '../../bytes/folder.ts';
import { httpSource } from '../../bytes/http.ts';
import { fileSource } from '../../bytes/node/file.ts';
import { nodeFolder } from '../../bytes/node/folder.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { Artefact } from '../../model/types.ts';
import { type OpenOptions, openArtefact, openCheckpoint } from '../open.ts';

export interface OpenPathOptions extends OpenOptions {
  /** Put around every source that is opened, to count or to cache what is read of it. */
  wrap?: (source: ByteSource) => ByteSource;
}

/** Opens the artefact at a path or URL. Throws `not-found` where there is nothing, and what `openArtefact` throws. */
export async function openPath(path: string, options: OpenPathOptions = {}): Promise<Artefact> {
  const { wrap = source => source, ...rest } = options;
  if (/^https?:\/\//i.test(path)) return openUrl(path, wrap, rest);
  const kind = await kindOf(path);
  if (kind === 'folder') {
    return closing(wrapped(await nodeFolder(path), wrap), folder => openArtefact(folder, rest));
  }
  const prefix = await checkpointPrefix(path);
  if (prefix !== null) {
    const folder = wrapped(await nodeFolder(dirname(prefix), 'within'), wrap);
    return closing(folder, held => openCheckpoint(held, basename(prefix), rest));
  }
  if (kind === null) {
    throw new LoadstoneError('not-found', 'there is no such file or folder', {
      where: path,
      do: await adviceFor(path),
    });
  }
  const beside = wrapped(await nodeFolder(dirname(path), 'within'), wrap);
  const source = wrap(await fileSource(path));
  return closing({ close: () => closeAll(source, beside) }, () => openArtefact(source, { beside, ...rest }));
}

async function openUrl(url: string, wrap: (source: ByteSource) => ByteSource, options: OpenOptions): Promise<Artefact> {
  const open = async (one: string) => wrap(await httpSource(one));
  const { pathname, search } = new URL(url);
  const name = decodeURIComponent(pathname.split('/').at(-1)!);
  // Parts of a folder are read piece by piece; each piece would be a request.
  const openPart = async (one: string) => cachedSource(await open(one));
  if (name === '') return closing(urlFolder(url, openPart), folder => openArtefact(folder, options));
  const beside = urlFolder(`${new URL('.', url).href}${search}`, openPart);
  // A server does not tell folders from files. What has no ending is most likely a folder, or a checkpoint's prefix.
  const hasEnding = /\.[a-z]\w*$/i.test(name);
  const group = hasEnding ? null : await openGroup(url, name, beside, openPart, options);
  if (group) return group;
  try {
    const source = await open(url);
    return await closing({ close: () => closeAll(source, beside) }, () => openArtefact(source, { beside, ...options }));
  } catch (error) {
    const late =
      hasEnding && isLoadstoneError(error, 'not-found') ? await openGroup(url, name, beside, openPart, options) : null;
    if (late) return late;
    throw error;
  }
}

/** The folder of a SavedModel or the checkpoint that a URL names; null where it names neither. */
async function openGroup(
  url: string,
  name: string,
  beside: Folder,
  open: (url: string) => Promise<ByteSource>,
  options: OpenOptions,
): Promise<Artefact | null> {
  const folder = urlFolder(url, open);
  if (await folder.file('saved_model.pb')) return closing(folder, held => openArtefact(held, options));
  if (await beside.file(`${name}.index`)) return closing(beside, held => openCheckpoint(held, name, options));
  return null;
}

interface Closable {
  close?(): Promise<void>;
}

/** Ties what was opened to the artefact: closed with it, or at once where it cannot be opened as one. */
async function closing<T extends Closable>(held: T, open: (held: T) => Promise<Artefact>): Promise<Artefact> {
  try {
    const artefact = await open(held);
    return { ...artefact, close: async () => void (await closeAll(artefact, held)) };
  } catch (error) {
    await held.close?.();
    throw error;
  }
}

async function closeAll(...held: readonly Closable[]): Promise<void> {
  for (const one of held) await one.close?.();
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

/** The prefix where `path` is one, or one of the files of a checkpoint; null where it is none. */
async function checkpointPrefix(path: string): Promise<string | null> {
  const match = /^(.+)\.(?:index|data-\d{5}-of-\d{5})$/.exec(path);
  const prefix = match?.[1] ?? path;
  if ((await kindOf(`${prefix}.index`)) === 'file') return prefix;
  // Without its index a checkpoint cannot be read, but it can be called what it is.
  return match?.[0].includes('.data-') || (!match && (await hasShard(prefix))) ? prefix : null;
}

/** Names that exist and begin alike: a prefix that was given an ending, or a file without its own. */
async function adviceFor(path: string): Promise<string> {
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const stem = (name: string) => name.replace(/\.(?:index|data-\d{5}-of-\d{5})$/, '');
  const wanted = basename(path)
    .replace(/\.[^.]*$/, '')
    .toLowerCase();
  const near = new Set(names.map(stem).filter(name => wanted !== '' && name.toLowerCase().startsWith(wanted)));
  if (near.size === 0) return 'Check the path.';
  const listed = [...near].slice(0, 5).map(name => `"${name}"`);
  return `Check the path: in that folder lies ${listed.join(', ')}.`;
}

async function hasShard(prefix: string): Promise<boolean> {
  const names = await readdir(dirname(prefix)).catch((): string[] => []);
  return names.some(name => name.startsWith(`${basename(prefix)}.data-`));
}

function wrapped(folder: Folder, wrap: (source: ByteSource) => ByteSource): Folder {
  const opened = new Map<ByteSource, ByteSource>();
  return {
    ...folder,
    async file(path) {
      const source = await folder.file(path);
      if (source === null) return null;
      const held = opened.get(source) ?? wrap(source);
      opened.set(source, held);
      return held;
    },
  };
}
