/** Writes the definitions to fill in that `inspect --stubs` was asked for. */

import { writeFile } from 'node:fs/promises';
import { LoadstoneError } from '../src/findings/errors.ts';
import type { Artefact } from '../src/model/types.ts';
import { stubsText } from '../src/report/stubs.ts';

/** Throws `usage` where the file is there already: what someone filled in is not written over. */
export async function writeStubs(artefact: Artefact, path: string): Promise<void> {
  try {
    await writeFile(path, stubsText(artefact), { flag: 'wx' });
  } catch (cause) {
    const exists = (cause as { code?: string }).code === 'EEXIST';
    throw new LoadstoneError(
      exists ? 'usage' : 'io',
      exists ? 'the file for the stubs is there already' : 'the stubs cannot be written',
      {
        where: path,
        do: exists ? 'Name another file, or remove that one.' : 'Check that the folder exists and can be written to.',
        cause,
      },
    );
  }
}
