/** Models that lie near a path where nothing is: misspelt, in the folder above or below, with another ending. */

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** Endings of what may be a model; folders are looked into for a `saved_model.pb`. */
const modelEndings = new Set(['.h5', '.hdf5', '.keras', '.pb', '.index', '.json', '.yaml']);

/** Names told, and names of a folder that are compared. */
const most = 5;
const mostCompared = 2000;

/** Paths of models that exist, the likeliest first: at most five. */
export async function nearbyModels(path: string): Promise<string[]> {
  const home = await existingFolder(dirname(path));
  const folders = [home, dirname(home), ...(await foldersIn(home))];
  const found = new Map<string, number>();
  for (const folder of new Set(folders)) {
    const farther = folder === dirname(path) ? 0 : 1;
    for (const name of await modelsIn(folder)) {
      const distance = distanceBetween(basename(path), name);
      if (farther === 0 || distance <= 2) found.set(join(folder, name), distance + farther);
    }
  }
  return [...found]
    .sort(([a, near], [b, far]) => near - far || a.localeCompare(b))
    .slice(0, most)
    .map(([name]) => name);
}

async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  const above = dirname(folder);
  return found?.isDirectory() || above === folder ? folder : existingFolder(above);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.slice(0, mostCompared);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = (await entriesOf(folder)).filter(entry => entry.isDirectory() && !entry.name.startsWith('.'));
  return entries.slice(0, 50).map(({ name }) => join(folder, name));
}

async function modelsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(folder)) {
    const isModel = entry.isDirectory()
      ? (await stat(join(folder, entry.name, 'saved_model.pb')).catch(() => null)) !== null
      : modelEndings.has(extname(entry.name).toLowerCase());
    if (isModel) names.push(entry.name);
  }
  return names;
}

/** Edits between two names, capitals aside; where only the endings differ, one. */
function distanceBetween(wanted: string, name: string): number {
  const [left, right] = [wanted.toLowerCase(), name.toLowerCase()];
  const stem = (text: string) => basename(text, extname(text));
  return stem(left) === stem(right) ? Number(left !== right) : editDistance(left, right);
}

/** Insertions, deletions and substitutions (Levenshtein), by rows. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 0; at < left.length; at += 1) {
    const next = [at + 1];
    for (let column = 0; column < right.length; column += 1) {
      const replaced = (row[column] as number) + Number(left[at] !== right[column]);
      next.push(Math.min(replaced, (row[column + 1] as number) + 1, (next[column] as number) + 1));
    }
    row = next;
  }
  return row[right.length] as number;
}
