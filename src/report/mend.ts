/** What was changed to make a model load elsewhere, as people read it; or why it cannot be. */

import { describeTarget } from '../eras/write/layer.ts';
import type { TensorDigest } from '../mend/digest.ts';
import { type ShapeChange, shapeText } from '../mend/input-shape.ts';
import type { MendPlan } from '../mend/mend.ts';
import type { Change } from '../mend/step.ts';
import { type UsersCode, withoutUsersCode } from '../mend/users-code.ts';
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
  /** Code of the user's own that the copy needs. */
  readonly needed: readonly UsersCode[];
  /** The same to fill in and run. */
  readonly python: readonly string[];
}

/** Things listed one by one before only their number is told. */
const maxListed = 10;

/** `again` is the call that writes a copy for those who have code that it needs; null where this was that call. */
export function mendText(outcome: MendOutcome, again: string | null): string {
  const where = describeTarget(outcome.plan.target);
  if (outcome.output === null) return refusalText(outcome, where, again);
  const own = [...new Set(outcome.needed.map(({ object }) => object.name))].join(', ');
  const given = own === '' ? '' : `, where your own ${own} is registered,`;
  const lines = [`${outcome.output}: loads in ${where}${given} and computes the same.`];
  if (outcome.answered.length > 0) lines.push('', 'Stood in the way, and does not in the copy:');
  for (const { where: place, before, failure } of outcome.answered.slice(0, maxListed)) {
    lines.push(`  ${place}: ${before}   [${failure}]`);
  }
  if (outcome.answered.length > maxListed)
    lines.push(`  and ${outcome.answered.length - maxListed} more; --json lists all`);
  const changes = [...outcome.declared, ...outcome.plan.changes];
  if (changes.length > 0) lines.push('', 'Changed:');
  else if (outcome.answered.length === 0)
    lines.push('', 'Nothing in it had to change but the form in which it is written.');
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

function refusalText(
  { plan, doubt, rehearsal, needed, python }: MendOutcome,
  where: string,
  again: string | null,
): string {
  const onlyCode = needed.length > 0 && plan.refusals.length === 0 && doubt === null;
  const because = onlyCode
    ? `${where} needs code of your own to load this model`
    : `${where} cannot have this model as it is`;
  const lines = [`No file was written: ${because}.`, ''];
  const coded = new Set(needed.map(({ layer }) => layer));
  const refusals = plan.refusals.filter(({ layer, key }) => key !== null || !coded.has(layer));
  for (const { layer, className, what } of [...refusals, ...withoutUsersCode(needed)]) {
    lines.push(`  layer ${layer} (${className}): ${what}`);
  }
  if (doubt) lines.push(`  Tried: ${doubt}.`);
  if (!onlyCode && rehearsal && rehearsal.outcome !== 'loads') {
    const { exception } = rehearsal;
    const said = exception ? `${exception.type}: ${innermost(exception.message)}` : 'nothing, it hangs';
    lines.push(`  Its load of the copy would say ${said}`);
  }
  if (python.length === 0) return lines.join('\n');
  lines.push('', 'Fill this in and run it before load_model:', '', ...python.join('\n\n').split('\n'));
  if (onlyCode && again) lines.push('', 'A copy that loads with it is written by', `  ${again}`);
  return lines.join('\n');
}

/** Keras 3 prints the configs of everything around what went wrong, and names that last. */
function innermost(message: string): string {
  const said = message.split('Exception encountered: ').at(-1) ?? message;
  const [first = ''] = said
    .replace(/ ?Full object config:.*/s, '')
    .trim()
    .split('\n');
  return first.length > 300 ? `${first.slice(0, 299)}…` : first;
}
