/**
 * Functions of TensorFlow that tf.keras 2.4 to 2.15 writes as TFOpLambda layers, by their public names without `tf.`
 * (`math.multiply`, `__operators__.add`): the parameters that matter, and what they compute in `ops`.
 */

import type { DType } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { ReduceOptions } from '../../ops/reduce.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/types.ts';
import type { Given } from './row.ts';
import { readDType } from './values.ts';

type Compute = (given: Given, ops: Ops) => TensorLike | readonly TensorLike[] | readonly SizeLike[];

export interface TensorflowFunction {
  /** Parameters by TensorFlow's names, in order. */
  readonly parameters: readonly string[];
  readonly compute: Compute;
}

type Table = { readonly [name: string]: TensorflowFunction };

const tensor = (value: unknown) => value as TensorLike;
const optionalNumber = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Under each of the given names (words parted by spaces): what has these parameters and computes this. */
function functions(names: string, parameters: string, compute: Compute): Table {
  const entry = { parameters: parameters.split(' '), compute };
  return Object.fromEntries(names.split(' ').map(name => [name, entry]));
}

type OpName<F> = { [K in keyof Ops]: Ops[K] extends F ? K : never }[keyof Ops];
type UnaryName = OpName<(x: TensorLike) => SymbolicTensor>;
type BinaryName = OpName<(x1: TensorLike, x2: TensorLike) => SymbolicTensor>;

/** `names: op` pairs for functions of one tensor. */
function unary(pairs: { readonly [names: string]: UnaryName }): Table {
  return Object.assign(
    {},
    ...Object.entries(pairs).map(([names, op]) =>
      functions(names, 'x', (given, ops) =>
        (ops[op] as (x: TensorLike) => SymbolicTensor)(
          tensor(given('x', 'input', 'features', 'tensor', 'logits', 'image')),
        ),
      ),
    ),
  );
}

function binary(pairs: { readonly [names: string]: BinaryName }): Table {
  return Object.assign(
    {},
    ...Object.entries(pairs).map(([names, op]) =>
      functions(names, 'x y', (given, ops) =>
        (ops[op] as (x1: TensorLike, x2: TensorLike) => SymbolicTensor)(
          tensor(given('x', 'a', 'lhs')),
          tensor(given('y', 'b', 'rhs')),
        ),
      ),
    ),
  );
}

type ReduceName = OpName<(x: TensorLike, options?: ReduceOptions) => SymbolicTensor>;

function reductions(pairs: { readonly [names: string]: ReduceName }): Table {
  return Object.assign(
    {},
    ...Object.entries(pairs).map(([names, op]) =>
      functions(names, 'input_tensor axis keepdims', (given, ops) =>
        (ops[op] as (x: TensorLike, options?: ReduceOptions) => SymbolicTensor)(
          tensor(given('input_tensor', 'input')),
          {
            axis: (given('axis', 'reduction_indices') ?? null) as number | readonly number[] | null,
            keepdims: given('keepdims', 'keep_dims') === true,
          },
        ),
      ),
    ),
  );
}

