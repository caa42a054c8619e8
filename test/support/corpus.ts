/**
 * Finds the corpus of real artefacts where it lies beside the clone. Tests that need it skip loudly where it is not.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

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

/** The folder that holds `cases/` and `cases.jsonl`, or null where there is none. `LOADSTONE_CORPUS` names another. */
export function corpusFolder(): string | null {
  const named = process.env.LOADSTONE_CORPUS;
  if (named && existsSync(join(named, 'cases.jsonl'))) return named;
  const unpack = join(sharedFolder(), 'corpus', 'unpack');
  if (!existsSync(unpack)) return null;
  return execFileSync('python3', [unpack], { encoding: 'utf8' }).trim();
}

/** The folder of shared data beside the clone; it need not exist. */
export function sharedFolder(): string {
  return process.env.LOADSTONE_SHARED ?? join(root, '..', 'shared');
}

export function corpusCases(folder: string): CorpusCase[] {
  const lines = readFileSync(join(folder, 'cases.jsonl'), 'utf8').split('\n').filter(Boolean);
  return lines.map(line => JSON.parse(line) as CorpusCase);
}

/** Absolute path of a case's artefact (for a checkpoint: its prefix). */
export function artefactPath(folder: string, entry: CorpusCase): string {
  return join(folder, 'cases', entry.id, entry.artefact);
}
