/**
 * Agreement of `explain` with real reports: for each report in `reports.jsonl`, is its cause named first, and among the
 * first three? Prints the table and the misses.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '../src/failures/explain/explain.ts';
import { sharedFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';

interface Report {
  id: string;
  error: string | null;
  traceback: string | null;
  cause: string;
  acceptable_from_text: string[];
  error_kind: string;
}

interface Tally {
  reports: number;
  first: number;
  three: number;
}

function textOf({ error, traceback }: Report): string {
  return [traceback, error].filter(Boolean).join('\n');
}

export function evaluateExplain(): { tally: Record<string, Tally>; misses: string[] } | null {
  const path = join(sharedFolder(), 'reports.jsonl');
  if (!existsSync(path)) return null;
  const reports = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Report);
  const tally: Record<string, Tally> = {};
  const misses: string[] = [];
  for (const report of reports) {
    const named = explain(textOf(report)).causes.map(cause => cause.failure);
    const right = (id: string | undefined) => id === report.cause || report.acceptable_from_text.includes(id ?? '');
    for (const kind of ['all', report.error_kind]) {
      tally[kind] ??= { reports: 0, first: 0, three: 0 };
      const row = tally[kind];
      row.reports += 1;
      if (right(named[0])) row.first += 1;
      if (named.slice(0, 3).some(right)) row.three += 1;
    }
    if (!right(named[0]))
      misses.push(`${report.id} [${report.error_kind}] ${report.cause}: ${named.slice(0, 3).join(', ') || 'nothing'}`);
  }
  return { tally, misses };
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`.padStart(8);
}

const result = evaluateExplain();
if (!result) {
  console.error('No reports.jsonl beside the clone: nothing to evaluate. LOADSTONE_SHARED names its folder.');
} else {
  console.log('reports                          first   of three');
  for (const [kind, { reports, first, three }] of Object.entries(result.tally)) {
    console.log(
      `${String(reports).padStart(5)} ${kind.padEnd(26)}${percent(first, reports)}${percent(three, reports)}`,
    );
  }
  for (const miss of result.misses) console.log(`  missed: ${miss}`);
  const { reports, first, three } = result.tally.all as Tally;
  const reached = [
    { what: 'real reports whose first cause is right', share: first / reports, floor: 0.95 },
    { what: 'real reports whose cause is among three', share: three / reports, floor: 0.97 },
  ];
  keepFloors(reached, process.argv.includes('--floors'));
}
