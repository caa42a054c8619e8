/** Which artefacts of the corpus are mended for an environment, and how near their numbers must come. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CorpusCase, corpusCases } from '../corpus.ts';

interface Outcome {
  case: string;
  env: string;
  mode: string;
  ok: boolean;
  same?: boolean;
  stage: string;
}

export interface Choice {
  readonly filter: RegExp;
  readonly limit: number;
  /** Those that load there as they are too: mending must not break what is whole. */
  readonly healthy: boolean;
  /** Damaged artefacts too. */
  readonly faults: boolean;
}

/** Models only: weights alone have no architecture to mend. */
const formats = new Set(['h5', 'keras', 'savedmodel']);

/** Outcomes of plain load_model there by case, the harness's own crashes aside. */
function outcomesIn(folder: string, environment: string): Map<string, Outcome> {
  const lines = gunzipSync(readFileSync(join(folder, 'outcomes.jsonl.gz')))
    .toString()
    .split('\n');
  const rows = lines
    .filter(line => line.includes(`"env": "${environment}"`) && line.includes('"mode": "default"'))
    .map(line => JSON.parse(line.replace(/-?\bInfinity\b|\bNaN\b/g, 'null')) as Outcome);
  return new Map(rows.filter(row => row.stage !== 'crash').map(row => [row.case, row]));
}

/**
 * Artefacts without custom objects that failed there, or computed something else; a sample spread over all of them.
 * Where no load was recorded, every artefact.
 */
export function candidates(folder: string, environment: string, choice: Choice): CorpusCase[] {
  const outcomes = outcomesIn(folder, environment);
  const fails = (id: string) => !outcomes.get(id)?.ok || outcomes.get(id)?.same === false;
  const all = corpusCases(folder).filter(
    entry =>
      (outcomes.has(entry.id) || outcomes.size === 0) &&
      (choice.healthy || fails(entry.id)) &&
      formats.has(entry.format) &&
      (choice.faults || !entry.family.startsWith('fault:')) &&
      entry.custom_objects.length === 0 &&
      choice.filter.test(entry.id),
  );
  const step = Math.max(1, Math.floor(all.length / choice.limit));
  return all.filter((_, index) => index % step === 0).slice(0, choice.limit);
}

/** 16-bit and quantised layers compute coarsely (contract: same numbers). */
export function toleranceOf({ id }: CorpusCase): readonly [number, number] {
  if (/bf16|bfloat16|int8|quant|float8/.test(id)) return [3e-2, 3e-2];
  return /fp16|float16|mixed|policy/.test(id) ? [1e-2, 1e-2] : [1e-4, 1e-3];
}
