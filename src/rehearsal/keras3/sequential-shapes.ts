/**
 * Shapes along a Sequential that Keras 3 reads from an HDF5 file whose first layer carries its own input shape: the batch
 * axis is taken for one more axis of the data, and layers that count axes refuse it. Facts: `model_from_config` in
 * legacy/saving/saving_utils.py, layers/input_spec.py, ops/operation_utils.py.
 */

import type { Built } from '../built.ts';
import { raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { isList, type PyValue } from '../python/values.ts';
import { type Run, since } from '../run.ts';

type Shape = readonly (number | null)[];

/** Axes that a layer's input must have exactly, batch axis included; null where it takes any number. */
function wantedRank(layer: Built): number | null {
  const { className, config } = layer;
  const dimensions = Number(/([123])D$/.exec(className)?.[1] ?? 0);
  if (/^(Max|Average|Global(Max|Average))Pooling|^(ZeroPadding|Cropping|UpSampling|SpatialDropout)/.test(className))
    return dimensions + 2;
  if (/^ConvLSTM/.test(className)) return dimensions + 3;
  if (/^(LSTM|GRU|SimpleRNN|RNN)$/.test(className)) return 3;
  if (className === 'Bidirectional') return layer.inner[0] ? wantedRank(layer.inner[0]) : 3;
  if (className === 'RepeatVector') return 2;
  return className === 'Permute' && isList(config.dims) ? config.dims.length + 1 : null;
}

const convolution = /^(Conv[123]D|DepthwiseConv[12]D|SeparableConv[12]D|Conv[123]DTranspose)$/;

/** The output's shape; null where it is not followed further. Raises what the layer says of its input. */
export function shapeAfter(run: Run, layer: Built, input: Shape): Shape | null {
  const { className, config } = layer;
  const rank = wantedRank(layer);
  if (rank !== null && rank !== input.length) raiseRank(run, layer, rank, input);
  if (convolution.test(className)) return convolve(run, layer, input);
  if (className === 'Dense') return [...input.slice(0, -1), size(config.units)];
  if (className === 'Embedding') return [...input, size(config.output_dim)];
  if (className === 'Flatten') return [input[0] ?? null, product(input.slice(1))];
  if (/^(LSTM|GRU|SimpleRNN)$/.test(className))
    return config.return_sequences === true
      ? [...input.slice(0, -1), size(config.units)]
      : [input[0] ?? null, size(config.units)];
  if (
    /^(Dropout|Activation|BatchNormalization|LayerNormalization|ReLU|LeakyReLU|ELU|PReLU|Softmax|Masking|Gaussian|AlphaDropout|ActivityRegularization)/.test(
      className,
    )
  )
    return input;
  if (className === 'Reshape' && isList(config.target_shape))
    return [input[0] ?? null, ...config.target_shape.map(size)];
  return null;
}

function size(value: PyValue | undefined): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

function product(sizes: Shape): number | null {
  return sizes.some(one => one === null) ? null : sizes.reduce<number>((total, one) => total * one!, 1);
}

function raiseRank(run: Run, layer: Built, rank: number, input: Shape): never {
  const named = since(run, '3.13')
    ? `Input 0 with name 'None' of layer '${layer.name}'`
    : `Input 0 of layer "${layer.name}"`;
  raise(
    'ValueError',
    `${named} is incompatible with the layer: expected ndim=${rank}, found ndim=${input.length}. Full shape received: ${reprShape(input)}`,
    facts(layer, input),
  );
}

function facts(layer: Built, input: Shape) {
  return {
    failure: 'keras2-file-in-keras3',
    evidence: {
      text: `Keras 3 takes batch_input_shape for the shape without its batch axis: "${layer.name}" gets ${reprShape(input)}`,
      where: layer.where,
      offset: null,
    },
    suppose: 'batch-axis',
  };
}

function convolve(run: Run, layer: Built, input: Shape): Shape | null {
  const { className, config } = layer;
  const dimensions = Number(/([123])D/.exec(className)![1]);
  if (input.length === dimensions + 2) return null;
  const first = config.data_format === 'channels_first';
  const channels = (first ? input[1] : input.at(-1)) ?? null;
  const kernel = isList(config.kernel_size)
    ? config.kernel_size.map(size)
    : new Array(dimensions).fill(size(config.kernel_size));
  const groups = typeof config.groups === 'number' ? config.groups : 1;
  void run;
  const shape = [...kernel, channels === null ? null : Math.floor(channels / groups), size(config.filters)];
  raise(
    'ValueError',
    `Kernel shape must have the same length as input, but received kernel of shape ${reprShape(shape)} and input of shape ${reprShape(input)}.`,
    facts(layer, input),
  );
}

/** The input's shape as Keras 3 understands a first layer's `input_shape`: a batch axis in front of all of it. */
export function mistakenInput(first: Built): Shape | null {
  const stored = first.config.input_shape;
  return isList(stored) ? [null, ...stored.map(one => (typeof one === 'number' ? one : null))] : null;
}
