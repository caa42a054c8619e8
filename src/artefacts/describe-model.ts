/** From a parsed config to a model with what can be inferred of it: the step that all readers with a config share. */

import type { Era } from '../eras/era.ts';
import { isRecord } from '../eras/normalise/values.ts';
import type { Finding } from '../findings/finding.ts';
import type { CustomObjects } from '../layers/custom.ts';
import { type InferOptions, type InferredModel, inferModel } from '../layers/infer.ts';
import type { Json, JsonObject, Model } from '../model/types.ts';
import type { ConfigContext } from './config/context.ts';
import { readModel } from './config/read-model.ts';

export interface Described {
  readonly model: Model;
  readonly inferred: InferredModel;
}

/** Reads and infers a model; null, with findings, where the config describes none. */
export function describeModel(
  config: Json,
  era: Era,
  path: string,
  findings: Finding[],
  customObjects: CustomObjects,
): Described | null {
  const model = readConfig(config, era, path, findings);
  if (!model) return null;
  return inferred(model, findings, customObjects);
}

/** Reads a model from a config of `era`; with `means`, as that Keras would understand the same words. */
export function readConfig(config: Json, era: Era, path: string, findings: Finding[], means?: Era): Model | null {
  return readModel(config, { era, means, ordering: orderingOf(config), path, findings, depth: 0 });
}

/** Infers a model that was already read. */
export function inferred(
  model: Model,
  findings: Finding[],
  customObjects: CustomObjects,
  assets?: InferOptions['assets'],
): Described {
  return describedBy(model, inferModel(model, { customObjects, assets }), findings);
}

/** A model with what was inferred of it; what inferring met joins the findings. */
export function describedBy(model: Model, inference: ReturnType<typeof inferModel>, findings: Finding[]): Described {
  const { findings: met, ...inferredModel } = inference;
  findings.push(...met);
  return { model, inferred: inferredModel };
}

/** Keras 1 leaves the image ordering out of some layers: the one that most others state is the machine's. */
function orderingOf(config: Json): ConfigContext['ordering'] {
  let balance = 0;
  const pending: Json[] = [config];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (isRecord(value)) balance += orderingVote(value);
    for (const inner of Object.values(value)) pending.push(inner as Json);
  }
  return balance > 0 ? 'channels_first' : 'channels_last';
}

function orderingVote({ dim_ordering: stored }: JsonObject): number {
  return stored === 'th' ? 1 : stored === 'tf' ? -1 : 0;
}
