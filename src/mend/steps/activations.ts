/**
 * Activations that a release lacks, taken out of the layer that ends in them: the layer becomes a model of itself
 * without activation and an Activation layer, which the release has by other means.
 */

import { activationName, isKerasActivation } from '../../eras/write/objects.ts';
import type { Target } from '../../eras/write/target.ts';
import { type InferredCall, inferModel } from '../../layers/infer.ts';
import type { Layer } from '../../model/types.ts';
import { graphModel } from '../operations/emission.ts';
import { callOn } from '../operations/trace-layer.ts';
import { mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** Layers whose activation is the last thing they do. */
const endsInActivation = /^((Einsum)?Dense|((Depthwise|Separable)?Conv|LocallyConnected)[123]D(Transpose)?)$/;

/** True where the release has no function of that name that Keras has elsewhere; the user's own come with their code. */
export function lacksActivation(layer: Layer, target: Target): boolean {
  const { activation } = layer.config;
  if (typeof activation !== 'string' || !isKerasActivation(activation)) return false;
  return activationName(activation, target) === null;
}

export const activations: MendStep = {
  title: 'activations that the release lacks, apart from their layers',
  apply(model, target, tell) {
    return mapModels(model, inner => {
      const isConcerned = (layer: Layer) =>
        endsInActivation.test(layer.className) && layer.origin === 'layer' && lacksActivation(layer, target);
      if (!inner.layers.some(isConcerned)) return inner;
      const inferred = inferModel(inner);
      const layers = inner.layers.map((layer, at) => {
        const call = inferred.layers[at]?.calls[0];
        return call && isConcerned(layer) ? apart(layer, call, tell) : layer;
      });
      return { ...inner, layers };
    });
  },
};

function apart(layer: Layer, { inputShapes }: InferredCall, tell: Tell): Layer {
  const [shape] = inputShapes;
  const activation = String(layer.config.activation);
  if (!shape) return layer;
  const at = (name: string) => ({ layer: name, node: 0, tensor: 0 });
  const names = { input: `${layer.name}_input_0`, linear: `${layer.name}_linear`, act: `${layer.name}_activation` };
  const inside = [
    plainLayer(
      names.input,
      'InputLayer',
      { batch_shape: [...shape], dtype: layer.dtype.compute, sparse: false },
      layer,
    ),
    {
      ...layer,
      name: names.linear,
      config: { ...layer.config, name: names.linear, activation: 'linear' },
      calls: [callOn([at(names.input)])],
    },
    { ...plainLayer(names.act, 'Activation', { activation }, layer), calls: [callOn([at(names.linear)])] },
  ];
  tell({
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}, activation`,
    before: activation,
    after: 'an Activation layer behind it, in a model of that name',
    why: `the release has no ${activation}`,
    said: layer.name,
  });
  const model = graphModel(layer.name, inside, [at(names.input)], [at(names.act)]);
  return { ...plainLayer(layer.name, 'Functional', {}, layer), model, calls: layer.calls };
}
