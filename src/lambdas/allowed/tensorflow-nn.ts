/** `tf.nn.*`: activations, normalisation, pooling, convolution with kernels that are constants. */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { asTensor } from '../machine/tensors.ts';
import { pyTensor, pyTuple, type Value } from '../machine/values.ts';
import { ofOne, refuseRandom } from './common.ts';
import { type Allowed, type Arguments, allow } from './define.ts';

const features = 'features name | x:features input:features';

export const neuralRows: Readonly<Record<string, Allowed>> = {
  'nn.relu nn.relu.relu': ofOne((ops, x) => ops.relu(x), features),
  'nn.relu6': ofOne((ops, x) => ops.relu6(x), features),
  'nn.leaky_relu': allow('features alpha name', given =>
    pyTensor(given.ops.leakyRelu(given.tensor('features'), { negativeSlope: given.number('alpha', 0.2) })),
  ),
  'nn.elu': ofOne((ops, x) => ops.elu(x), features),
  'nn.selu': ofOne((ops, x) => ops.selu(x), features),
  'nn.crelu': ofOne((ops, x) => ops.relu(ops.concatenate([x, ops.negative(x)], { axis: -1 })), features),
  'nn.softplus math.softplus': ofOne((ops, x) => ops.softplus(x), features),
  'nn.softsign math.softsign': ofOne((ops, x) => ops.softsign(x), features),
  'nn.silu nn.swish': allow('features beta', given => {
    const x = given.tensor('features');
    return pyTensor(given.ops.multiply(x, given.ops.sigmoid(given.ops.multiply(given.number('beta', 1), x))));
  }),
  'nn.gelu': allow('features approximate name', given =>
    pyTensor(given.ops.gelu(given.tensor('features'), { approximate: given.flag('approximate') })),
  ),
  'nn.softmax softmax math.softmax': allow('logits axis name | dim:axis', given =>
    pyTensor(given.ops.softmax(given.tensor('logits'), { axis: given.int('axis', -1) })),
  ),
  'nn.log_softmax math.log_softmax': allow('logits axis name | dim:axis', given =>
    pyTensor(given.ops.logSoftmax(given.tensor('logits'), { axis: given.int('axis', -1) })),
  ),
  'nn.l2_normalize math.l2_normalize linalg.l2_normalize': allow('x axis epsilon name | dim:axis', given =>
    pyTensor(l2Normalize(given, given.tensor('x'), given.axes('axis'), given.number('epsilon', 1e-12))),
  ),
  'nn.l2_loss': allow('t name', given => {
    const x = given.tensor('t');
    return pyTensor(given.ops.divide(given.ops.sum(given.ops.multiply(x, x)), 2));
  }),
  'nn.moments': allow('x axes shift keepdims name | keep_dims:keepdims', given => {
    const options = { axis: given.axes('axes'), keepdims: given.flag('keepdims') };
    const x = given.tensor('x');
    return pyTuple([pyTensor(given.ops.mean(x, options)), pyTensor(given.ops.var(x, options))]);
  }),
  'nn.batch_normalization': allow('x mean variance offset scale variance_epsilon name', given =>
    batchNormalization(given),
  ),
  'nn.bias_add': allow('value bias data_format name', given => {
    if (/^NC/.test(given.text('data_format', 'NHWC')) && given.text('data_format', 'NHWC') !== 'NC') {
      return refuse('tf.nn.bias_add with channels first');
    }
    return pyTensor(given.ops.add(given.tensor('value'), given.tensor('bias')));
  }),
  'nn.max_pool nn.max_pool2d nn.max_pool_v2 nn.max_pool1d nn.max_pool3d': pooling('maxPool'),
  'nn.avg_pool nn.avg_pool2d nn.avg_pool_v2 nn.avg_pool1d nn.avg_pool3d': pooling('averagePool'),
  'nn.conv2d nn.convolution nn.conv1d nn.conv3d': allow(
    'input filters strides padding data_format dilations name | filter:filters value:input stride:strides',
    given =>
      pyTensor(given.ops.conv(given.tensor('input'), given.tensor('filters'), windowOptions(given, 'dilations'))),
  ),
  'nn.depthwise_conv2d': allow('input filter strides padding data_format dilations name', given =>
    pyTensor(given.ops.depthwiseConv(given.tensor('input'), given.tensor('filter'), windowOptions(given, 'dilations'))),
  ),
  'nn.local_response_normalization nn.lrn': allow('input depth_radius bias alpha beta name', given =>
    localResponse(given),
  ),
  'nn.depth_to_space depth_to_space': allow('input block_size data_format name', given =>
    pyTensor(given.ops.depthToSpace(given.tensor('input'), given.int('block_size'))),
  ),
  'nn.space_to_depth space_to_depth': allow('input block_size data_format name', given =>
    pyTensor(given.ops.spaceToDepth(given.tensor('input'), given.int('block_size'))),
  ),
  'nn.embedding_lookup': allow('params ids name', given =>
    pyTensor(given.ops.take(given.tensor('params'), asTensor(given.needed('ids'), given.session), { axis: 0 })),
  ),
  'nn.dropout random.normal random.uniform random_normal random_uniform random.truncated_normal random.shuffle random.categorical random.stateless_normal random.stateless_uniform truncated_normal random_shuffle random.Generator':
    refuseRandom('a function of tf.random'),
};

