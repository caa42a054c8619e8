/** The environment that files beside an artefact state; MLflow keeps its own one or two folders above the model's file. */

import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Provenance } from '../src/model/types.ts';
import {
  type StatedEnvironment,
  type StatedFile,
  statedEnvironment,
  statingFiles,
} from '../src/rehearsal/environments/stated.ts';

/** Longer files are no lists of packages. */
const maxBytes = 1 << 20;

/** Null where nothing is stated, or where it is another line of Keras than the artefact itself tells. */
export async function statedBeside(given: string, provenance: Provenance | null): Promise<StatedEnvironment | null> {
  if (given === '-' || /^[a-z]+:\/\//i.test(given)) return null;
  const path = resolve(given);
  const beside = dirname(path);
  const above = [dirname(beside), dirname(dirname(beside))];
  const files = [...(await readStating(path)), ...(await readStating(beside))];
  for (const folder of above) if (await exists(join(folder, 'MLmodel'))) files.push(...(await readStating(folder)));
  const stated = statedEnvironment(files);
  const own = provenance?.keras?.split('.')[0] ?? null;
  return stated && (own === null || own === stated.environment.keras.split('.')[0]) ? stated : null;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    () => false,
  );
}

async function readStating(folder: string): Promise<StatedFile[]> {
  const read = statingFiles.map(async name => {
    const path = join(folder, name);
    const size = await stat(path).then(
      found => (found.isFile() ? found.size : null),
      () => null,
    );
    return size === null || size > maxBytes ? [] : [{ name, text: await readFile(path, 'utf8') }];
  });
  return (await Promise.all(read)).flat();
}
