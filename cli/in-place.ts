/** Writing over the artefact itself: the copy appears beside it under another name, and takes its place when it is whole. */

import { rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LoadstoneError } from '../src/findings/errors.ts';

/** The name beside `artefact` under which the copy is written first. Throws `usage` for what is no file of this machine. */
export async function besideArtefact(artefact: string): Promise<string> {
  const found = artefact === '-' ? null : await stat(artefact).catch(() => null);
  if (!found?.isFile()) {
    throw new LoadstoneError('usage', 'only a file can be mended in its place', {
      where: artefact,
      do: 'Name an output with -o.',
    });
  }
  return join(dirname(artefact), `.mending-${process.pid}-${basename(artefact)}`);
}

/** The whole copy takes the artefact's place; nobody may hold that open. */
export async function takePlace(copy: string, artefact: string): Promise<void> {
  try {
    await rename(copy, artefact);
  } catch (cause) {
    throw new LoadstoneError('io', 'the mended copy cannot take the place of its source', {
      where: artefact,
      do: `The copy lies whole at ${copy}.`,
      cause,
    });
  }
}
