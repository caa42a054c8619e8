/**
 * Reads back what was written as the target would understand it, and tells where it means something else: an argument
 * that the release has not, a word that changed its meaning. Only arguments count that a layer's definition computes
 * with; what training alone asks of may differ.
 */

import { readModel } from '../artefacts/config/read-model.ts';
import { normaliseLayer } from '../eras/normalise/layer.ts';
import { eraOfTarget, type Target } from '../eras/write/target.ts';
import { noCustomObjects } from '../layers/custom.ts';
import { findDefinition } from '../layers/find.ts';
import { toSnakeCase } from '../layers/names.ts';
import type { Json, JsonObject, Layer, Model } from '../model/types.ts';

export interface Difference {
  readonly layer: string;
  readonly className: string;
  readonly key: string;
  readonly meant: Json;
  readonly understood: Json;
}

/** What the target would understand otherwise than `model` means it. */
export function differencesOnReading(model: Model, written: JsonObject, target: Target): Difference[] {
  const read = readModel(written, {
    era: eraOfTarget(target),
    ordering: 'channels_last',
    path: 'the written config',
    findings: [],
    depth: 0,
  });
  return read ? modelDifferences(model, read) : [];
}

function modelDifferences(meant: Model, read: Model): Difference[] {
  const understood = new Map(read.layers.map(layer => [layer.name, layer]));
  return meant.layers.flatMap(layer => {
    const other = understood.get(layer.name);
    if (!other) return [];
    return layer.model && other.model ? modelDifferences(layer.model, other.model) : layerDifferences(layer, other);
  });
}

/** Differences in what a layer's own arguments mean; rules for masks and the like depend on what is around it. */
export function computesOtherwise(layer: Layer, written: JsonObject, target: Target): boolean {
  const context = { era: eraOfTarget(target), ordering: 'channels_last' as const };
  const read = normaliseLayer(written, context);
  return layerDifferences(layer, { ...layer, config: read.config }).some(({ key }) => !dependent.test(key));
}

const dependent = /mask|^made_by$|^encoded_dtype$|^value_mask$|^function$|_layer$|^layer$|^cell$/;

function layerDifferences(meant: Layer, read: Layer): Difference[] {
  const definition = findDefinition(meant, noCustomObjects);
  if (!definition || meant.className === 'InputLayer' || meant.origin !== 'layer') return [];
  return Object.keys(definition.config)
    .map(toSnakeCase)
    .filter(key => !same(meant.config[key], read.config[key], key, meant))
    .filter(key => key !== 'made_by' || !namesFunction(meant.config.function))
    .filter(key => !bothDefault(definition.config, key, meant.config[key], read.config[key]))
    .map(key => ({
      layer: meant.name,
      className: meant.className,
      key,
      meant: meant.config[key] ?? null,
      understood: read.config[key] ?? null,
    }));
}

/** A function kept by its name is whatever the user registers under it. */
function namesFunction(value: Json | undefined): boolean {
  return typeof value === 'string' || (isRecord(value) && value.class_name === 'function');
}

/** Parts of inner layers' configs that predict nothing. */
const incidental =
  /^(name|trainable|dtype|registered_name|module|build_config|shared_object_id)$|_(initializer|regularizer|constraint)$/;

function same(a: Json | undefined, b: Json | undefined, key: string, holder: Layer): boolean {
  if (incidental.test(key) || a === b) return true;
  if (Array.isArray(a) && !Array.isArray(b)) return a.every(item => same(item, b ?? null, key, holder));
  if (Array.isArray(b) && !Array.isArray(a)) return same(b, a, key, holder);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index], key, holder));
  }
  if (isRecord(a) && isRecord(b)) return sameRecord(a, b, holder);
  return (a ?? null) === (b ?? null);
}

/** Keys that only one side has say nothing: that side wrote its default. A layer's own arguments have theirs. */
function sameRecord(a: JsonObject, b: JsonObject, holder: Layer): boolean {
  if (!Object.keys(a).every(key => !(key in b) || same(a[key], b[key], key, holder))) return false;
  const [meant, read] = [heldLayer(a, holder), heldLayer(b, holder)];
  return !meant || !read || layerDifferences(meant, read).length === 0;
}

/** What a config holds as an argument, as a layer; null for anything else. */
function heldLayer({ class_name: className, config }: JsonObject, holder: Layer): Layer | null {
  if (typeof className !== 'string' || !isRecord(config)) return null;
  return { ...holder, className, config, model: null, sublayers: {} };
}

function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True where one side left the key out and the other says what the definition takes for granted. */
function bothDefault(fields: object, key: string, a: Json | undefined, b: Json | undefined): boolean {
  if (a !== undefined && a !== null && b !== undefined && b !== null) return false;
  const field = Object.entries(fields).find(([name]) => toSnakeCase(name) === key)?.[1] as
    | { read(value: unknown, context: object): unknown }
    | undefined;
  const context = { layerName: '', key, activation: (stored: unknown) => stored ?? 'linear' };
  try {
    return (
      JSON.stringify(field?.read(a ?? undefined, context)) === JSON.stringify(field?.read(b ?? undefined, context))
    );
  } catch {
    return false;
  }
}
