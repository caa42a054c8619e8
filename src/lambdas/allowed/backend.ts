/**
 * `keras.backend` as Keras 1 and 2, tf.keras and tf_keras have it (keras/backend/tensorflow_backend.py,
 * keras/src/backend.py). Where the eras differ, the row asks for the era.
 */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { asTensor } from '../machine/tensors.ts';
import { none, pyBool, pyFloat, pyInt, pyTensor, pyText, type Value } from '../machine/values.ts';
import { backendShapeRows } from './backend-shapes.ts';
import { concatenate, ofOne, ofTwo, reduction, refuseRandom, stack } from './common.ts';
import { type Allowed, type Arguments, allow, namespaceOf } from './define.ts';
import { l2Normalize } from './tensorflow-nn.ts';

/** `keras.config.epsilon()` unless the training script changed it, which no file tells. */
const epsilon = 1e-7;

const reduced = 'x axis keepdims';

const elementRows: Readonly<Record<string, Allowed>> = {
  abs: ofOne((ops, x) => ops.abs(x), 'x'),
  sign: ofOne((ops, x) => ops.sign(x), 'x'),
  square: ofOne((ops, x) => ops.multiply(x, x), 'x'),
  // Negative numbers count as 0, so that no NaN appears.
  sqrt: ofOne((ops, x) => ops.sqrt(ops.maximum(x, 0)), 'x'),
  exp: ofOne((ops, x) => ops.exp(x), 'x'),
  log: ofOne((ops, x) => ops.log(x), 'x'),
  round: ofOne((ops, x) => ops.round(x), 'x'),
  sin: ofOne((ops, x) => ops.sin(x), 'x'),
  cos: ofOne((ops, x) => ops.cos(x), 'x'),
  tanh: ofOne((ops, x) => ops.tanh(x), 'x'),
  sigmoid: ofOne((ops, x) => ops.sigmoid(x), 'x'),
  hard_sigmoid: ofOne((ops, x) => ops.hardSigmoid(x, { alpha: 0.2, beta: 0.5 }), 'x'),
  softplus: ofOne((ops, x) => ops.softplus(x), 'x'),
  softsign: ofOne((ops, x) => ops.softsign(x), 'x'),
  elu: allow('x alpha', given => pyTensor(given.ops.elu(given.tensor('x'), { alpha: given.number('alpha', 1) }))),
  relu: allow('x alpha max_value threshold', given => pyTensor(relu(given))),
  softmax: allow('x axis', given => pyTensor(given.ops.softmax(given.tensor('x'), { axis: given.int('axis', -1) }))),
  'identity stop_gradient print_tensor': ofOne((_, x) => x, 'x message summarize'),
  pow: ofTwo((ops, a, b) => ops.power(a, b), 'x a'),
  maximum: ofTwo((ops, a, b) => ops.maximum(a, b), 'x y'),
  minimum: ofTwo((ops, a, b) => ops.minimum(a, b), 'x y'),
  equal: ofTwo((ops, a, b) => ops.equal(a, b), 'x y'),
  not_equal: ofTwo((ops, a, b) => ops.notEqual(a, b), 'x y'),
  greater: ofTwo((ops, a, b) => ops.greater(a, b), 'x y'),
  greater_equal: ofTwo((ops, a, b) => ops.greaterEqual(a, b), 'x y'),
  less: ofTwo((ops, a, b) => ops.less(a, b), 'x y'),
  less_equal: ofTwo((ops, a, b) => ops.lessEqual(a, b), 'x y'),
  clip: allow('x min_value max_value', given => clip(given)),
  cast: allow('x dtype', given => pyTensor(given.ops.cast(given.tensor('x'), given.dtype('dtype') ?? 'float32'))),
  cast_to_floatx: ofOne((ops, x) => ops.cast(x, 'float32'), 'x'),
  switch: allow('condition then_expression else_expression', given => choose(given)),
  in_train_phase: allow('x alt training', given => evaluated(given, given.flag('training') ? 'x' : 'alt')),
  in_test_phase: allow('x alt training', given => evaluated(given, given.flag('training') ? 'alt' : 'x')),
};

/** `max_value`, `alpha` (slope below the threshold) and `threshold` as `K.relu` has them. */
function relu(given: Arguments): SymbolicTensor {
  const { ops } = given;
  const x = given.tensor('x');
  const [alpha, threshold] = [given.number('alpha', 0), given.number('threshold', 0)];
  const kept = threshold === 0 ? ops.relu(x) : ops.where(ops.greaterEqual(x, threshold), x, ops.zerosLike(x));
  const top = given.given('max_value') ? ops.minimum(kept, given.number('max_value')) : kept;
  if (alpha === 0) return top;
  return ops.subtract(top, ops.multiply(alpha, ops.relu(ops.subtract(threshold, x))));
}

function clip(given: Arguments): Value {
  const { ops } = given;
  const low = given.given('min_value') ? ops.maximum(given.tensor('x'), given.like('min_value')) : given.tensor('x');
  return pyTensor(given.given('max_value') ? ops.minimum(low, given.like('max_value')) : low);
}

