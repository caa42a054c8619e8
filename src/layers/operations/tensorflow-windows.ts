/** Functions of `tf.nn`: convolutions, pooling, normalization of neighbours, and losses of logits. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { Given } from './row.ts';
import { unsupported } from './row.ts';
import { functions, optionalNumber, type Table, tensor } from './tensorflow-functions.ts';

type Format = 'channels_last' | 'channels_first';

function formatOf(given: Given): Format {
  return /^NC/.test(String(given('data_format') ?? '')) ? 'channels_first' : 'channels_last';
}

/** Entries of the spatial axes: TensorFlow also takes one for all axes, or one for each axis of the tensor. */
function spatial(value: unknown, rank: number, format: Format): readonly number[] {
  const list = Array.isArray(value) ? (value as readonly number[]) : [(value ?? 1) as number];
  if (list.length === rank + 2) return format === 'channels_first' ? list.slice(2) : list.slice(1, -1);
  return list.length === 1 ? new Array<number>(rank).fill(list[0]!) : list;
}

interface Window {
  readonly x: SymbolicTensor;
  readonly options: {
    readonly strides: readonly number[];
    readonly padding: 'valid' | 'same';
    readonly dataFormat: Format;
  };
}

/** The input with explicit padding already put around it. */
function windowOf(
  given: Given,
  names: readonly string[],
  strides: unknown,
  ops: Ops,
  usual: 'VALID' | 'SAME' = 'VALID',
): Window {
  const x = ops.convertToTensor(tensor(given(...names)));
  const dataFormat = formatOf(given);
  const padding = given('padding') ?? usual;
  const options = { strides: spatial(strides, x.shape.length - 2, dataFormat), dataFormat } as const;
  if (Array.isArray(padding)) {
    return { x: ops.pad(x, padding as (readonly [number, number])[]), options: { ...options, padding: 'valid' } };
  }
  return { x, options: { ...options, padding: String(padding).toLowerCase() as 'valid' | 'same' } };
}

/** A convolution; dilations stand under any of the given names. */
function convolve(given: Given, strides: unknown, dilations: unknown, ops: Ops): SymbolicTensor {
  const { x, options } = windowOf(given, ['input', 'value'], strides, ops);
  const dilationRate = spatial(dilations, x.shape.length - 2, options.dataFormat);
  return ops.conv(x, tensor(given('filters', 'filter')), { ...options, dilationRate });
}

/** Only the result's size that follows from the input's: `s·n` padded the same, `s·(n−1) + k` otherwise. */
function transposed(given: Given, ops: Ops): SymbolicTensor {
  const { x, options } = windowOf(given, ['input', 'value'], given('strides'), ops, 'SAME');
  const y = ops.convTranspose(x, tensor(given('filters', 'filter')), options);
  const wanted = spatial(given('output_shape'), x.shape.length - 2, options.dataFormat);
  const found = options.dataFormat === 'channels_first' ? y.shape.slice(2) : y.shape.slice(1, -1);
  if (wanted.every((size, axis) => typeof size !== 'number' || found[axis] === null || size === found[axis])) return y;
  throw unsupported('conv_transpose', `the size (${wanted.join(', ')}) is not the one that follows from its input`);
}

const convolutions: Table = {
  ...functions(
    'nn.conv2d nn.conv3d nn.convolution compat.v1.nn.conv3d',
    'input filters strides padding data_format dilations',
    (given, ops) => convolve(given, given('strides'), given('dilations'), ops),
  ),
  ...functions(
    'compat.v1.nn.conv2d',
    'input filter strides padding use_cudnn_on_gpu data_format dilations filters',
    (given, ops) => convolve(given, given('strides'), given('dilations'), ops),
  ),
  ...functions(
    'nn.conv1d compat.v1.nn.conv1d',
    'input filters stride padding use_cudnn_on_gpu data_format dilations',
    (given, ops) => convolve(given, given('stride'), given('dilations'), ops),
  ),
  ...functions(
    'nn.conv1d_transpose nn.conv2d_transpose nn.conv3d_transpose nn.conv_transpose',
    'input filters output_shape strides padding data_format dilations',
    transposed,
  ),
  ...functions(
    'nn.depthwise_conv2d compat.v1.nn.depthwise_conv2d',
    'input filter strides padding rate data_format dilations',
    (given, ops) => {
      const { x, options } = windowOf(given, ['input'], given('strides'), ops);
      const dilationRate = spatial(given('dilations', 'rate') ?? given('rate'), 2, options.dataFormat);
      return ops.depthwiseConv(x, tensor(given('filter')), { ...options, dilationRate });
    },
  ),
  ...functions(
    'nn.separable_conv2d compat.v1.nn.separable_conv2d',
    'input depthwise_filter pointwise_filter strides padding data_format',
    (given, ops) => {
      const { x, options } = windowOf(given, ['input'], given('strides'), ops);
      return ops.separableConv(x, tensor(given('depthwise_filter')), tensor(given('pointwise_filter')), options);
    },
  ),
};

