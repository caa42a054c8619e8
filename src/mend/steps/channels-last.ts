/**
 * Convolutions and pooling of channels_first in tf.keras, which hands them to kernels that a CPU has not: the layer
 * becomes a model of itself with channels last between two Permute layers. Kernels lie alike in both orders.
 */

import type { Target } from '../../eras/write/target.ts';
import { type InferredCall, inferModel } from '../../layers/infer.ts';
import type { Layer } from '../../model/types.ts';
import { graphModel } from '../operations/emission.ts';
import { callOn } from '../operations/trace-layer.ts';
import { mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** Those that call TensorFlow's kernels themselves (keras/layers/convolutional, keras/layers/pooling). */
const concerned = /^((Separable)?Conv[123]D|(Max|Average)Pooling[123]D)$/;

export const channelsLast: MendStep = {
  title: 'channels_first convolutions and pooling for tf.keras on a CPU',
  apply(model, target, tell) {
    if (!isTensorflowKeras(target)) return model;
    return mapModels(model, inner => {
      if (!inner.layers.some(isConcerned)) return inner;
      const inferred = inferModel(inner);
      const layers = inner.layers.map((layer, at) => {
        const call = inferred.layers[at]?.calls[0];
        return call && isConcerned(layer) ? betweenPermutes(layer, call, tell) : layer;
      });
      return { ...inner, layers };
    });
  },
};

function isTensorflowKeras({ line }: Target): boolean {
  return line === 'tf.keras' || line === 'tf_keras';
}

function isConcerned(layer: Layer): boolean {
  return concerned.test(layer.className) && layer.origin === 'layer' && layer.config.data_format === 'channels_first';
}

function betweenPermutes(layer: Layer, { inputShapes }: InferredCall, tell: Tell): Layer {
  const [shape] = inputShapes;
  if (!shape || shape.length < 3) return layer;
  const at = (name: string) => ({ layer: name, node: 0, tensor: 0 });
  const [input, last, plain, first] = ['input_0', 'to_last', 'channels_last', 'to_first'].map(
    part => `${layer.name}_${part}`,
  ) as [string, string, string, string];
  const spatial = shape.slice(2).map((_, axis) => axis + 2);
  const back = [spatial.length + 1, ...spatial.map(axis => axis - 1)];
  const declared = { batch_shape: [...shape], dtype: layer.dtype.compute, sparse: false };
  const inside = [
    plainLayer(input, 'InputLayer', declared, layer),
    { ...plainLayer(last, 'Permute', { dims: [...spatial, 1] }, layer), calls: [callOn([at(input)])] },
    {
      ...layer,
      name: plain,
      config: { ...layer.config, name: plain, data_format: 'channels_last' },
      calls: [callOn([at(last)])],
    },
    { ...plainLayer(first, 'Permute', { dims: back }, layer), calls: [callOn([at(plain)])] },
  ];
  tell({
    failure: 'older-file-newer-keras',
    where: `layer ${layer.name}, data_format`,
    before: 'channels_first',
    after: 'channels_last between two Permute layers, in a model of that name',
    why: 'tf.keras has no channels_first kernels for the CPU; the sums are the same',
    said: layer.name,
  });
  const model = graphModel(layer.name, inside, [at(input)], [at(first)]);
  return { ...plainLayer(layer.name, 'Functional', {}, layer), model, calls: layer.calls };
}
