/** Raw facts of what a command was given, for rehearsals: a path that need not exist, a URL, or standard input. */

import { rawAtPath } from '../src/artefacts/node/raw-path.ts';
import { type RawArtefact, readRawArtefact } from '../src/artefacts/raw/index.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { standardInput } from './standard-input.ts';

export async function rawGiven(given: string): Promise<RawArtefact> {
  if (given !== '-') return rawAtPath(given);
  const bytes = await standardInput();
  // Loaders choose the format by the ending; what was piped in has none, so it gets the one that its content asks for.
  const path = `model${endingOf(bytes)}`;
  return readRawArtefact({ kind: 'file', path, source: memorySource(bytes, 'standard input') });
}

/** The same for commands that have nothing to say of what is not there: throws `not-found`. */
export async function rawThere(given: string): Promise<RawArtefact> {
  const raw = await rawGiven(given);
  if (raw.presence !== 'missing') return raw;
  throw new LoadstoneError('not-found', 'there is no such file or folder', { where: given, do: 'Check the path.' });
}

function endingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return '.keras';
  return bytes[0] === 0x7b ? '.json' : '.h5';
}
