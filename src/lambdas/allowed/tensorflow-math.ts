/** `tf.*` and `tf.math.*` element by element, reductions, sums along an axis (tensorflow/python/ops/math_ops.py). */

import type { SymbolicTensor, TensorLike } from '../../ops/index.ts';
import { trueDivide } from '../machine/operators.ts';
import { refuse } from '../machine/refuse.ts';
import { pyTensor, type Value } from '../machine/values.ts';
import { ofOne, ofTwo, reduction } from './common.ts';
import { type Allowed, type Arguments, allow } from './define.ts';

const reduced = 'input_tensor axis keepdims name | keep_dims:keepdims reduction_indices:axis';

export const mathRows: Readonly<Record<string, Allowed>> = {
  'abs math.abs': ofOne((ops, x) => ops.abs(x)),
  'negative math.negative neg': ofOne((ops, x) => ops.negative(x)),
  'sign math.sign': ofOne((ops, x) => ops.sign(x)),
  'math.ceil ceil': ofOne((ops, x) => ops.ceil(x)),
  'floor math.floor': ofOne((ops, x) => ops.floor(x)),
  'round math.round math.rint': ofOne((ops, x) => ops.round(x)),
  'sqrt math.sqrt': ofOne((ops, x) => ops.sqrt(x)),
  'math.rsqrt rsqrt': ofOne((ops, x) => ops.reciprocal(ops.sqrt(x))),
  'square math.square': ofOne((ops, x) => ops.multiply(x, x)),
  'exp math.exp': ofOne((ops, x) => ops.exp(x)),
  'math.expm1 expm1': ofOne((ops, x) => ops.expm1(x)),
  'math.log log': ofOne((ops, x) => ops.log(x)),
  'math.log1p log1p': ofOne((ops, x) => ops.log1p(x)),
  'sin math.sin': ofOne((ops, x) => ops.sin(x)),
  'cos math.cos': ofOne((ops, x) => ops.cos(x)),
  'tan math.tan': ofOne((ops, x) => ops.tan(x)),
  'asin math.asin': ofOne((ops, x) => ops.arcsin(x)),
  'acos math.acos': ofOne((ops, x) => ops.arccos(x)),
  'atan math.atan': ofOne((ops, x) => ops.arctan(x)),
  'sinh math.sinh': ofOne((ops, x) => ops.sinh(x)),
  'cosh math.cosh': ofOne((ops, x) => ops.cosh(x)),
  'tanh math.tanh nn.tanh': ofOne((ops, x) => ops.tanh(x)),
  'asinh math.asinh': ofOne((ops, x) => ops.arcsinh(x)),
  'acosh math.acosh': ofOne((ops, x) => ops.arccosh(x)),
  'atanh math.atanh': ofOne((ops, x) => ops.arctanh(x)),
  'math.erf erf': ofOne((ops, x) => ops.erf(x)),
  'math.erfc erfc': ofOne((ops, x) => ops.subtract(1, ops.erf(x))),
  'sigmoid math.sigmoid nn.sigmoid': ofOne((ops, x) => ops.sigmoid(x)),
  'math.log_sigmoid log_sigmoid': ofOne((ops, x) => ops.logSigmoid(x)),
  'math.reciprocal reciprocal': ofOne((ops, x) => ops.reciprocal(x)),
  'math.reciprocal_no_nan': ofOne((ops, x) => ops.where(ops.equal(x, 0), ops.zerosLike(x), ops.reciprocal(x))),
  'math.is_nan is_nan': ofOne((ops, x) => ops.isnan(x)),
  'math.is_inf is_inf': ofOne((ops, x) => ops.isinf(x)),
  'math.is_finite is_finite': ofOne((ops, x) => ops.isfinite(x)),
  'logical_not math.logical_not': ofOne((ops, x) => ops.logicalNot(x)),
  'add math.add': ofTwo((ops, a, b) => ops.add(a, b)),
  'subtract math.subtract sub': ofTwo((ops, a, b) => ops.subtract(a, b)),
  'multiply math.multiply mul': ofTwo((ops, a, b) => ops.multiply(a, b)),
  'divide math.divide math.truediv truediv realdiv div': allow('x y name', given => {
    const [a, b] = given.pair('x', 'y');
    return pyTensor(trueDivide(a, b, given.session));
  }),
  'math.divide_no_nan div_no_nan': ofTwo(divideNoNan),
  'math.multiply_no_nan': ofTwo((ops, a, b) => ops.where(ops.equal(b, 0), 0, ops.multiply(a, b))),
  scalar_mul: ofTwo((ops, a, b) => ops.multiply(a, b), 'scalar x name'),
  'math.floordiv floordiv floor_div': ofTwo((ops, a, b) => ops.floorDivide(a, b)),
  'math.floormod math.mod mod floormod': ofTwo((ops, a, b) => ops.mod(a, b)),
  'pow math.pow': ofTwo((ops, a, b) => ops.power(a, b)),
  'maximum math.maximum': ofTwo((ops, a, b) => ops.maximum(a, b)),
  'minimum math.minimum': ofTwo((ops, a, b) => ops.minimum(a, b)),
  'math.squared_difference squared_difference': ofTwo(squaredDifference),
  'atan2 math.atan2': ofTwo((ops, y, x) => ops.arctan2(y, x), 'y x name'),
  'equal math.equal': ofTwo((ops, a, b) => ops.equal(a, b)),
  'not_equal math.not_equal': ofTwo((ops, a, b) => ops.notEqual(a, b)),
  'less math.less': ofTwo((ops, a, b) => ops.less(a, b)),
  'less_equal math.less_equal': ofTwo((ops, a, b) => ops.lessEqual(a, b)),
  'greater math.greater': ofTwo((ops, a, b) => ops.greater(a, b)),
  'greater_equal math.greater_equal': ofTwo((ops, a, b) => ops.greaterEqual(a, b)),
  'logical_and math.logical_and': ofTwo((ops, a, b) => ops.logicalAnd(a, b)),
  'logical_or math.logical_or': ofTwo((ops, a, b) => ops.logicalOr(a, b)),
  'math.logical_xor logical_xor': ofTwo((ops, a, b) => ops.logicalXor(a, b)),
  'reduce_sum math.reduce_sum': reduction((ops, x, options) => ops.cast(ops.sum(x, options), x.dtype), reduced),
  'reduce_mean math.reduce_mean': reduction((ops, x, options) => ops.cast(ops.mean(x, options), x.dtype), reduced),
  'reduce_max math.reduce_max': reduction((ops, x, options) => ops.max(x, options), reduced),
  'reduce_min math.reduce_min': reduction((ops, x, options) => ops.min(x, options), reduced),
  'reduce_prod math.reduce_prod': reduction((ops, x, options) => ops.cast(ops.prod(x, options), x.dtype), reduced),
  'reduce_any math.reduce_any': reduction((ops, x, options) => ops.any(x, options), reduced),
  'reduce_all math.reduce_all': reduction((ops, x, options) => ops.all(x, options), reduced),
  'reduce_logsumexp math.reduce_logsumexp': reduction((ops, x, options) => ops.logsumexp(x, options), reduced),
  'math.reduce_std': reduction((ops, x, options) => ops.std(x, options), reduced),
  'math.reduce_variance': reduction((ops, x, options) => ops.var(x, options), reduced),
  'math.reduce_euclidean_norm': reduction((ops, x, o) => ops.sqrt(ops.sum(ops.multiply(x, x), o)), reduced),
  'math.count_nonzero count_nonzero': reduction((ops, x, o) => ops.cast(ops.countNonzero(x, o), 'int64'), reduced),
  'argmax math.argmax': position('argmax'),
  'argmin math.argmin': position('argmin'),
  'cumsum math.cumsum': allow('x axis exclusive reverse name', given => cumulative(given, 'cumsum')),
  'math.cumprod cumprod': allow('x axis exclusive reverse name', given => cumulative(given, 'cumprod')),
  'add_n math.add_n': allow('inputs name', given => {
    const sum = given
      .tensors('inputs')
      .reduce<SymbolicTensor | null>((a, b) => (a === null ? b : given.ops.add(a, b)), null);
    return sum ? pyTensor(sum) : refuse('tf.add_n of no tensors');
  }),
  clip_by_value: allow('t clip_value_min clip_value_max name', given => {
    const { ops } = given;
    const high = ops.minimum(given.tensor('t'), given.like('clip_value_max'));
    return pyTensor(ops.maximum(high, given.like('clip_value_min')));
  }),
};