const elementwise: Table = {
  ...unary({
    'math.abs abs __operators__.abs': 'abs',
    'math.negative negative __operators__.neg': 'negative',
    'math.square square': 'square',
    'math.sqrt sqrt': 'sqrt',
    'math.rsqrt': 'rsqrt',
    'math.exp exp': 'exp',
    'math.expm1': 'expm1',
    'math.log': 'log',
    'math.log1p': 'log1p',
    'math.sin sin': 'sin',
    'math.cos cos': 'cos',
    'math.tan tan': 'tan',
    'math.asin asin': 'arcsin',
    'math.acos acos': 'arccos',
    'math.atan atan': 'arctan',
    'math.sinh sinh': 'sinh',
    'math.cosh cosh': 'cosh',
    'math.tanh tanh nn.tanh': 'tanh',
    'math.asinh asinh': 'arcsinh',
    'math.acosh acosh': 'arccosh',
    'math.atanh atanh': 'arctanh',
    'math.erf': 'erf',
    'math.erfinv': 'erfinv',
    'math.sign sign': 'sign',
    'math.floor floor': 'floor',
    'math.ceil': 'ceil',
    'math.round round math.rint': 'round',
    'math.reciprocal': 'reciprocal',
    'math.is_nan': 'isnan',
    'math.is_inf': 'isinf',
    'math.is_finite': 'isfinite',
    'math.logical_not __operators__.invert': 'logicalNot',
    'math.sigmoid sigmoid nn.sigmoid': 'sigmoid',
    'math.log_sigmoid': 'logSigmoid',
    'math.softplus nn.softplus': 'softplus',
    'nn.softsign math.softsign': 'softsign',
    'nn.relu': 'relu',
    'nn.relu6': 'relu6',
    'nn.selu': 'selu',
    'nn.elu': 'elu',
    'identity stop_gradient grad_pass_through ensure_shape': 'copy',
    'zeros_like compat.v1.zeros_like': 'zerosLike',
    'ones_like compat.v1.ones_like': 'onesLike',
    'bitwise.invert': 'bitwiseNot',
  }),
  ...binary({
    'math.add add __operators__.add __operators__.radd': 'add',
    'math.subtract subtract __operators__.sub': 'subtract',
    'math.multiply multiply __operators__.mul': 'multiply',
    'math.truediv truediv math.divide divide __operators__.truediv __operators__.div compat.v1.div compat.v1.divide':
      'divide',
    'math.floordiv __operators__.floordiv floor_div compat.v1.floor_div': 'floorDivide',
    'math.floormod math.mod __operators__.mod': 'mod',
    'math.pow pow __operators__.pow': 'power',
    'math.maximum maximum': 'maximum',
    'math.minimum minimum': 'minimum',
    'math.greater greater __operators__.gt': 'greater',
    'math.greater_equal greater_equal __operators__.ge': 'greaterEqual',
    'math.less less __operators__.lt': 'less',
    'math.less_equal less_equal __operators__.le': 'lessEqual',
    'math.equal equal __operators__.eq': 'equal',
    'math.not_equal not_equal __operators__.ne': 'notEqual',
    'math.logical_and logical_and __operators__.and __operators__.logical_and': 'logicalAnd',
    'math.logical_or logical_or __operators__.or __operators__.logical_or': 'logicalOr',
    'math.logical_xor __operators__.xor __operators__.logical_xor': 'logicalXor',
    'math.divide_no_nan': 'divideNoNan',
    'math.atan2 atan2': 'arctan2',
    'bitwise.bitwise_and': 'bitwiseAnd',
    'bitwise.bitwise_or': 'bitwiseOr',
    'bitwise.bitwise_xor': 'bitwiseXor',
  }),
  ...functions('math.squared_difference', 'x y', (given, ops) =>
    ops.square(ops.subtract(tensor(given('x')), tensor(given('y')))),
  ),
  ...functions('math.multiply_no_nan', 'x y', (given, ops) =>
    ops.where(ops.equal(tensor(given('y')), 0), 0, ops.multiply(tensor(given('x')), tensor(given('y')))),
  ),
  ...functions('math.add_n add_n math.accumulate_n', 'inputs', (given, ops) =>
    (given('inputs') as readonly TensorLike[]).reduce((sum, x) => ops.add(sum, x)),
  ),
  ...functions('clip_by_value compat.v1.clip_by_value', 't clip_value_min clip_value_max', (given, ops) =>
    ops.clip(tensor(given('t')), tensor(given('clip_value_min')), tensor(given('clip_value_max'))),
  ),
  ...functions('where compat.v1.where where_v2', 'condition x y', (given, ops) =>
    ops.where(tensor(given('condition')), tensor(given('x')), tensor(given('y'))),
  ),
  ...functions('cast dtypes.cast compat.v1.cast', 'x dtype', (given, ops) =>
    ops.cast(tensor(given('x')), readDType(given('dtype'), 'cast')),
  ),
  ...functions('math.xlogy', 'x y', (given, ops) =>
    ops.where(ops.equal(tensor(given('x')), 0), 0, ops.multiply(tensor(given('x')), ops.log(tensor(given('y'))))),
  ),
};

