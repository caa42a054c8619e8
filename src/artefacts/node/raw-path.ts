/** Raw facts of whatever stands at a path: a file, a folder, a checkpoint's prefix, or nothing. */

import { stat } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { urlFolder } from '../../bytes/folder.ts';
import { httpSource } from '../../bytes/http.ts';
import { fileSource } from '../../bytes/node/file.ts';
import { nodeFolder } from '../../bytes/node/folder.ts';
import { type RawArtefact, readRawArtefact } from '../raw/index.ts';
import { nearbyModels } from './nearby.ts';

/** Reads the facts; a missing path is answered too, with the names of models that do lie there. */
export async function rawAtPath(path: string): Promise<RawArtefact> {
  if (/^https?:\/\//i.test(path)) return rawAtUrl(path);
  const found = await stat(path).catch(() => null);
  const home = await stat(dirname(path)).catch(() => null);
  const beside = home?.isDirectory() ? await nodeFolder(dirname(path)) : undefined;
  try {
    if (!found) return await readRawArtefact({ kind: 'missing', path, beside, nearby: await nearbyModels(path) });
    if (found.isDirectory()) {
      const folder = await nodeFolder(path);
      return await readRawArtefact({ kind: 'folder', path, folder }).finally(() => folder.close());
    }
    const source = await fileSource(path);
    return await readRawArtefact({ kind: 'file', path, source, beside }).finally(() => source.close?.());
  } finally {
    await beside?.close();
  }
}

/** By ranges; a URL that ends in a slash is a folder. Throws what the server answers where there is nothing. */
async function rawAtUrl(url: string): Promise<RawArtefact> {
  const { pathname } = new URL(url);
  if (pathname.endsWith('/'))
    return readRawArtefact({ kind: 'folder', path: pathname, folder: urlFolder(url, httpSource) });
  const [source, beside] = [await httpSource(url), urlFolder(new URL('.', url).href, httpSource)];
  return readRawArtefact({ kind: 'file', path: decodeURIComponent(posix.basename(pathname)), source, beside });
}
