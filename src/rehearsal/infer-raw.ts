/** What a stored architecture needs of weights: its config read into a model and inferred. Kept by artefact. */

import { type Described, describeModel } from '../artefacts/describe-model.ts';
import type { RawArtefact } from '../artefacts/raw/index.ts';
import { eraOf } from '../eras/era.ts';
import { traceProvenance } from '../eras/provenance.ts';
import { noCustomObjects } from '../layers/custom.ts';
import { type InferredModel, inferModel } from '../layers/infer.ts';
import type { Json, JsonObject } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { attributeText, storedBy } from './stored.ts';

const kept = new WeakMap<RawArtefact, Described | null>();

/** Null where there is no config, or it cannot be read as one. */
export function inferRaw(raw: RawArtefact): InferredModel | null {
  return describeRaw(raw)?.inferred ?? null;
}

/** The stored architecture as a model, and what it needs. */
export function describeRaw(raw: RawArtefact): Described | null {
  const known = kept.get(raw);
  if (known !== undefined) return known;
  const found = infer(raw);
  kept.set(raw, found);
  return found;
}

const keptGiven = new WeakMap<RawArtefact, Map<string, InferredModel>>();

/** The same model built anew for inputs of other shapes. */
export function inferGiven(raw: RawArtefact, shapes: { readonly [input: string]: Shape }): InferredModel | null {
  const described = describeRaw(raw);
  if (!described) return null;
  const given = keptGiven.get(raw) ?? new Map<string, InferredModel>();
  keptGiven.set(raw, given);
  const key = JSON.stringify(shapes);
  if (!given.has(key)) given.set(key, inferModel(described.model, { inputShapes: shapes }));
  return given.get(key)!;
}

/** The text of the artefact's model config, wherever its format keeps it. */
export function configText(raw: RawArtefact): string | null {
  const decoder = new TextDecoder();
  const bytes = raw.zip?.texts['config.json'] ?? raw.unzipped?.config ?? raw.text;
  if (bytes) return decoder.decode(bytes);
  return attributeText(raw.hdf5?.root?.attributes.model_config);
}

function infer(raw: RawArtefact): Described | null {
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
    return describeModel(config, eraOf(provenance), '', [], noCustomObjects);
  } catch {
    return null;
  }
}
