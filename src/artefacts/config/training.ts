/** How a model was to be trained, from `training_config` of an .h5 or `compile_config` of an archive. */

import { isRecord } from '../../eras/normalise/values.ts';
import type { Json, TensorRef, Training } from '../../model/types.ts';

/** Reads the compile arguments of any era; null where there are none. */
export function readTraining(stored: Json | null, optimizerWeights: readonly TensorRef[]): Training | null {
  if (!isRecord(stored)) return null;
  return {
    optimizer: stored.optimizer_config ?? stored.optimizer ?? null,
    loss: stored.loss ?? null,
    metrics: stored.metrics ?? null,
    lossWeights: stored.loss_weights ?? null,
    stored,
    optimizerStateSaved: optimizerWeights.length > 0,
    optimizerWeights,
  };
}
