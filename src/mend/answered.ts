/**
 * What stood in the way of a load, as changes. A copy is written in its release's own words, which answers many
 * obstacles at once without any step of its own; people still want to read what was in the way and where.
 */

import { describeTarget } from '../eras/write/layer.ts';
import type { Target } from '../eras/write/target.ts';
import type { Obstacle, Rehearsal } from '../rehearsal/types.ts';
import type { Change } from './step.ts';

/** The obstacles of the artefact's own load, each thing once, in the order in which the loader would meet them. */
export function answeredObstacles({ obstacles }: Rehearsal, target: Target): Change[] {
  const after = `in the words of ${describeTarget(target)}`;
  const changes = obstacles
    .filter(({ kind, failure }) => kind !== 'remark' && failure !== null)
    .flatMap(obstacle => sights(obstacle).map(sight => ({ ...sight, after, why: saying(obstacle) })));
  const seen = new Set<string>();
  return changes.filter(({ failure, where, before }) => {
    const id = JSON.stringify([failure, where, before]);
    return !seen.has(id) && seen.add(id);
  });
}

function sights({ failure, evidence, stage }: Obstacle): Pick<Change, 'failure' | 'where' | 'before'>[] {
  const id = failure as string;
  if (evidence.length === 0) return [{ failure: id, where: stage, before: 'as stored' }];
  return evidence.map(({ text, where }) => ({ failure: id, where: where ?? stage, before: text }));
}

function saying({ exception }: Obstacle): string {
  if (!exception) return 'it would load there, and compute something else';
  const [first = ''] = exception.message.split('\n');
  return `${exception.type}: ${first.length > 200 ? `${first.slice(0, 199)}…` : first}`;
}
