/**
 * How often the doctor foresees what really happened: rehearses every case of the corpus in every environment that was
 * tried, and compares outcome, exception and message with the record.
 *
 *     npx tsx eval/doctor.ts [--cache FILE] [--env ID] [--mode MODE] [--case TEXT] [--misses N] [--floors]
 */

import { parseArgs } from 'node:util';
import { agreement, type Row, ratio } from './doctor/agreement.ts';
import { readOutcomes } from './doctor/outcomes.ts';
import { predictAll } from './doctor/predict.ts';
import { printReport } from './doctor/report.ts';
import { keepFloors } from './floors.ts';

const { values } = parseArgs({
  options: {
    cache: { type: 'string' },
    env: { type: 'string' },
    mode: { type: 'string' },
    case: { type: 'string' },
    misses: { type: 'string', default: '30' },
    floors: { type: 'boolean', default: false },
    messages: { type: 'boolean', default: false },
  },
});

const outcomes = readOutcomes();
if (!outcomes) {
  console.log('no corpus beside the clone: nothing to compare with (LOADSTONE_CORPUS names its folder)');
  process.exit(0);
}
const wanted = outcomes.rows.filter(
  row =>
    (!values.env || row.env === values.env) &&
    (!values.mode || row.mode === values.mode) &&
    (!values.case || row.case.includes(values.case)),
);
const started = Date.now();
const rows: Row[] = await predictAll(outcomes, wanted, values.cache ?? null);
const result = agreement(rows);
printReport(result, rows, Number(values.misses), values.messages);
console.log(`${rows.length} rows in ${((Date.now() - started) / 1000).toFixed(1)} s`);

keepFloors(
  [
    { what: 'outcome and exception type', share: result.outcome, floor: 0.994 },
    { what: 'the same over kinds', share: result.kinds, floor: 0.98 },
    { what: 'first line of the message', share: result.message, floor: 0.95 },
    // Of what differs a quarter cannot be seen in any file: other code under the same names, other activations.
    { what: 'loads that differ, recall', share: ratio(result.differRecall), floor: 0.73 },
    { what: 'loads that differ, precision', share: ratio(result.differPrecision), floor: 0.95 },
  ],
  values.floors,
);
