/** Counts of agreement between what was foreseen and what was recorded. */

import type { Rehearsal } from '../../src/rehearsal/types.ts';
import { firstLine, maskKind, maskLine } from './mask.ts';
import type { OutcomeRow } from './outcomes.ts';

export interface Row {
  readonly row: OutcomeRow;
  readonly foreseen: Rehearsal | { readonly broken: string };
}

export interface Share {
  right: number;
  total: number;
}

export interface Agreement {
  /** Outcome and exception type right, of all rows. */
  outcome: number;
  /** The same, averaged over kinds of outcome with five rows or more. */
  kinds: number;
  /** First line of the message equal after masking, of rows that failed. */
  message: number;
  differRecall: Share;
  differPrecision: Share;
  hangs: Share;
  byEnv: Map<string, Share>;
  byMode: Map<string, Share>;
  byKind: Map<string, Share>;
}

/** What the record says, in the doctor's words; null where it does not count. */
export function recorded(row: OutcomeRow): { outcome: string; type: string | null } | null {
  if (row.stage === 'crash') return row.message === 'timeout' ? { outcome: 'hangs', type: null } : null;
  if (!row.ok) return { outcome: 'fails', type: row.exc! };
  return { outcome: row.same === false ? 'loads-but-differs' : 'loads', type: null };
}

export function isRight({ row, foreseen }: Row): boolean {
  const truth = recorded(row);
  if (!truth || 'broken' in foreseen) return false;
  return foreseen.outcome === truth.outcome && (foreseen.exception?.type ?? null) === truth.type;
}

export function kindOf(row: OutcomeRow): string {
  if (row.ok) return row.same === false ? 'loads-but-differs' : 'loads';
  return `${row.stage} ${row.exc}: ${maskKind(row.message ?? '')}`;
}

export function sameMessage({ row, foreseen }: Row): boolean {
  if ('broken' in foreseen || !foreseen.exception) return false;
  return foreseen.exception.type === row.exc && sameLine(foreseen.exception.message, row.message ?? '');
}

function sameLine(foreseen: string, found: string): boolean {
  const whole = maskLine(found);
  if (maskLine(foreseen) === whole) return true;
  // A recorded message that was cut off cannot be compared to its end.
  const cut = firstLine(found).length >= 1490;
  return (
    cut &&
    maskLine(firstLine(foreseen).slice(0, firstLine(found).length - 10)).slice(0, -20) ===
      whole.slice(0, maskLine(firstLine(foreseen).slice(0, firstLine(found).length - 10)).length - 20)
  );
}

export function agreement(rows: readonly Row[]): Agreement {
  const counted = rows.filter(({ row }) => row.stage !== 'crash');
  const total = { right: 0, total: 0 };
  const messages = { right: 0, total: 0 };
  const shares = { env: new Map<string, Share>(), mode: new Map<string, Share>(), kind: new Map<string, Share>() };
  const differs = { recall: { right: 0, total: 0 }, precision: { right: 0, total: 0 } };
  for (const entry of counted) {
    const right = isRight(entry);
    add(total, right);
    add(shareOf(shares.env, entry.row.env), right);
    add(shareOf(shares.mode, entry.row.mode), right);
    add(shareOf(shares.kind, kindOf(entry.row)), right);
    if (!entry.row.ok) add(messages, sameMessage(entry));
    const says = !('broken' in entry.foreseen) && entry.foreseen.outcome === 'loads-but-differs';
    if (entry.row.ok && entry.row.same === false) add(differs.recall, says);
    if (says && !(entry.row.ok && entry.row.same === null))
      add(differs.precision, entry.row.ok && entry.row.same === false);
  }
  const hangs = { right: 0, total: 0 };
  for (const entry of rows)
    if (entry.row.stage === 'crash' && entry.row.message === 'timeout') add(hangs, isRight(entry));
  const kinds = [...shares.kind.values()].filter(share => share.total >= 5);
  return {
    outcome: ratio(total),
    kinds: kinds.reduce((sum, share) => sum + ratio(share), 0) / Math.max(1, kinds.length),
    message: ratio(messages),
    differRecall: differs.recall,
    differPrecision: differs.precision,
    hangs,
    byEnv: shares.env,
    byMode: shares.mode,
    byKind: shares.kind,
  };
}

export function ratio({ right, total }: Share): number {
  return total === 0 ? 1 : right / total;
}

function add(share: Share, right: boolean): void {
  share.total += 1;
  if (right) share.right += 1;
}

function shareOf(shares: Map<string, Share>, key: string): Share {
  const known = shares.get(key);
  if (known) return known;
  const made = { right: 0, total: 0 };
  shares.set(key, made);
  return made;
}