function divideNoNan(ops: Arguments['ops'], a: TensorLike, b: TensorLike): SymbolicTensor {
  const zero = ops.equal(b, 0);
  return ops.where(zero, ops.zerosLike(ops.divide(a, 1)), ops.divide(a, ops.where(zero, 1, b)));
}

function squaredDifference(ops: Arguments['ops'], a: TensorLike, b: TensorLike): SymbolicTensor {
  const difference = ops.subtract(a, b);
  return ops.multiply(difference, difference);
}

function position(name: 'argmax' | 'argmin'): Allowed {
  return allow('input axis output_type name | dimension:axis', given => {
    const found = given.ops[name](given.tensor('input'), { axis: given.int('axis', 0) });
    return pyTensor(given.ops.cast(found, given.dtype('output_type') ?? 'int64'));
  });
}

function cumulative(given: Arguments, name: 'cumsum' | 'cumprod'): Value {
  const { ops } = given;
  const axis = given.int('axis', 0);
  if (given.flag('exclusive')) return refuse(`tf.${name} with exclusive=True`);
  const x = given.tensor('x');
  if (!given.flag('reverse')) return pyTensor(ops[name](x, { axis }));
  return pyTensor(ops.flip(ops[name](ops.flip(x, { axis }), { axis }), { axis }));
}