/** A value, or what a function without arguments gives. */
function evaluated(given: Arguments, name: string): Value {
  const value = given.needed(name);
  const callable = value.kind === 'function' || value.kind === 'callable' || value.kind === 'reference';
  return callable ? given.session.call(value, [], new Map()) : value;
}

/** The condition is widened by axes of size 1 until it has as many as what it chooses from. */
function choose(given: Arguments): Value {
  const { ops } = given;
  const condition = given.needed('condition');
  if (condition.kind !== 'tensor')
    return evaluated(given, given.flag('condition') ? 'then_expression' : 'else_expression');
  const [then, other] = ['then_expression', 'else_expression'].map(name =>
    asTensor(evaluated(given, name), given.session),
  );
  if (!then || !other) return refuse('K.switch without both expressions');
  let chosen = ops.cast(condition.tensor, 'bool');
  while (chosen.shape.length > 0 && chosen.shape.length < then.shape.length) chosen = ops.expandDims(chosen, -1);
  return pyTensor(ops.where(chosen, then, other));
}

/** Booleans are counted as numbers. */
function real({ ops }: Pick<Arguments, 'ops'>, x: SymbolicTensor): SymbolicTensor {
  return x.dtype === 'bool' ? ops.cast(x, 'float32') : x;
}

const reductionRows: Readonly<Record<string, Allowed>> = {
  sum: reduction((ops, x, options) => ops.cast(ops.sum(x, options), x.dtype), reduced),
  prod: reduction((ops, x, options) => ops.cast(ops.prod(x, options), x.dtype), reduced),
  mean: reduction((ops, x, options) => ops.mean(real({ ops }, x), options), reduced),
  max: reduction((ops, x, options) => ops.max(x, options), reduced),
  min: reduction((ops, x, options) => ops.min(x, options), reduced),
  std: reduction((ops, x, options) => ops.std(real({ ops }, x), options), reduced),
  var: reduction((ops, x, options) => ops.var(real({ ops }, x), options), reduced),
  any: reduction((ops, x, options) => ops.any(ops.cast(x, 'bool'), options), reduced),
  all: reduction((ops, x, options) => ops.all(ops.cast(x, 'bool'), options), reduced),
  logsumexp: reduction((ops, x, options) => ops.logsumexp(x, options), reduced),
  argmax: allow('x axis', given =>
    pyTensor(given.ops.cast(given.ops.argmax(given.tensor('x'), { axis: given.int('axis', -1) }), 'int64')),
  ),
  argmin: allow('x axis', given =>
    pyTensor(given.ops.cast(given.ops.argmin(given.tensor('x'), { axis: given.int('axis', -1) }), 'int64')),
  ),
  cumsum: allow('x axis', given => pyTensor(given.ops.cumsum(given.tensor('x'), { axis: given.int('axis', 0) }))),
  cumprod: allow('x axis', given => pyTensor(given.ops.cumprod(given.tensor('x'), { axis: given.int('axis', 0) }))),
  l2_normalize: allow('x axis', given =>
    pyTensor(l2Normalize(given, given.tensor('x'), given.axes('axis'), normEpsilon(given))),
  ),
};

/** TensorFlow's constant; Theano's backend takes `epsilon()`. */
function normEpsilon({ era }: Arguments): number {
  return era.backend === 'theano' ? epsilon ** 2 : 1e-12;
}

const linearRows: Readonly<Record<string, Allowed>> = {
  dot: allow('x y', given => pyTensor(given.ops.dot(given.tensor('x'), given.tensor('y')))),
  batch_dot: allow('x y axes', given => pyTensor(batchDot(given))),
  concatenate: allow('tensors axis', given => concatenate(given, given.items('tensors'), given.int('axis', -1))),
  'stack pack': allow('x axis', given => stack(given, 'x', given.int('axis', 0))),
  bias_add: allow('x bias data_format', given => {
    if (given.text('data_format', 'channels_last') === 'channels_first')
      return refuse('K.bias_add with channels first');
    return pyTensor(given.ops.add(given.tensor('x'), given.tensor('bias')));
  }),
  one_hot: allow('indices num_classes', given =>
    pyTensor(given.ops.oneHot(given.tensor('indices'), given.int('num_classes'))),
  ),
  gather: allow('reference indices', given =>
    pyTensor(
      given.ops.take(given.tensor('reference'), asTensor(given.needed('indices'), given.session, 'int32'), { axis: 0 }),
    ),
  ),
  batch_normalization: allow('x mean var beta gamma axis epsilon', given => {
    const { ops } = given;
    const spread = ops.sqrt(ops.add(given.tensor('var'), given.number('epsilon', 1e-3)));
    const normal = ops.divide(ops.subtract(given.tensor('x'), given.tensor('mean')), spread);
    const scaled = given.given('gamma') ? ops.multiply(normal, given.like('gamma')) : normal;
    return pyTensor(given.given('beta') ? ops.add(scaled, given.like('beta')) : scaled);
  }),
};

