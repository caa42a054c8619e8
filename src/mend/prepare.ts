/**
 * Brings a model to a release: applies the mends, writes its config in the release's words, and reads that back as the
 * release would, so that what would load and mean something else is found before anything is written.
 */

import type { Target } from '../eras/write/target.ts';
import { type InferredModel, inferModel } from '../layers/infer.ts';
import type { JsonObject, Model } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import type { ConfigNote, ConfigRefusal } from '../writers/config/context.ts';
import { writeModelConfig } from '../writers/config/model-config.ts';
import type { Change } from './step.ts';
import { mendSteps } from './steps/index.ts';
import { type Difference, differencesOnReading } from './verify.ts';

export interface Prepared {
  readonly model: Model;
  readonly inferred: InferredModel;
  /** In the release's words. */
  readonly config: JsonObject;
  readonly changes: readonly Change[];
  readonly notes: readonly ConfigNote[];
  /** Why the release cannot have this model; empty where it can. */
  readonly refusals: readonly ConfigRefusal[];
  /** What the release would understand otherwise. Whether it matters (a rule for masks where there are none), a run tells. */
  readonly doubts: readonly Difference[];
}

export function prepareModel(model: Model, target: Target, dialect: 'h5' | 'v3'): Prepared {
  const changes: Change[] = [];
  const tell = (change: Change) => changes.push(change);
  const mended = mendSteps.reduce((before, step) => step.apply(before, target, tell, dialect), model);
  const inferred = inferModel(mended);
  const notes: ConfigNote[] = [];
  const refusals: ConfigRefusal[] = [];
  const config = writeModelConfig(mended, inferred, { target, dialect, notes, refusals });
  const masks = makesMasks(mended);
  const read = differencesOnReading(mended, config, target).filter(({ key }) => masks || !/mask/.test(key));
  const doubts = refusals.length > 0 ? [] : [...read, ...saidAnew(changes)];
  return { model: mended, inferred, config, changes, notes, refusals, doubts };
}

/** Rules for masks matter only where a layer makes one; of the user's own layers no one knows. */
function makesMasks(model: Model): boolean {
  return [...allLayers(model)].some(({ className, origin, config }) => {
    return origin === 'custom' || className === 'Masking' || config.mask_zero === true;
  });
}

/** Layers that were said by other means are in doubt until a run shows the same numbers. */
function saidAnew(changes: readonly Change[]): Difference[] {
  return changes.flatMap(({ said, before, after }) => {
    return said === undefined
      ? []
      : [{ layer: said, className: before, key: 'call', meant: before, understood: after }];
  });
}
