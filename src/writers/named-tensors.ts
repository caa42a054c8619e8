/** All tensors of an artefact under the names by which other tools know them: `layer/inner/kernel`. */

import type { Artefact } from '../model/types.ts';
import type { NamedTensor } from './safetensors.ts';
import { variablesOf } from './variables.ts';

/**
 * Tensors of the model's layers, in today's layout, by layer, attribute and variable; where there is no model, all
 * stored tensors by their paths. A tensor that two layers share is there once, under its first name.
 */
export function namedTensors({ model, tensors }: Artefact): NamedTensor[] {
  if (!model) return tensors.map(tensor => ({ name: tensor.path, tensor }));
  const taken = new Set<string>();
  return model.layers.flatMap(layer =>
    variablesOf(layer).flatMap(({ weight, scopes }) => {
      const name = [layer.name, ...scopes, weight.name].join('/');
      if (!weight.tensor || taken.has(name)) return [];
      taken.add(name);
      return [{ name, tensor: weight.tensor }];
    }),
  );
}
