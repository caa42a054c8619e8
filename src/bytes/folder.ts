/**
 * A folder of files as artefacts see it: names to byte sources. A folder on disk, one behind a URL, the members of a zip
 * archive and a browser's chosen folder all answer the same two questions. Paths inside it use `/` on every platform.
 */

import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import { memorySource } from './memory.ts';
import type { ByteSource } from './source.ts';

export interface Folder {
  /** What people call it; used in messages. */
  readonly name: string;
  /** The file at `path`, opened, or null where there is none. Throws `io` where it exists but cannot be opened. */
  file(path: string): Promise<ByteSource | null>;
  /** Paths of all files beneath, sorted; null where the medium cannot tell (a URL). */
  list(): Promise<readonly string[] | null>;
  /** Closes what `file` opened. */
  close(): Promise<void>;
}

/** Files in memory as a folder, by path. */
export function memoryFolder(files: { readonly [path: string]: Uint8Array }, name = 'memory'): Folder {
  return {
    name,
    async file(path) {
      const bytes = files[path];
      return bytes === undefined ? null : memorySource(bytes, `${name}/${path}`);
    },
    list: async () => Object.keys(files).sort(),
    close: async () => {},
  };
}

/** Any sources as a folder, by path: members of an archive, files that a browser's user chose. They stay the caller's to close. */
export function sourcesFolder(sources: ReadonlyMap<string, ByteSource>, name: string): Folder {
  return {
    name,
    file: async path => sources.get(path) ?? null,
    list: async () => [...sources.keys()].sort(),
    close: async () => {},
  };
}

/**
 * A folder behind a URL. `open` opens one URL as a source and throws `not-found` where the server has no such file.
 * A query of the base URL (a signature) is kept for every file.
 */
export function urlFolder(base: string, open: (url: string) => Promise<ByteSource>): Folder {
  const root = new URL(base.replace(/\/?(\?|#|$)/, '/$1'));
  const opened = new Map<string, Promise<ByteSource | null>>();
  const fetchFile = (path: string): Promise<ByteSource | null> => {
    const url = new URL(path.split('/').map(encodeURIComponent).join('/'), root);
    url.search = root.search;
    return open(url.href).catch(error => {
      if (isLoadstoneError(error, 'not-found')) return null;
      throw error;
    });
  };
  return {
    name: base,
    file(path) {
      const held = opened.get(path) ?? fetchFile(path);
      opened.set(path, held);
      return held;
    },
    list: async () => null,
    async close() {
      const sources = await Promise.allSettled(opened.values());
      for (const source of sources) if (source.status === 'fulfilled') await source.value?.close?.();
    },
  };
}

/** The part of a folder beneath `path`, as a folder. Closing it closes nothing: it belongs to the whole. */
export function subfolder(folder: Folder, path: string): Folder {
  const prefix = path === '' ? '' : `${path.replace(/\/$/, '')}/`;
  return {
    name: prefix === '' ? folder.name : `${folder.name}/${prefix.slice(0, -1)}`,
    file: inner => folder.file(prefix + inner),
    async list() {
      const all = await folder.list();
      return all?.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length)) ?? null;
    },
    close: async () => {},
  };
}

/** The file at `path`; throws `not-found` with `what` it would have been. */
export async function requireFile(folder: Folder, path: string, what: string): Promise<ByteSource> {
  const source = await folder.file(path);
  if (source !== null) return source;
  throw new LoadstoneError('not-found', `${what} is missing: there is no ${path}`, { where: folder.name });
}
