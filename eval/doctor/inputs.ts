/** The arrays that were given to `predict` beside each case of the corpus, as far as a rehearsal asks for them. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '../../src/bytes/memory.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import type { GivenInput } from '../../src/rehearsal/predict/given.ts';

/** Null where the case has none. */
export async function readGiven(folder: string, id: string): Promise<readonly GivenInput[] | null> {
  const path = join(folder, 'cases', id, 'in.npz');
  if (!existsSync(path)) return null;
  const arrays = await readNpz(memorySource(readFileSync(path), path));
  const given: GivenInput[] = [];
  for (let index = 0; arrays.has(`in_${index}`); index += 1) given.push(givenOf(arrays.get(`in_${index}`)!));
  return given;
}

export function givenOf({ shape, dtype, data }: Tensor): GivenInput {
  if (dtype === 'string') return { shape, kind: 'text', range: null };
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    least = Math.min(least, Number(value));
    greatest = Math.max(greatest, Number(value));
  }
  return { shape, kind: 'number', range: data.length > 0 ? [least, greatest] : null };
}
