/**
 * Convolution kernels of Keras 1: stored as the ordering of the images was, one-dimensional ones with an axis of size
 * one, transposed ones with their channels the other way round (keras/layers/convolutional.py of 1.2.2; what its
 * successor's loader does with them: preprocess_weights_for_loading in keras/engine/topology.py of 2.0).
 */

import type { TensorRef } from '../../model/types.ts';
import { reshaped, transposed } from './derived.ts';
import { type LayoutStep, type LayoutTarget, spatialRank } from './types.ts';

export const keras1Kernels: LayoutStep = {
  name: 'keras1-kernels',
  apply(weights, target, era) {
    const rank = spatialRank(target.className);
    if (era.line !== 'keras1' || rank === 0) return null;
    const changed = Object.entries(weights).map(([variable, tensor]) => {
      const isKernel = variable.endsWith('kernel') && tensor.shape.length >= rank + 2;
      return [variable, isKernel ? todaysKernel(tensor, target, rank) : tensor] as const;
    });
    return Object.fromEntries(changed);
  },
};

function todaysKernel(tensor: TensorRef, target: LayoutTarget, rank: number): TensorRef {
  if (rank === 1) return oneDimensional(tensor);
  const first = target.config.data_format === 'channels_first';
  const spatial = Array.from({ length: rank }, (_, axis) => axis);
  if (target.className.endsWith('Transpose')) {
    return first
      ? transposed(tensor, [...spatial.map(axis => axis + 2), 0, 1], 'channels first moved behind the kernel sizes')
      : transposed(tensor, [...spatial, rank + 1, rank], 'input and output channels exchanged');
  }
  if (!first) return tensor;
  return transposed(
    tensor,
    [...spatial.map(axis => axis + 2), 1, 0],
    'Theano ordering (out, in, sizes) to (sizes, in, out)',
  );
}

/** (length, 1, in, out), or (out, in, length, 1) before 1.0.3, as the loader of Keras 2 takes them. */
function oneDimensional(tensor: TensorRef): TensorRef {
  if (tensor.shape.length !== 4) return tensor;
  const [a, b, c, d] = tensor.shape as [number, number, number, number];
  if (b === 1) return reshaped(tensor, [a, c, d], 'axis of size 1 left out');
  const turned = transposed(tensor, [2, 3, 1, 0], 'Theano ordering (out, in, length, 1) to (length, 1, in, out)');
  return reshaped(turned, [c, b, a], 'axis of size 1 left out');
}
