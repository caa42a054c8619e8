/** Finds the real artefacts and reports that lie beside the clone; evaluations say so and stop where they are not. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface CorpusCase {
  id: string;
  family: string;
  saved_by: string;
  format: string;
  artefact: string;
  builder: string;
  custom_objects: string[];
  notes: string;
  compiled?: boolean;
  params?: number;
  expected_cause?: string;
}

/** Folder of shared data: `LOADSTONE_SHARED`, or `shared` beside the clone that the command runs in. It need not exist. */
export function sharedFolder(): string {
  return process.env.LOADSTONE_SHARED ?? resolve(process.cwd(), '..', 'shared');
}

/** Folder that holds `cases/` and `cases.jsonl`, unpacked when needed; null where there is no corpus. */
export function corpusFolder(): string | null {
  const named = process.env.LOADSTONE_CORPUS;
  if (named && existsSync(join(named, 'cases.jsonl'))) return named;
  const unpack = join(sharedFolder(), 'corpus', 'unpack');
  if (!existsSync(unpack)) return null;
  return execFileSync('python3', [unpack], { encoding: 'utf8' }).trim();
}

export function corpusCases(folder: string): CorpusCase[] {
  const lines = readFileSync(join(folder, 'cases.jsonl'), 'utf8').split('\n').filter(Boolean);
  return lines.map(line => JSON.parse(line) as CorpusCase);
}

/** Absolute path of a case's artefact (for a checkpoint: its prefix). */
export function artefactPath(folder: string, entry: CorpusCase): string {
  return join(folder, 'cases', entry.id, entry.artefact);
}
