/**
 * Every built-in layer class, by name and alias. A layer file's default export is one definition or a list of them;
 * adding a layer is adding its file here.
 */

import type { AnyLayerDefinition } from './define.ts';
import dense from './dense.ts';
import inputLayer from './input-layer.ts';

const files: readonly (AnyLayerDefinition | readonly AnyLayerDefinition[])[] = [dense, inputLayer];

/** All built-in layer definitions, in the order of their files. */
export const builtInLayers: readonly AnyLayerDefinition[] = files.flat();

const byName = new Map<string, AnyLayerDefinition>();
for (const definition of builtInLayers) {
  for (const name of [definition.name, ...(definition.aliases ?? [])]) byName.set(name, definition);
}

/** The built-in layer of that class name, or null. Keras's own prefixes (`keras.layers.Dense`) are not expected here. */
export function builtInLayer(className: string): AnyLayerDefinition | null {
  return byName.get(className) ?? null;
}
