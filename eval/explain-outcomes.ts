/**
 * Whether `explain` finds, from the message alone, what the doctor finds from the artefact: for each kind of recorded
 * exception some rows are rehearsed, and the failure that the doctor names must be among the causes of the message.
 *
 *     npx tsx eval/explain-outcomes.ts [--misses N] [--floors]
 */

import { parseArgs } from 'node:util';
import { explain } from '../src/failures/explain/explain.ts';
import { kindOf } from './doctor/agreement.ts';
import { groupBy } from './doctor/mask.ts';
import { type OutcomeRow, readOutcomes } from './doctor/outcomes.ts';
import { predictAll } from './doctor/predict.ts';
import { keepFloors } from './floors.ts';

const { values } = parseArgs({
  options: { misses: { type: 'string', default: '25' }, floors: { type: 'boolean', default: false } },
});

/** Rows of one kind that are rehearsed. */
const rowsPerKind = 3;

interface Kind {
  readonly rows: number;
  readonly text: string;
  /** What the doctor names for rows whose exception it foresees. */
  readonly foreseen: readonly string[];
  readonly causes: readonly string[];
}

const outcomes = readOutcomes();
if (!outcomes) {
  console.log('no corpus beside the clone: nothing to compare with (LOADSTONE_CORPUS names its folder)');
  process.exit(0);
}

/** Our own recorder's errors and machines' crashes are no loader's words. */
const failing = outcomes.rows.filter(
  row => !row.ok && row.message && row.stage !== 'crash' && row.exc !== 'LookupError',
);
const groups = groupBy(failing, kindOf);
const chosen = [...groups.values()].flatMap(rows => rows.slice(0, rowsPerKind));
const predicted = groupBy(await predictAll(outcomes, chosen, null), ({ row }) => kindOf(row));

function textOf(row: OutcomeRow): string {
  return `${row.exc}: ${row.message}`;
}

const kinds: Kind[] = [...groups].map(([kind, rows]) => {
  const foreseen = predicted.get(kind)!.flatMap(({ row, foreseen: said }) => {
    return 'broken' in said || said.exception?.type !== row.exc || !said.failure ? [] : [said.failure];
  });
  const text = textOf(rows[0]!);
  return { rows: rows.length, text, foreseen, causes: explain(text).causes.map(cause => cause.failure) };
});

function share(name: string, holds: (kind: Kind) => boolean, among: readonly Kind[]): number {
  const held = among.filter(holds);
  const rows = (list: readonly Kind[]) => list.reduce((sum, kind) => sum + kind.rows, 0);
  console.log(`${name}: ${held.length} of ${among.length} kinds, ${rows(held)} of ${rows(among)} rows`);
  const missed = among.filter(kind => !holds(kind)).sort((a, b) => b.rows - a.rows);
  for (const { rows: count, text, foreseen, causes } of missed.slice(0, Number(values.misses))) {
    const names = `doctor ${[...new Set(foreseen)].join(', ') || '–'}; explain ${causes.slice(0, 3).join(', ') || '–'}`;
    console.log(`  ${count} ${text.slice(0, 220).replaceAll('\n', '⏎')}\n      ${names}`);
  }
  return held.length / among.length;
}

const explained = share('a cause is found', kind => kind.causes.length > 0, kinds);
const known = kinds.filter(kind => kind.foreseen.length > 0);
const shared = share(
  "the doctor's failure is among the first three causes",
  kind => kind.foreseen.some(failure => kind.causes.slice(0, 3).includes(failure)),
  known,
);
keepFloors(
  [
    { what: 'a cause for each kind of exception', share: explained, floor: 0.96 },
    { what: "the doctor's failure among the causes", share: shared, floor: 0.93 },
  ],
  values.floors,
);
