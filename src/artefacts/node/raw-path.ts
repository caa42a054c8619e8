/** Raw facts of whatever stands at a path: a file, a folder, a checkpoint's prefix, or nothing. */

import { stat } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { type Folder, urlFolder } from '../../bytes/folder.ts';
import { httpSource } from '../../bytes/http.ts';
import { fileSource } from '../../bytes/node/file.ts';
import { nodeFolder } from '../../bytes/node/folder.ts';
import { shardName } from '../../containers/table/bundle.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import { type RawArtefact, readRawArtefact } from '../raw/index.ts';
import { nearbyModels } from './nearby.ts';

/** Reads the facts; a missing path is answered too, with the names of models that do lie there. */
export async function rawAtPath(path: string): Promise<RawArtefact> {
  if (/^https?:\/\//i.test(path)) return rawAtUrl(path);
  const found = await stat(path).catch(() => null);
  const home = await stat(dirname(path)).catch(() => null);
  const beside = home?.isDirectory() ? await nodeFolder(dirname(path), 'within') : undefined;
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

/**
 * By ranges. A server does not tell folders from files: a URL that ends in a slash is a folder, and so is one at which no
 * file lies but below which parts of a SavedModel do.
 */
async function rawAtUrl(url: string): Promise<RawArtefact> {
  const { pathname } = new URL(url);
  const folder = urlFolder(url, httpSource);
  if (pathname.endsWith('/')) return readRawArtefact({ kind: 'folder', path: pathname, folder });
  const path = decodeURIComponent(posix.basename(pathname));
  const beside = urlFolder(new URL('.', url).href, httpSource);
  const source = await httpSource(url).catch(error => {
    if (isLoadstoneError(error, 'not-found')) return null;
    throw error;
  });
  if (source) return readRawArtefact({ kind: 'file', path, source, beside });
  for (const part of ['saved_model.pb', 'variables/variables.index']) {
    if (await folder.file(part)) return readRawArtefact({ kind: 'folder', path, folder });
  }
  return readRawArtefact({ kind: 'missing', path, beside: { ...beside, list: () => partsOf(beside, path) } });
}

/** Files of a checkpoint by its prefix, where nothing lists what there is. */
async function partsOf(folder: Folder, prefix: string): Promise<readonly string[]> {
  const names = [`${prefix}.index`, shardName(prefix, 0, 1)];
  const found = await Promise.all(names.map(name => folder.file(name)));
  return names.filter((_, at) => found[at] !== null);
}
