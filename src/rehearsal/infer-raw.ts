/** What a stored architecture needs of weights: its config read into a model and inferred. Kept by artefact. */

import { type Described, describeModel, readConfig } from '../artefacts/describe-model.ts';
import type { RawArtefact } from '../artefacts/raw/index.ts';
import { type Era, eraOf } from '../eras/era.ts';
import { traceProvenance } from '../eras/provenance.ts';
import { noCustomObjects } from '../layers/custom.ts';
import { type InferredModel, inferModel } from '../layers/infer.ts';
import type { Json, Model } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { attributeText, storedBy, weightNamesIn } from './stored.ts';

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
  const config = parsedConfig(raw);
  if (config === null) return null;
  try {
    return describeModel(config, writerOf(raw, config), '', [], noCustomObjects);
  } catch {
    return null;
  }
}

/** The stored architecture as a Keras of another era understands its words; null where it cannot be read. */
export function readAs(raw: RawArtefact, means: Era): Model | null {
  const config = parsedConfig(raw);
  if (config === null) return null;
  try {
    return readConfig(config, writerOf(raw, config), '', [], means);
  } catch {
    return null;
  }
}

/** The Keras that wrote the artefact, as far as it gives itself away. */
export function writerOf(raw: RawArtefact, config: Json | null = parsedConfig(raw)): Era {
  const { keras, backend } = storedBy(raw);
  const provenance = traceProvenance({
    kerasVersion: keras === null ? null : { text: keras, where: 'the artefact' },
    backend,
    ...(config !== null && { config }),
    weightNames: weightNamesIn(raw),
  });
  return eraOf(provenance);
}

const keptConfigs = new WeakMap<RawArtefact, { readonly config: Json | null }>();

/** The artefact's config as JSON; null where there is none, or it is none. */
export function parsedConfig(raw: RawArtefact): Json | null {
  const known = keptConfigs.get(raw);
  if (known) return known.config;
  const config = parseConfig(configText(raw));
  keptConfigs.set(raw, { config });
  return config;
}

function parseConfig(text: string | null): Json | null {
  if (text === null) return null;
  try {
    return JSON.parse(text.replaceAll(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, 'null')) as Json;
  } catch {
    return null;
  }
}
