/** What was changed to make a model load elsewhere, as people read it; or why it cannot be. */

import { describeTarget } from '../eras/write/layer.ts';
import type { MendPlan } from '../mend/mend.ts';

export function mendText(plan: MendPlan, output: string | null, doubt: string | null = null): string {
  const where = describeTarget(plan.target);
  if (output === null) return refusalText(plan, where, doubt);
  const lines = [`${output}: loads in ${where} and computes the same.`];
  if (plan.changes.length > 0) lines.push('', 'Changed:');
  for (const { where: place, before, after, why } of plan.changes) {
    lines.push(`  ${place}: ${before} → ${after}`, `      ${why}`);
  }
  lines.push('', `Written in the words of ${where}; every tensor that no line above names is the same bytes.`);
  return lines.join('\n');
}

function refusalText(plan: MendPlan, where: string, doubt: string | null): string {
  const lines = [`No file was written: ${where} cannot have this model as it is.`, ''];
  for (const { layer, className, what } of plan.refusals) lines.push(`  layer ${layer} (${className}): ${what}`);
  if (doubt) lines.push('', `  Tried: ${doubt}.`);
  return lines.join('\n');
}
