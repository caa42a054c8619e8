/**
 * TensorFlow.js finds weights by the names of layers alone, whatever model they stand in: of layers that share a name, in
 * several models or in one model that stands in several places, all but the first get another.
 */

import type { Layer, Model } from '../../model/types.ts';
import { renameLayers } from '../rewrite.ts';
import type { Tell } from '../step.ts';

export function withUniqueNames(model: Model, tell: Tell): Model {
  return insideOf(model, new Set(model.layers.map(({ name }) => name)), tell);
}

function insideOf(model: Model, taken: Set<string>, tell: Tell): Model {
  const layers = model.layers.map((layer): Layer => {
    return layer.model ? { ...layer, model: renamed(layer.model, layer.name, taken, tell) } : layer;
  });
  return { ...model, layers };
}

function renamed(model: Model, outer: string, taken: Set<string>, tell: Tell): Model {
  const names = new Map<string, string>();
  for (const { name } of model.layers) {
    const free = freeName(name, outer, taken);
    taken.add(free);
    if (free === name) continue;
    names.set(name, free);
    tell({
      failure: 'weights-order-or-name-mismatch',
      where: `layer ${outer}/${name}`,
      before: name,
      after: free,
      why: 'TensorFlow.js finds weights by the names of layers, and another has that name',
    });
  }
  return insideOf(names.size > 0 ? renameLayers(model, names) : model, taken, tell);
}

function freeName(name: string, outer: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let count = 0; ; count += 1) {
    const free = count === 0 ? `${outer}_${name}` : `${outer}_${name}_${count}`;
    if (!taken.has(free)) return free;
  }
}
