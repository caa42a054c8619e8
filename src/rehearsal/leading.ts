/**
 * Which of several obstacles a rehearsal is named by. What a loader says first leads, with one exception: where only the
 * training state stands in the way because of the release, what is wrong with the artefact itself is what must be known.
 */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { faultOf } from './faults/index.ts';
import { ownTraining } from './faults/training.ts';
import type { Obstacle } from './types.ts';

/** Failures that lie between the artefact and that environment; another one would not have them. */
export const between: ReadonlySet<string> = new Set([
  'newer-file-older-keras',
  'older-file-newer-keras',
  'keras2-file-in-keras3',
  'keras3-file-in-keras2',
  'keras1-config',
  'savedmodel-in-keras3',
  'tf1-api-in-tf2',
  'h5py3-decode',
  'keras-regression',
  'nested-model-reload-bug',
  'lambda-marshal-python-version',
  'lambda-encoding-change',
  'backend-mismatch-theano',
  'optimizer-state-mismatch',
]);

/** A complaint of the release about training alone: predictions do without it. */
export function isYielding({ kind, stage, failure }: Obstacle): boolean {
  return kind === 'raises' && stage === 'compile' && failure !== null && between.has(failure);
}

/** The obstacle that leads, of those in the order in which a loader would meet them; with what else is to be told of it. */
export function leading(raw: RawArtefact, obstacles: readonly Obstacle[]): Obstacle {
  const first = obstacles[0]!;
  if (!isYielding(first)) return first;
  const own = obstacles.find(isOwn) ?? ownFault(raw, first);
  return own ? { ...own, evidence: [...own.evidence, ...first.evidence] } : first;
}

/** Of the artefact, not of the release: what Keras changed its mind about is the release's. */
function isOwn({ kind, failure }: Obstacle): boolean {
  return failure !== null && !between.has(failure) && !(kind === 'differs' && failure === 'silent-wrong-predictions');
}

function ownFault(raw: RawArtefact, { stage }: Obstacle): Obstacle | null {
  const unknown = ownTraining(raw);
  const found = faultOf(raw) ?? unknown;
  if (!found) return null;
  const { failure, evidence } = found;
  const custom = found === unknown ? unknown.name : null;
  return { kind: 'remark', stage, exception: null, failure, evidence: [evidence], custom };
}
