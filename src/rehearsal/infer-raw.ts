/** What a stored architecture needs of weights: its config read into a model and inferred. Kept by artefact. */

import { describeModel } from '../artefacts/describe-model.ts';
import type { RawArtefact } from '../artefacts/raw/index.ts';
import { eraOf } from '../eras/era.ts';
import { traceProvenance } from '../eras/provenance.ts';
import { noCustomObjects } from '../layers/custom.ts';
import type { InferredModel } from '../layers/infer.ts';
import type { Json, JsonObject } from '../model/types.ts';
import { attributeText, storedBy } from './stored.ts';

const kept = new WeakMap<RawArtefact, InferredModel | null>();

/** Null where there is no config, or it cannot be read as one. */
export function inferRaw(raw: RawArtefact): InferredModel | null {
  const known = kept.get(raw);
  if (known !== undefined) return known;
  const found = infer(raw);
  kept.set(raw, found);
  return found;
}

/** The text of the artefact's model config, wherever its format keeps it. */
export function configText(raw: RawArtefact): string | null {
  const decoder = new TextDecoder();
  const bytes = raw.zip?.texts['config.json'] ?? raw.unzipped?.config ?? raw.text;
  if (bytes) return decoder.decode(bytes);
  return attributeText(raw.hdf5?.root?.attributes.model_config);
}

function infer(raw: RawArtefact): InferredModel | null {
  const text = configText(raw);
  if (text === null) return null;
  try {
    const config = JSON.parse(text.replaceAll(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, 'null')) as Json;
    const { keras, backend } = storedBy(raw);
    const provenance = traceProvenance({
      kerasVersion: keras === null ? null : { text: keras, where: 'the artefact' },
      backend,
      config: config as JsonObject,
    });
    return describeModel(config, eraOf(provenance), '', [], noCustomObjects)?.inferred ?? null;
  } catch {
    return null;
  }
}
