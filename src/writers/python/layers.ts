/** Layers as calls of their constructors. */

import type { Json, JsonObject, Layer, Model } from '../../model/types.ts';
import { type PythonDialect, policyName } from './dialect.ts';
import { argumentsOf, argumentText, plainLiteral } from './literals.ts';

export interface LayerCode {
  readonly dialect: PythonDialect;
  /** Config in the release's words. */
  configOf(layer: Layer): JsonObject;
  /** Name of the function that builds a model inside. */
  builderOf(model: Model): string;
  /** Lines of the vocabulary that came with the layer in a file, or null. */
  vocabularyOf(layer: Layer): readonly string[] | null;
}

export function layerText(layer: Layer, code: LayerCode): string {
  if (layer.model) return `${code.builderOf(layer.model)}()`;
  const config = code.configOf(layer);
  if (layer.className === 'InputLayer') return inputText(config);
  const words = [
    ...argumentsOf('layers', layer.className, config, code.dialect),
    ...vocabulary(layer, config, code),
  ].map(([key, value]) => `${key}=${heldText(layer, key, value, code)}`);
  const maker = layer.origin === 'custom' ? layer.className : code.dialect.constructorOf('layers', layer.className);
  return `${maker}(${words.join(', ')})`;
}

/** A model held as an argument is built by its function. */
function heldText(layer: Layer, key: string, value: Json, code: LayerCode): string {
  const held = layer.sublayers[key];
  const inner = Array.isArray(held) ? null : (held as Layer | undefined);
  return inner?.model ? `${code.builderOf(inner.model)}()` : argumentText(key, value, code.dialect);
}

/** A vocabulary that lay in a file beside the weights becomes an argument. */
function vocabulary(layer: Layer, config: JsonObject, code: LayerCode): (readonly [string, Json])[] {
  const lines = config.vocabulary == null ? code.vocabularyOf(layer) : null;
  if (!lines) return [];
  const whole = layer.className === 'IntegerLookup';
  return [['vocabulary', whole ? lines.map(Number) : lines]];
}

function inputText(config: JsonObject): string {
  const shape = (config.batch_shape ?? config.batch_input_shape ?? []) as readonly (number | null)[];
  const sizes = shape.slice(1).map(size => plainLiteral(size));
  const tuple = sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
  const dtype = policyName(config.dtype ?? null);
  const words = [
    `shape=${tuple}`,
    ...(shape[0] == null ? [] : [`batch_size=${shape[0]}`]),
    ...(dtype && dtype !== 'float32' ? [`dtype=${plainLiteral(dtype)}`] : []),
    ...(config.sparse === true ? ['sparse=True'] : []),
    ...(config.ragged === true ? ['ragged=True'] : []),
    `name=${plainLiteral(config.name ?? null)}`,
  ];
  return `keras.Input(${words.join(', ')})`;
}
