/** Which cases of the corpus an evaluation of converted models takes. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CorpusCase, corpusCases } from './corpus.ts';

export interface Choice {
  /** A regular expression over id, builder and family. */
  readonly filter: string;
  /** Every artefact, not one of each builder. */
  readonly all: boolean;
  /** At most so many, spread evenly. */
  readonly limit: string;
}

/** Sound files with recorded outputs, `.h5` and `.keras`. */
export function choose(root: string, { filter, all, limit }: Choice): CorpusCase[] {
  const seen = new Set<string>();
  const wanted = new RegExp(filter);
  const found = corpusCases(root).filter(entry => {
    if (entry.id.startsWith('fault.')) return false;
    if (!['h5', 'keras'].includes(entry.format) || !existsSync(join(root, 'cases', entry.id, 'out.npz'))) return false;
    if (!wanted.test(`${entry.id} ${entry.builder} ${entry.family}`)) return false;
    if (!all && seen.has(entry.builder)) return false;
    seen.add(entry.builder);
    return true;
  });
  const step = Math.max(1, found.length / Number(limit));
  return found.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
