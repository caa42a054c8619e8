/** What real Keras computed for an artefact of the corpus. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memorySource } from '../src/bytes/memory.ts';
import { readNpz } from '../src/containers/npy/index.ts';
import type { Tensor } from '../src/numbers/tensor.ts';

export { disagreement } from './agreement.ts';

/** The arrays `in_0 …` or `out_0 …` of a case, in their order. */
export async function recorded(root: string, id: string, kind: 'in' | 'out'): Promise<Tensor[]> {
  const path = join(root, 'cases', id, `${kind}.npz`);
  const arrays = await readNpz(memorySource(await readFile(path), path));
  return Array.from(arrays.keys(), (_, at) => arrays.get(`${kind}_${at}`)!);
}
