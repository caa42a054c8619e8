/** The recorded outcomes of the corpus. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CorpusCase, corpusCases, corpusFolder } from '../../test/support/corpus.ts';

export interface OutcomeRow {
  readonly case: string;
  readonly mode: 'default' | 'nocompile' | 'custom' | 'unsafe' | 'weights' | 'json';
  readonly env: string;
  readonly ok: boolean;
  readonly stage: string;
  readonly exc?: string;
  readonly message?: string;
  readonly where?: readonly string[];
  /** The numbers were those of the saving environment; absent where nothing was compared. */
  readonly same?: boolean | null;
}

export interface Outcomes {
  readonly folder: string;
  readonly cases: ReadonlyMap<string, CorpusCase>;
  readonly rows: readonly OutcomeRow[];
}

/** Null where there is no corpus. */
export function readOutcomes(): Outcomes | null {
  const folder = corpusFolder();
  if (!folder) return null;
  const text = gunzipSync(readFileSync(join(folder, 'outcomes.jsonl.gz'))).toString('utf8');
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line.replaceAll(/: (-?Infinity|NaN)(?=[,}])/g, ': null')) as OutcomeRow);
  return { folder, cases: new Map(corpusCases(folder).map(entry => [entry.id, entry])), rows };
}
