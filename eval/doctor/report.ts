/** The agreement table and the commonest misses, for people. */

import { type Agreement, isRight, type Row, ratio, recorded, type Share, sameMessage } from './agreement.ts';
import { firstLine, groupBy, maskKind } from './mask.ts';

const percent = (value: number) => `${(100 * value).toFixed(2)} %`;

function line(name: string, share: Share): string {
  return `  ${name.padEnd(30)} ${String(share.right).padStart(6)} / ${String(share.total).padEnd(6)} ${percent(ratio(share))}`;
}

export function printReport(result: Agreement, rows: readonly Row[], misses: number, messages: boolean): void {
  for (const [name, shares] of [
    ['environment', result.byEnv],
    ['mode', result.byMode],
  ] as const) {
    console.log(`by ${name}`);
    for (const [key, share] of [...shares].sort(([a], [b]) => a.localeCompare(b))) console.log(line(key, share));
  }
  printMisses(rows, misses);
  if (messages) printMessages(rows, misses);
  console.log(`outcome and exception type      ${percent(result.outcome)}`);
  console.log(`average over kinds              ${percent(result.kinds)}`);
  console.log(`first line of the message       ${percent(result.message)}`);
  console.log(line('loads-but-differs, recall', result.differRecall));
  console.log(line('loads-but-differs, precision', result.differPrecision));
  console.log(line('endless loops', result.hangs));
}

function describe(entry: Row): { truth: string; said: string } {
  const { row, foreseen } = entry;
  const { outcome, type } = recorded(row) ?? { outcome: 'crash', type: null };
  const truth = `${outcome}${type ? ` ${type} at ${row.stage}: ${maskKind(row.message ?? '').slice(0, 90)}` : ''}`;
  if ('broken' in foreseen) return { truth, said: `BROKEN ${foreseen.broken.slice(0, 300)}` };
  const { exception } = foreseen;
  return {
    truth,
    said: `${foreseen.outcome}${exception ? ` ${exception.type}: ${maskKind(exception.message).slice(0, 90)}` : ''}`,
  };
}

function printMisses(rows: readonly Row[], limit: number): void {
  const wrong = rows.filter(entry => entry.row.stage !== 'crash' && !isRight(entry));
  console.log(`commonest misses, of ${wrong.length}`);
  print(wrong, limit, entry => {
    const { truth, said } = describe(entry);
    return `was ${truth}\n      said ${said}`;
  });
}

function printMessages(rows: readonly Row[], limit: number): void {
  const wrong = rows.filter(
    entry => entry.row.stage !== 'crash' && isRight(entry) && !entry.row.ok && !sameMessage(entry),
  );
  console.log(`right in type, other words: ${wrong.length}`);
  print(wrong, limit, ({ row, foreseen }) => {
    const said = 'broken' in foreseen ? '' : (foreseen.exception?.message ?? '');
    return `was ${maskKind(firstLine(row.message ?? '')).slice(0, 110)}\n      said ${maskKind(firstLine(said)).slice(0, 110)}`;
  });
}

function print(rows: readonly Row[], limit: number, keyOf: (entry: Row) => string): void {
  const groups = [...groupBy(rows, keyOf)].sort(([, a], [, b]) => b.length - a.length);
  for (const [key, group] of groups.slice(0, limit)) {
    const { row } = group[0]!;
    console.log(`${String(group.length).padStart(6)} ${key}\n      e.g. ${row.case} | ${row.env} | ${row.mode}`);
  }
}
