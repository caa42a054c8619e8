/** The arrays that were given to `predict` beside each case of the corpus, as far as a rehearsal asks for them. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '../../src/bytes/memory.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import { type GivenInput, givenInput } from '../../src/rehearsal/predict/given.ts';

/** Null where the case has none. */
export async function readGiven(folder: string, id: string): Promise<readonly GivenInput[] | null> {
  const path = join(folder, 'cases', id, 'in.npz');
  if (!existsSync(path)) return null;
  const arrays = await readNpz(memorySource(readFileSync(path), path));
  const given: GivenInput[] = [];
  for (let index = 0; arrays.has(`in_${index}`); index += 1) given.push(givenInput(arrays.get(`in_${index}`)!));
  return given;
}
