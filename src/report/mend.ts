/** What was changed to make a model load elsewhere, as people read it; or why it cannot be. */

import { describeTarget } from '../eras/write/layer.ts';
import type { TensorDigest } from '../mend/digest.ts';
import { type ShapeChange, shapeText } from '../mend/input-shape.ts';
import type { MendPlan } from '../mend/mend.ts';
import type { Change } from '../mend/step.ts';
import type { Rehearsal } from '../rehearsal/types.ts';

export interface MendOutcome {
  readonly plan: MendPlan;
  /** What stood in the way of the artefact's own load, and does not in the copy's. */
  readonly answered: readonly Change[];
  /** Inputs that were declared anew, as asked. */
  readonly declared: readonly Change[];
  readonly shapes: readonly ShapeChange[];
  /** Null where nothing was written. */
  readonly output: string | null;
  /** Why the copy would compute something else. */
  readonly doubt: string | null;
  /** The load of the copy, rehearsed; null where none was written to try. */
  readonly rehearsal: Rehearsal | null;
  readonly digest: TensorDigest | null;
}

/** Things listed one by one before only their number is told. */
const maxListed = 10;

/** `stubs`: Python to fill in, where only the user's own code mends it. */
export function mendText(outcome: MendOutcome, stubs: readonly string[] = []): string {
  const where = describeTarget(outcome.plan.target);
  if (outcome.output === null) return refusalText(outcome, where, stubs);
  const lines = [`${outcome.output}: loads in ${where} and computes the same.`];
  if (outcome.answered.length > 0) lines.push('', 'Stood in the way, and does not in the copy:');
  for (const { where: place, before, failure } of outcome.answered.slice(0, maxListed)) {
    lines.push(`  ${place}: ${before}   [${failure}]`);
  }
  if (outcome.answered.length > maxListed)
    lines.push(`  and ${outcome.answered.length - maxListed} more; --json lists all`);
  const changes = [...outcome.declared, ...outcome.plan.changes];
  if (changes.length > 0) lines.push('', 'Changed:');
  for (const { where: place, before, after, why } of changes) {
    lines.push(`  ${place}: ${before} → ${after}`, `      ${why}`);
  }
  if (outcome.shapes.length > 0) lines.push('', 'Output shapes that are others now:');
  for (const { layer, before, after } of outcome.shapes) {
    lines.push(`  ${layer}: ${shapeText(before)} → ${shapeText(after)}`);
  }
  if (outcome.digest) lines.push('', ...digestLines(outcome.digest));
  return lines.join('\n');
}

function digestLines({ unchanged, changed }: TensorDigest): string[] {
  const { tensors, bytes, before, after } = unchanged;
  const same = [
    `${tensors} tensors (${bytes.toLocaleString('en')} bytes) are the same bytes, SHA-256 over them`,
    `  before ${before}`,
    `  after  ${after}`,
  ];
  const lines = tensors > 0 ? same : [];
  if (changed.length === 0) return lines;
  lines.push(`${changed.length} tensors are written otherwise:`);
  for (const { tensor, why } of changed.slice(0, maxListed)) lines.push(`  ${tensor}: ${why}`);
  if (changed.length > maxListed) lines.push(`  and ${changed.length - maxListed} more; --json lists all`);
  return lines;
}

function refusalText({ plan, doubt, rehearsal }: MendOutcome, where: string, stubs: readonly string[]): string {
  const lines = [`No file was written: ${where} cannot have this model as it is.`, ''];
  for (const { layer, className, what } of plan.refusals) lines.push(`  layer ${layer} (${className}): ${what}`);
  if (doubt) lines.push(`  Tried: ${doubt}.`);
  if (rehearsal && rehearsal.outcome !== 'loads') {
    const said = rehearsal.exception
      ? `${rehearsal.exception.type}: ${rehearsal.exception.message}`
      : 'nothing, it hangs';
    lines.push(`  Its load of the copy would say ${said}`);
  }
  if (stubs.length > 0)
    lines.push('', 'Your own code is needed there; to fill in and register:', '', ...stubs.join('\n\n').split('\n'));
  return lines.join('\n');
}
