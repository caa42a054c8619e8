/** Arguments in a layer's config that its class never had: Keras refuses them, and what they meant is not known here. */

import { argumentsEver } from '../eras/signatures/arguments.ts';
import type { Finding } from '../findings/finding.ts';
import { toSnakeCase } from '../layers/names.ts';
import { builtInLayer } from '../layers/registry.ts';
import type { Artefact, Layer, Model } from '../model/types.ts';

/** Keys that every config may hold beside the constructor's arguments. */
const always = new Set(['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape', 'build_config', 'sparse']);

/** One finding for each such key, layer by layer. Configs of Keras 1 are translated, so theirs are not looked at. */
export function unknownKeys({ model, provenance }: Pick<Artefact, 'model' | 'provenance'>): readonly Finding[] {
  return model && provenance.line !== 'keras1' ? keysIn(model) : [];
}

function keysIn(model: Model): readonly Finding[] {
  return model.layers.flatMap(layer => [...keysOf(layer), ...(layer.model ? keysIn(layer.model) : [])]);
}

function keysOf(layer: Layer): readonly Finding[] {
  const definition = layer.origin === 'layer' && !layer.model ? builtInLayer(layer.className) : null;
  const taken = definition ? argumentsEver(layer.className) : null;
  if (!definition || !taken) return [];
  const asked = new Set(Object.keys(definition.config).flatMap(name => [name, toSnakeCase(name)]));
  return Object.keys(layer.config)
    .filter(key => !always.has(key) && !taken.has(key) && !asked.has(key))
    .map(key => ({
      code: 'unknown-key',
      severity: 'warning' as const,
      what: `layer "${layer.name}": "${key}" is ${JSON.stringify(layer.config[key])?.slice(0, 60)}, and ${layer.className} has no such argument in any Keras; it was left aside, Keras itself refuses it`,
      at: layer.at,
      facts: { layer: layer.name, key, takes: [...taken] },
    }));
}
