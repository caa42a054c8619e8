/**
 * Weights in the layout of the target. From Keras 2 on all releases keep them as today; Keras 1 names them by letters,
 * keeps channels-first kernels as (out, in, rows, columns), one-dimensional kernels with an axis of one, and the
 * kernels of Theano mirrored. Each step is the inverse of one in `eras/layouts`.
 */

import type { Layer, TensorRef } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { derivedTensor, reshaped, reversed, transposed } from '../layouts/derived.ts';
import type { NamedTensor } from '../layouts/keras1-gates.ts';
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

/** ConvLSTM2D of Keras 1 has a matrix for each gate, whatever it consumes less of (keras/layers/convolutional_recurrent.py of 1.2.2). */
export function hasGatesApart({ className }: Layer, target: Target): boolean {
  return target.line === 'keras1' && className === 'ConvLSTM2D';
}

/** Where each gate lies in today's matrices, in the order in which Keras 1 lists them. */
const gatesOfConvLstm = [
  ['i', 0],
  ['c', 2],
  ['f', 1],
  ['o', 3],
] as const;

/** Input, recurrent and bias of one gate after the other; output channels are the last axis. */
export function gatesApart(named: readonly NamedTensor[]): NamedTensor[] {
  return gatesOfConvLstm.flatMap(([gate, place]) =>
    named.map(({ name, tensor }) => ({
      name: name.replace(/(:0)?$/, `_${gate}$1`),
      tensor: gateOf(tensor, place),
    })),
  );
}

function gateOf(tensor: TensorRef, place: number): TensorRef {
  const width = (tensor.shape.at(-1) ?? 4) / 4;
  const shape = [...tensor.shape.slice(0, -1), width];
  return derivedTensor([tensor], shape, 'one of four gates, as Keras 1', ([stored]) => {
    const { data, dtype } = stored as Tensor;
    const part = (data as Float32Array).filter((_, at) => Math.floor((at % (4 * width)) / width) === place);
    return { dtype, shape, data: part };
  });
}