/** x / √max(Σx², ε): tensorflow/python/ops/nn_impl.py. */
export function l2Normalize(
  { ops }: Arguments,
  x: SymbolicTensor,
  axis: number | number[] | null,
  epsilon: number,
): SymbolicTensor {
  const squares = ops.sum(ops.multiply(x, x), { axis, keepdims: true });
  return ops.multiply(x, ops.reciprocal(ops.sqrt(ops.maximum(squares, epsilon))));
}

function batchNormalization(given: Arguments): Value {
  const { ops } = given;
  const x = given.tensor('x');
  const spread = ops.reciprocal(ops.sqrt(ops.add(given.tensor('variance'), given.number('variance_epsilon', 1e-3))));
  const factor = given.given('scale') ? ops.multiply(spread, given.like('scale')) : spread;
  const shifted = ops.multiply(ops.subtract(x, given.tensor('mean')), factor);
  return pyTensor(given.given('offset') ? ops.add(shifted, given.like('offset')) : shifted);
}

/** TensorFlow gives windows for all axes (`[1, 2, 2, 1]`), for the spatial ones, or one number. */
export function spatialSizes(sizes: readonly number[], rank: number, channelsFirst: boolean): number[] {
  if (sizes.length === 1) return new Array<number>(rank).fill(sizes[0] ?? 1);
  if (sizes.length === rank) return [...sizes];
  return channelsFirst ? sizes.slice(2) : sizes.slice(1, -1);
}

function windowOptions(given: Arguments, dilations: string) {
  const rank = given.tensor('input').shape.length - 2;
  const channelsFirst = given.text('data_format', 'NHWC').startsWith('NC');
  const padding = given.text('padding', 'VALID').toLowerCase();
  if (padding !== 'same' && padding !== 'valid') return refuse(`padding ${padding}`);
  const strides = given.given('strides') ? spatialSizes(given.ints('strides'), rank, channelsFirst) : 1;
  return {
    strides,
    padding: padding as 'same' | 'valid',
    dataFormat: channelsFirst ? ('channels_first' as const) : ('channels_last' as const),
    ...(given.given(dilations) && { dilationRate: spatialSizes(given.ints(dilations), rank, channelsFirst) }),
  };
}

function pooling(name: 'maxPool' | 'averagePool'): Allowed {
  return allow('input ksize strides padding data_format name | value:input', given => {
    const x = given.tensor('input');
    const options = windowOptions(given, '');
    const size = spatialSizes(given.ints('ksize'), x.shape.length - 2, options.dataFormat === 'channels_first');
    return pyTensor(given.ops[name](x, size, options));
  });
}

/** x / (bias + alpha·Σ of squares of neighbouring channels)^beta. */
function localResponse(given: Arguments): Value {
  const { ops } = given;
  const x = given.tensor('input');
  const radius = given.int('depth_radius', 5);
  const channels = x.shape.at(-1);
  if (typeof channels !== 'number' || x.shape.length !== 4) return refuse('tf.nn.lrn of an unknown number of channels');
  const near = Array.from({ length: channels }, (_, row) =>
    Array.from({ length: channels }, (_, column) => (Math.abs(row - column) <= radius ? 1 : 0)),
  );
  const sums = ops.matmul(ops.multiply(x, x), ops.constant(near, x.dtype));
  const base = ops.add(given.number('bias', 1), ops.multiply(given.number('alpha', 1), sums));
  return pyTensor(ops.divide(x, ops.power(base, ops.constant(given.number('beta', 0.5), x.dtype))));
}
