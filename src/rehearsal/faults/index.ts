/** Faults of an artefact's own: told whatever loads it, the gravest first. Facts are the bytes alone. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { archiveFault } from './archive.ts';
import { contradiction, foreignCode, missingVersion, vocabularyPath } from './config.ts';
import { foreignContent, linkedWeights, madeForTensorflowJs } from './content.ts';
import { damagedBundle, damagedState, damageOf, somethingBehind } from './damage.ts';
import { oddName } from './names.ts';
import { otherPrecision } from './precision.ts';
import { trainingFault, unknownSetting } from './training.ts';
import type { Fault } from './types.ts';
import { implausibleValues } from './values.ts';
import { weightsRoot } from './walk.ts';
import { foreignKey } from './words.ts';
import { zeroedAfterTraining } from './zeroed.ts';

export type { Fault } from './types.ts';

const detectors: readonly ((raw: RawArtefact) => Fault | null)[] = [
  foreignCode,
  vocabularyPath,
  damageOf,
  raw => linkedWeights(weightsRoot(raw)),
  damagedBundle,
  madeForTensorflowJs,
  foreignContent,
  archiveFault,
  somethingBehind,
  implausibleValues,
  damagedState,
  zeroedAfterTraining,
  missingVersion,
  contradiction,
  foreignKey,
  otherPrecision,
  trainingFault,
  unknownSetting,
  oddName,
];

const kept = new WeakMap<RawArtefact, { readonly fault: Fault | null }>();

/** The gravest fault that the artefact shows by itself; null where nothing is wrong with it. */
export function faultOf(raw: RawArtefact): Fault | null {
  const known = kept.get(raw);
  if (known) return known.fault;
  let found: Fault | null = null;
  for (const detect of detectors) {
    found = detect(raw);
    if (found) break;
  }
  kept.set(raw, { fault: found });
  return found;
}