function pooling(op: 'maxPool' | 'averagePool', names: string): Table {
  return functions(names, 'input ksize strides padding data_format', (given, ops) => {
    const { x, options } = windowOf(given, ['input', 'value'], given('strides'), ops);
    return ops[op](x, spatial(given('ksize'), x.shape.length - 2, options.dataFormat), options);
  });
}

/** x / (bias + α · sum of squares of `radius` channels on either side)^β. */
function amongNeighbours(given: Given, ops: Ops): SymbolicTensor {
  const x = ops.convertToTensor(tensor(given('input')));
  const number = (name: string, fallback: number) => optionalNumber(given(name)) ?? fallback;
  const radius = number('depth_radius', 5);
  const around = x.shape.map((_, axis): [number, number] => (axis === x.shape.length - 1 ? [radius, radius] : [0, 0]));
  const squares = ops.pad(ops.square(x), around);
  const part = (from: number) => ops.getItem(squares, ['...', { start: from, stop: from - 2 * radius || null }]);
  const sums = Array.from({ length: 2 * radius + 1 }, (_, from) => part(from)).reduce((a, b) => ops.add(a, b));
  const scale = ops.add(number('bias', 1), ops.multiply(number('alpha', 1), sums));
  return ops.divide(x, ops.power(scale, number('beta', 0.5)));
}

const normalizing: Table = {
  ...functions(
    'nn.local_response_normalization nn.lrn compat.v1.nn.lrn',
    'input depth_radius bias alpha beta',
    amongNeighbours,
  ),
  ...functions(
    'nn.batch_normalization compat.v1.nn.batch_normalization',
    'x mean variance offset scale variance_epsilon',
    (given, ops) => {
      const [scale, offset] = [given('scale') ?? null, given('offset') ?? null];
      const rate = ops.rsqrt(ops.add(tensor(given('variance')), tensor(given('variance_epsilon'))));
      const factor = scale === null ? rate : ops.multiply(rate, tensor(scale));
      const centred = ops.multiply(ops.subtract(tensor(given('x')), tensor(given('mean'))), factor);
      return offset === null ? centred : ops.add(centred, tensor(offset));
    },
  ),
  ...functions('nn.crelu', 'features axis', (given, ops) => {
    const x = ops.convertToTensor(tensor(given('features')));
    return ops.concatenate([ops.relu(x), ops.relu(ops.negative(x))], { axis: optionalNumber(given('axis')) ?? -1 });
  }),
};

const losses: Table = {
  ...functions(
    'nn.softmax_cross_entropy_with_logits nn.softmax_cross_entropy_with_logits_v2',
    'labels logits axis',
    (given, ops) => {
      const axis = optionalNumber(given('axis')) ?? -1;
      const logs = ops.logSoftmax(tensor(given('logits')), { axis });
      return ops.negative(ops.sum(ops.multiply(tensor(given('labels')), logs), { axis }));
    },
  ),
  ...functions('nn.sparse_softmax_cross_entropy_with_logits', 'labels logits', (given, ops) => {
    const logs = ops.logSoftmax(tensor(given('logits')));
    const places = ops.expandDims(ops.cast(tensor(given('labels')), 'int32'), -1);
    return ops.negative(ops.squeeze(ops.takeAlongAxis(logs, places, { axis: -1 }), { axis: -1 }));
  }),
  ...functions('nn.sigmoid_cross_entropy_with_logits', 'labels logits', (given, ops) => {
    const x = tensor(given('logits'));
    const rest = ops.log1p(ops.exp(ops.negative(ops.abs(x))));
    return ops.add(ops.subtract(ops.relu(x), ops.multiply(x, tensor(given('labels')))), rest);
  }),
  ...functions('nn.l2_loss', 't', (given, ops) => ops.divide(ops.sum(ops.square(tensor(given('t')))), 2)),
  ...functions('math.in_top_k nn.in_top_k', 'targets predictions k', (given, ops) =>
    ops.inTopK(tensor(given('targets')), tensor(given('predictions')), given('k') as number),
  ),
  ...functions('math.zero_fraction nn.zero_fraction', 'value', (given, ops) =>
    ops.mean(ops.cast(ops.equal(tensor(given('value')), 0), 'float32')),
  ),
};

export const tensorflowWindows: Table = {
  ...convolutions,
  ...pooling('maxPool', 'nn.max_pool nn.max_pool1d nn.max_pool2d nn.max_pool3d nn.max_pool_v2 compat.v1.nn.max_pool2d'),
  ...pooling('averagePool', 'nn.avg_pool nn.avg_pool1d nn.avg_pool2d nn.avg_pool3d nn.avg_pool_v2'),
  ...normalizing,
  ...losses,
};
