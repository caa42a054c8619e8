/** Which definition a layer of a model has: the user's own first, then operations used as layers, then built-ins. */

import type { Layer } from '../model/types.ts';
import type { CustomObjects } from './custom.ts';
import type { AnyLayerDefinition } from './define.ts';
import { builtInOperation } from './operations/registry.ts';
import { builtInLayer } from './registry.ts';

/**
 * A layer that brings its own definition: what it computes was stored with it (a traced function of a SavedModel).
 * The user's definitions still go before it.
 */
export interface SelfDefinedLayer extends Layer {
  readonly definition: AnyLayerDefinition;
}

function ownDefinition(layer: object): AnyLayerDefinition | null {
  return (layer as Partial<SelfDefinedLayer>).definition ?? null;
}

/** The definition of a layer, or null where there is none. */
export function findDefinition(
  layer: Pick<Layer, 'className' | 'origin' | 'registeredName'> & { readonly name?: string },
  customObjects: CustomObjects,
): AnyLayerDefinition | null {
  const custom = customObjects.layer(layer.className, layer.registeredName);
  if (custom) return custom;
  const own = ownDefinition(layer);
  if (own) return own;
  // Every Lambda is a function of its own, so the user's definition of one goes by the name of its layer.
  if (layer.className === 'Lambda' && layer.name !== undefined) {
    const own = customObjects.layer(layer.name);
    if (own) return own;
  }
  if (layer.origin === 'operation') return builtInOperation(layer.className);
  return layer.origin === 'custom' ? null : builtInLayer(layer.className);
}
