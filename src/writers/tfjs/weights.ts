/**
 * Weights under the names by which TensorFlow.js layers look for them: the scopes in which its layers build their
 * variables (`engine/topology`, `layers/recurrent`, `layers/wrappers` of @tensorflow/tfjs-layers 4.22).
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Layer, Model, Weight } from '../../model/types.ts';
import type { NamedTensor } from '../safetensors.ts';

/** Variables that its layers have. */
const variables = new Set(
  (
    'kernel recurrent_kernel depthwise_kernel pointwise_kernel bias embeddings alpha gamma beta moving_mean ' +
    'moving_variance'
  ).split(' '),
);

/** Throws `bad-weights` where one is not stored, `unsupported` where two layers inside models have one name. */
export function tfjsWeights(model: Model): NamedTensor[] {
  const found = new Map<string, NamedTensor>();
  for (const { name, weight, layer } of model.layers.flatMap(one => named(one, one.name))) {
    if (!weight.tensor) {
      const what = `the weight "${weight.name}" of layer "${layer.name}" is not in the file`;
      throw new LoadstoneError('bad-weights', what, { where: `layer ${layer.name}` });
    }
    if (!variables.has(variable(weight.name, layer))) {
      throw new LoadstoneError('unsupported', `TensorFlow.js has no variable "${weight.name}" in ${layer.className}`, {
        where: `layer ${layer.name}`,
      });
    }
    const before = found.get(name);
    if (before && before.tensor !== weight.tensor) {
      throw new LoadstoneError('unsupported', `two weights would be called "${name}" in TensorFlow.js`, {
        where: `layer ${layer.name}`,
        do: 'Rename one of the layers of that name.',
      });
    }
    found.set(name, { name, tensor: weight.tensor });
  }
  return [...found.values()];
}

interface NamedWeight {
  readonly name: string;
  readonly weight: Weight;
  readonly layer: Layer;
}

function named(layer: Layer, scope: string): NamedWeight[] {
  const own = layer.weights.map(weight => ({ name: `${scope}/${variable(weight.name, layer)}`, weight, layer }));
  const inside = Object.entries(layer.sublayers).flatMap(([attribute, held]) => {
    const inner = (Array.isArray(held) ? held : [held]) as readonly Layer[];
    return inner.flatMap((one, index) => named(one, innerScope(scope, attribute, layer, index)));
  });
  // Layers of a model inside were built before it was called, outside of its scope.
  const graph = layer.model?.layers.flatMap(inner => named(inner, inner.name)) ?? [];
  return [...own, ...inside, ...graph];
}

/** Keras 3 calls it `kernel`. */
function variable(name: string, { className }: Layer): string {
  return className === 'DepthwiseConv2D' && name === 'kernel' ? 'depthwise_kernel' : name;
}

/** Both directions are named by the forward layer, of which the backward one is a copy. */
function innerScope(scope: string, attribute: string, outer: Layer, index: number): string {
  if (attribute === 'cells') return `${scope}/RNNCell_${index}`;
  const direction = /^(forward|backward)_layer$/.exec(attribute)?.[1];
  if (!direction) return scope;
  const { name } = outer.sublayers.forward_layer as Layer;
  return `${scope}/${direction}_${name.replace(/^forward_/, '')}`;
}
