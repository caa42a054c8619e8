/**
 * Variables that layers of Keras 1 always have: scale and centre of BatchNormalization, biases of recurrent layers. Ones
 * and zeros stand in where today's layer goes without. Deconvolutions there must be told their output shape.
 */

import { derivedTensor } from '../../eras/layouts/derived.ts';
import { inferModel } from '../../layers/infer.ts';
import type { Layer, TensorRef, Weight } from '../../model/types.ts';
import { allocate } from '../../numbers/dtype.ts';
import { elementCount } from '../../numbers/tensor.ts';
import { mapLayers, mapModels } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

export const keras1Weights: MendStep = {
  title: 'variables and shapes that Keras 1 cannot do without',
  apply(model, target, tell) {
    if (target.line !== 'keras1') return model;
    const whole = mapLayers(model, layer => withBias(withScale(layer, tell), tell));
    return mapModels(whole, inner => {
      if (!inner.layers.some(({ className }) => className === 'Conv2DTranspose')) return inner;
      const inferred = inferModel(inner);
      const layers = inner.layers.map((layer, index) => {
        const shape = inferred.layers[index]?.calls[0]?.outputShapes[0];
        if (layer.className !== 'Conv2DTranspose' || !shape) return layer;
        return { ...layer, config: { ...layer.config, output_shape: [...shape] } };
      });
      return { ...inner, layers };
    });
  },
};

/** Scale, then centre, before the moving statistics. */
function withScale(layer: Layer, tell: Tell): Layer {
  const { scale = true, center = true } = layer.config;
  const like = layer.weights.find(({ name }) => name === 'moving_mean');
  if (layer.className !== 'BatchNormalization' || !like?.tensor || (scale && center)) return layer;
  const added = [...(scale ? [] : [['gamma', 1] as const]), ...(center ? [] : [['beta', 0] as const])];
  const made = added.map(([name, value]) => constantWeight(name, like.tensor as TensorRef, like.tensor!.shape, value));
  for (const [name, value] of added) tell(changeOf(layer, name, value));
  const all = [...layer.weights, ...made];
  const order = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
  const weights = [...all].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { ...layer, weights, config: { ...layer.config, scale: true, center: true } };
}

const recurrent = /^(LSTM|GRU|SimpleRNN)$/;

/** A layer with a cell inside keeps its variables there. */
function withBias(layer: Layer, tell: Tell): Layer {
  const held = layer.sublayers.cell;
  const cell = held && !Array.isArray(held) ? (held as Layer) : null;
  if (!recurrent.test(layer.className) || layer.config.use_bias !== false) return layer;
  const owner = cell ?? layer;
  const kernel = owner.weights.find(({ name }) => name === 'kernel')?.tensor;
  if (!kernel) return layer;
  tell(changeOf(layer, 'bias', 0));
  const weights = [...owner.weights, constantWeight('bias', kernel, kernel.shape.slice(-1), 0)];
  const config = { ...layer.config, use_bias: true };
  if (!cell) return { ...layer, weights, config };
  return {
    ...layer,
    config,
    sublayers: { ...layer.sublayers, cell: { ...cell, weights, config: { ...cell.config, use_bias: true } } },
  };
}

function constantWeight(name: string, like: TensorRef, shape: readonly number[], value: number): Weight {
  const tensor = derivedTensor([like], shape, `all ${value}, as Keras 1 needs one`, ([stored]) => {
    const dtype = stored?.dtype ?? 'float32';
    const data = allocate(dtype, elementCount(shape));
    for (let at = 0; at < data.length; at += 1) (data as unknown[])[at] = value;
    return { dtype, shape, data };
  });
  return { name, shape, trainable: true, tensor };
}

function changeOf(layer: Layer, name: string, value: number): Parameters<Tell>[0] {
  return {
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}, ${name}`,
    before: `no ${name}`,
    after: `${name} of all ${value}`,
    why: `the layer always has a ${name} in Keras 1; all ${value} changes nothing`,
  };
}