const reducing: Table = {
  ...reductions({
    'math.reduce_sum reduce_sum compat.v1.reduce_sum': 'sum',
    'math.reduce_mean reduce_mean compat.v1.reduce_mean': 'mean',
    'math.reduce_max reduce_max compat.v1.reduce_max': 'max',
    'math.reduce_min reduce_min compat.v1.reduce_min': 'min',
    'math.reduce_prod reduce_prod compat.v1.reduce_prod': 'prod',
    'math.reduce_all reduce_all compat.v1.reduce_all': 'all',
    'math.reduce_any reduce_any compat.v1.reduce_any': 'any',
    'math.reduce_std': 'std',
    'math.reduce_variance': 'var',
    'math.reduce_logsumexp reduce_logsumexp compat.v1.reduce_logsumexp': 'logsumexp',
    'math.count_nonzero': 'countNonzero',
  }),
  ...functions('math.argmax argmax compat.v1.argmax', 'input axis output_type', (given, ops) =>
    ops.cast(
      ops.argmax(tensor(given('input')), { axis: optionalNumber(given('axis', 'dimension')) ?? 0 }),
      readDType(given('output_type') ?? 'int64', 'argmax'),
    ),
  ),
  ...functions('math.argmin argmin compat.v1.argmin', 'input axis output_type', (given, ops) =>
    ops.cast(
      ops.argmin(tensor(given('input')), { axis: optionalNumber(given('axis', 'dimension')) ?? 0 }),
      readDType(given('output_type') ?? 'int64', 'argmin'),
    ),
  ),
  ...functions('math.reduce_euclidean_norm norm linalg.norm', 'tensor ord axis keepdims', (given, ops) => {
    const options = {
      axis: (given('axis') ?? null) as number | readonly number[] | null,
      keepdims: given('keepdims') === true,
    };
    const x = tensor(given('tensor', 'input_tensor'));
    const order = given('ord') ?? 'euclidean';
    if (order === 1) return ops.sum(ops.abs(x), options);
    return ops.sqrt(ops.sum(ops.square(x), options));
  }),
  ...functions('math.cumsum cumsum', 'x axis exclusive reverse', (given, ops) => {
    const axis = optionalNumber(given('axis')) ?? 0;
    const x = ops.convertToTensor(tensor(given('x')));
    const turned = given('reverse') === true ? ops.flip(x, { axis }) : x;
    const sums = ops.cumsum(turned, { axis });
    const shifted = given('exclusive') === true ? ops.subtract(sums, turned) : sums;
    return given('reverse') === true ? ops.flip(shifted, { axis }) : shifted;
  }),
  ...functions('math.l2_normalize nn.l2_normalize linalg.l2_normalize', 'x axis epsilon', (given, ops) => {
    const x = tensor(given('x'));
    const axis = (given('axis', 'dim') ?? null) as number | null;
    const squares = ops.sum(ops.square(x), { axis, keepdims: true });
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, (given('epsilon') ?? 1e-12) as number)));
  }),
  ...functions('nn.moments compat.v1.nn.moments', 'x axes shift keepdims', (given, ops) =>
    ops.moments(tensor(given('x')), given('axes') as number | readonly number[], {
      keepdims: given('keepdims', 'keep_dims') === true,
    }),
  ),
  ...functions('math.top_k nn.top_k', 'input k sorted', (given, ops) =>
    ops.topK(tensor(given('input')), (given('k') ?? 1) as number),
  ),
  ...functions('sort', 'values axis direction', (given, ops) => {
    const axis = optionalNumber(given('axis')) ?? -1;
    const sorted = ops.sort(tensor(given('values')), { axis });
    return given('direction') === 'DESCENDING' ? ops.flip(sorted, { axis }) : sorted;
  }),
};

const activating: Table = {
  ...functions('nn.leaky_relu', 'features alpha', (given, ops) =>
    ops.leakyRelu(tensor(given('features')), { negativeSlope: (given('alpha') ?? 0.2) as number }),
  ),
  ...functions('nn.gelu', 'features approximate', (given, ops) =>
    ops.gelu(tensor(given('features')), { approximate: given('approximate') === true }),
  ),
  ...functions('nn.silu nn.swish', 'features beta', (given, ops) => {
    const x = tensor(given('features'));
    return ops.multiply(x, ops.sigmoid(ops.multiply(x, (given('beta') ?? 1) as number)));
  }),
  ...functions('nn.softmax compat.v1.nn.softmax math.softmax', 'logits axis', (given, ops) =>
    ops.softmax(tensor(given('logits')), { axis: optionalNumber(given('axis', 'dim')) ?? -1 }),
  ),
  ...functions('nn.log_softmax math.log_softmax compat.v1.nn.log_softmax', 'logits axis', (given, ops) =>
    ops.logSoftmax(tensor(given('logits')), { axis: optionalNumber(given('axis', 'dim')) ?? -1 }),
  ),
  ...functions('nn.bias_add', 'value bias data_format', (given, ops) => {
    const bias = ops.convertToTensor(tensor(given('bias')));
    const value = ops.convertToTensor(tensor(given('value')));
    const first = typeof given('data_format') === 'string' && /^NC/.test(given('data_format') as string);
    const shape = first ? [-1, ...value.shape.slice(2).map(() => 1)] : [-1];
    return ops.add(value, ops.reshape(bias, shape));
  }),
  ...functions('nn.dropout', 'x rate', (given, ops) => ops.convertToTensor(tensor(given('x')))),
};

export const tensorflowFunctions: Table = { ...elementwise, ...reducing, ...activating };

export { type DType, functions, optionalNumber, type Table, tensor };
