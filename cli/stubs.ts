/**
 * Writes the definitions to fill in that `inspect --stubs` was asked for: Python to register before loading where the
 * file's name ends in .py, else TypeScript to run the model here.
 */

import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Target } from '../src/eras/write/target.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { pythonStubs } from '../src/mend/stubs.ts';
import { usersCodeOf } from '../src/mend/users-code.ts';
import type { Artefact } from '../src/model/types.ts';
import { stubsText } from '../src/report/stubs.ts';

/** Throws `usage` where the file is there already: what someone filled in is not written over. */
export async function writeStubs(artefact: Artefact, path: string): Promise<void> {
  try {
    await writeFile(path, isPython(path) ? pythonText(artefact) : stubsText(artefact), { flag: 'wx' });
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

function isPython(path: string): boolean {
  return extname(path).toLowerCase() === '.py';
}

/** Classes and functions in the words of the release that wrote the artefact; today's Keras where nothing tells. */
function pythonText(artefact: Artefact): string {
  const { line, keras, tensorflow, backend } = artefact.provenance;
  const target: Target = { line: line ?? 'keras3', keras: keras ?? '3', tensorflow, backend };
  const pieces = pythonStubs(usersCodeOf(artefact), artefact.model, target);
  return pieces.length === 0 ? '# This artefact needs no custom objects.\n' : `${pieces.join('\n\n\n')}\n`;
}
