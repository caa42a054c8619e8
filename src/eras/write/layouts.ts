/**
 * Weights in the layout of the target. From Keras 2 on all releases keep them as today; Keras 1 names them by letters,
 * keeps channels-first kernels as (out, in, rows, columns), one-dimensional kernels with an axis of one, and the
 * kernels of Theano mirrored. Each step is the inverse of one in `eras/layouts`.
 */

import type { Layer, TensorRef } from '../../model/types.ts';
import { reshaped, reversed, transposed } from '../layouts/derived.ts';
import type { Target } from './target.ts';

/** Names of variables in Keras 1. */
const lettersOfKeras1: Readonly<Record<string, string>> = {
  kernel: 'W',
  recurrent_kernel: 'U',
  bias: 'b',
  embeddings: 'W',
  moving_mean: 'running_mean',
  moving_variance: 'running_std',
  alpha: 'alphas',
};

export function variableName(name: string, target: Target): string {
  return target.line === 'keras1' ? (lettersOfKeras1[name] ?? name) : name;
}

export function targetLayout(tensor: TensorRef, name: string, owner: Layer, target: Target): TensorRef {
  if (target.line !== 'keras1' || !/kernel$/.test(name)) return tensor;
  const flipped = target.backend === 'theano' ? mirrored(tensor, owner) : tensor;
  return kernelOfKeras1(flipped, owner);
}

function isConvolution({ className }: Layer): boolean {
  return /^(Conv[123]D|Conv2DTranspose|SeparableConv2D|ConvLSTM2D)$/.test(className);
}

function mirrored(tensor: TensorRef, owner: Layer): TensorRef {
  if (!isConvolution(owner)) return tensor;
  const axes = Array.from({ length: tensor.shape.length - 2 }, (_, axis) => axis);
  return reversed(tensor, axes, 'mirrored, as Theano convolves');
}

function kernelOfKeras1(tensor: TensorRef, owner: Layer): TensorRef {
  const [length, inputs, outputs] = tensor.shape as [number, number, number];
  if (owner.className === 'Conv1D')
    return reshaped(tensor, [length, 1, inputs, outputs], 'with an axis of one, as Keras 1');
  if (owner.className === 'Conv2DTranspose')
    return transposed(tensor, [0, 1, 3, 2], 'inputs before outputs, as Keras 1');
  if (owner.config.data_format !== 'channels_first') return tensor;
  if (owner.className === 'Conv2D') return transposed(tensor, [3, 2, 0, 1], 'outputs and inputs first, as Keras 1');
  if (owner.className === 'Conv3D') return transposed(tensor, [4, 3, 0, 1, 2], 'outputs and inputs first, as Keras 1');
  return tensor;
}