/** One product for each sample: the axes named are summed over, the batch is kept; a bare vector becomes a column. */
function batchDot(given: Arguments): SymbolicTensor {
  const { ops } = given;
  const [x, y] = [given.tensor('x'), given.tensor('y')];
  const [xRank, yRank] = [x.shape.length, y.shape.length];
  if (xRank < 2 || yRank < 2) return refuse('K.batch_dot of tensors without a batch');
  const named = given.given('axes') ? given.ints('axes') : [xRank - 1, yRank === 2 ? 1 : yRank - 2];
  const [a = 1, b = a] = named;
  const [xAxis, yAxis] = [a < 0 ? a + xRank : a, b < 0 ? b + yRank : b];
  if (xRank > 3 && yRank > 3 && !isBatchDotOuter(given)) return olderBatchDot(given, x, y, xAxis, yAxis);
  const letters = 'bcdefghijklmnopqrstuvw';
  const xLabels = [...letters.slice(0, xRank)];
  const yLabels = [...letters.slice(xRank, xRank + yRank)];
  yLabels[0] = xLabels[0] ?? 'b';
  yLabels[yAxis] = 'z';
  xLabels[xAxis] = 'z';
  const kept = [...xLabels, ...yLabels.slice(1)].filter(label => label !== 'z').join('');
  const product = ops.einsum(`${xLabels.join('')},${yLabels.join('')}->${kept}`, x, y);
  return product.shape.length === 1 ? ops.expandDims(product, 1) : product;
}

/** Keras 2.3 and TensorFlow 2.2 gave batch_dot of higher ranks all axes of both; before it was a matrix product. */
function isBatchDotOuter({ era }: Arguments): boolean {
  if (era.line === 'keras3' || era.line === 'tf_keras') return true;
  const [major = 0, minor = 0] = (era.keras ?? '2.3').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 3);
}

function olderBatchDot(
  { ops }: Arguments,
  x: SymbolicTensor,
  y: SymbolicTensor,
  xAxis: number,
  yAxis: number,
): SymbolicTensor {
  const left = xAxis === x.shape.length - 1 ? x : ops.swapaxes(x, -1, -2);
  const right = yAxis === y.shape.length - 1 ? ops.swapaxes(y, -1, -2) : y;
  return ops.matmul(left, right);
}

const settingRows: Readonly<Record<string, Allowed>> = {
  epsilon: allow('', () => pyFloat(epsilon)),
  floatx: allow('', () => pyText('float32')),
  image_data_format: allow('', () => pyText('channels_last')),
  image_dim_ordering: allow('', () => pyText('tf')),
  backend: allow('', given => pyText(given.era.backend ?? 'tensorflow')),
  learning_phase: allow('', () => pyInt(0)),
  ndim: allow('x', given => pyInt(given.tensor('x').shape.length)),
  dtype: allow('x', given => pyText(given.tensor('x').dtype)),
  is_keras_tensor: allow('x', given => pyBool(given.needed('x').kind === 'tensor')),
  is_sparse: allow('tensor', () => pyBool(false)),
  to_dense: ofOne((_, x) => x, 'tensor'),
  'constant variable': allow('value dtype shape name | initial_value:value', given => {
    const made = asTensor(given.needed('value'), given.session, given.dtype('dtype') ?? 'float32');
    return pyTensor(given.given('shape') ? given.ops.broadcastTo(made, given.sizes('shape')) : made);
  }),
  get_session: allow('', () => none),
  'random_normal random_uniform random_binomial truncated_normal random_normal_variable random_uniform_variable random_bernoulli dropout':
    refuseRandom('a function of keras.backend that draws random numbers'),
  map_fn: allow('fn elems name dtype', given => mapRows(given)),
  foldl: allow('fn elems initializer name', given => fold(given, items => items)),
  foldr: allow('fn elems initializer name', given => fold(given, items => [...items].reverse())),
};

function mapRows(given: Arguments): Value {
  const { ops, session } = given;
  const mapped = ops.map(row => {
    const result = session.call(given.needed('fn'), [pyTensor(row)], new Map());
    return result.kind === 'tensor' ? result.tensor : refuse('K.map_fn with a function of several results');
  }, given.tensor('elems'));
  return pyTensor(mapped);
}

function fold(given: Arguments, order: (items: readonly SymbolicTensor[]) => readonly SymbolicTensor[]): Value {
  const elements = given.tensor('elems');
  const count = elements.shape[0];
  if (typeof count !== 'number') return refuse('K.foldl over an axis whose size is known only when the model runs');
  const items = order(given.ops.unstack(elements, { num: count })).map((item): Value => pyTensor(item));
  const start = given.given('initializer') ? [given.needed('initializer')] : [];
  const [first, ...others] = [...start, ...items];
  if (!first) return refuse('K.foldl over nothing');
  return others.reduce((total, item) => given.session.call(given.needed('fn'), [total, item], new Map()), first);
}

export const backend = namespaceOf({
  ...elementRows,
  ...reductionRows,
  ...linearRows,
  ...settingRows,
  ...backendShapeRows,
});
