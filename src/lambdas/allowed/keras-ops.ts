/**
 * `keras.ops.*` of Keras 3 (keras/src/ops), in its own signatures. The operations themselves are ours by the same
 * names; here only arguments are brought over.
 */

import { refuse } from '../machine/refuse.ts';
import { pyTensor, pyTuple, type Value } from '../machine/values.ts';
import { ofOne, ofTwo, reduction } from './common.ts';
import { type Allowed, type Arguments, allow, namespaceOf } from './define.ts';
import { kerasShapeRows } from './keras-ops-shapes.ts';

type UnaryName =
  | 'abs'
  | 'absolute'
  | 'negative'
  | 'sign'
  | 'ceil'
  | 'floor'
  | 'trunc'
  | 'sqrt'
  | 'reciprocal'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'arcsin'
  | 'arccos'
  | 'arctan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'arcsinh'
  | 'arccosh'
  | 'arctanh'
  | 'erf'
  | 'isnan'
  | 'isinf'
  | 'isfinite'
  | 'logicalNot'
  | 'stopGradient'
  | 'copy'
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'softplus'
  | 'softsign'
  | 'selu'
  | 'silu'
  | 'swish'
  | 'logSigmoid'
  | 'hardSilu'
  | 'hardSwish'
  | 'hardTanh'
  | 'tanhShrink'
  | 'mish'
  | 'hardSigmoid'
  | 'ravel'
  | 'zerosLike'
  | 'onesLike'
  | 'sparsePlus'
  | 'cbrt'
  | 'exp2'
  | 'log2'
  | 'log10'
  | 'fliplr'
  | 'flipud'
  | 'isposinf'
  | 'isneginf'
  | 'signbit'
  | 'sinc'
  | 'deg2rad'
  | 'rad2deg'
  | 'sparseSigmoid'
  | 'nanToNum';
type BinaryName =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'trueDivide'
  | 'floorDivide'
  | 'mod'
  | 'power'
  | 'maximum'
  | 'minimum'
  | 'equal'
  | 'notEqual'
  | 'less'
  | 'lessEqual'
  | 'greater'
  | 'greaterEqual'
  | 'logicalAnd'
  | 'logicalOr'
  | 'logicalXor'
  | 'bitwiseAnd'
  | 'bitwiseOr'
  | 'bitwiseXor'
  | 'matmul'
  | 'dot'
  | 'outer'
  | 'inner'
  | 'arctan2'
  | 'hypot'
  | 'logaddexp'
  | 'fmod'
  | 'heaviside'
  | 'cross'
  | 'kron'
  | 'vdot'
  | 'isclose';

const unaryNames: readonly UnaryName[] = [
  'abs',
  'absolute',
  'negative',
  'sign',
  'ceil',
  'floor',
  'trunc',
  'sqrt',
  'reciprocal',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tan',
  'arcsin',
  'arccos',
  'arctan',
  'sinh',
  'cosh',
  'tanh',
  'arcsinh',
  'arccosh',
  'arctanh',
  'erf',
  'isnan',
  'isinf',
  'isfinite',
  'logicalNot',
  'stopGradient',
  'copy',
  'relu',
  'relu6',
  'sigmoid',
  'softplus',
  'softsign',
  'selu',
  'silu',
  'swish',
  'logSigmoid',
  'hardSilu',
  'hardSwish',
  'hardTanh',
  'tanhShrink',
  'mish',
  'hardSigmoid',
  'ravel',
  'zerosLike',
  'onesLike',
  'sparsePlus',
  'cbrt',
  'exp2',
  'log2',
  'log10',
  'fliplr',
  'flipud',
  'isposinf',
  'isneginf',
  'signbit',
  'sinc',
  'deg2rad',
  'rad2deg',
  'sparseSigmoid',
  'nanToNum',
];

const binaryNames: readonly BinaryName[] = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'trueDivide',
  'floorDivide',
  'mod',
  'power',
  'maximum',
  'minimum',
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'logicalAnd',
  'logicalOr',
  'logicalXor',
  'bitwiseAnd',
  'bitwiseOr',
  'bitwiseXor',
  'matmul',
  'dot',
  'outer',
  'inner',
  'arctan2',
  'hypot',
  'logaddexp',
  'fmod',
  'heaviside',
  'cross',
  'kron',
  'vdot',
  'isclose',
];

/** `logicalNot` as `logical_not`. */
const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/** A row under its own name and under `nn.` and `numpy.`, where Keras has it too. */
function everywhere(name: string): string {
  return `${name} numpy.${name} nn.${name} math.${name}`;
}

const unaryRows = Object.fromEntries(
  unaryNames.map(name => [everywhere(snake(name)), ofOne((ops, x) => ops[name](x), 'x dtype | a:x')]),
);

const binaryRows = Object.fromEntries(
  binaryNames.map(name => [everywhere(snake(name)), ofTwo((ops, a, b) => ops[name](a, b), 'x1 x2')]),
);

const reduced = 'x axis keepdims initial';

const reduce = (
  name: 'sum' | 'prod' | 'mean' | 'max' | 'min' | 'amax' | 'amin' | 'all' | 'any' | 'std' | 'var' | 'logsumexp',
) => reduction((ops, x, options) => ops[name](x, options), reduced);

const reductionRows: Readonly<Record<string, Allowed>> = {
  ...Object.fromEntries(
    (['sum', 'prod', 'mean', 'max', 'min', 'amax', 'amin', 'all', 'any', 'std', 'var', 'logsumexp'] as const).map(
      name => [everywhere(name), reduce(name)],
    ),
  ),
  'count_nonzero numpy.count_nonzero': reduction((ops, x, options) => ops.countNonzero(x, options), reduced),
  'argmax numpy.argmax': position('argmax'),
  'argmin numpy.argmin': position('argmin'),
  'norm linalg.norm': allow('x ord axis keepdims', given => norm(given)),
  'normalize nn.normalize': allow('x axis order epsilon', given =>
    pyTensor(
      given.ops.normalize(given.tensor('x'), {
        axis: given.int('axis', -1),
        order: given.number('order', 2),
        epsilon: given.number('epsilon', 1e-12),
      }),
    ),
  ),
  'moments nn.moments': allow('x axes keepdims synchronized', given => {
    const options = { axis: given.axes('axes'), keepdims: given.flag('keepdims') };
    return pyTuple([
      pyTensor(given.ops.mean(given.tensor('x'), options)),
      pyTensor(given.ops.var(given.tensor('x'), options)),
    ]);
  }),
  'cumsum numpy.cumsum': allow('x axis dtype', given =>
    pyTensor(given.ops.cumsum(given.tensor('x'), { axis: given.int('axis', 0) })),
  ),
  'cumprod numpy.cumprod': allow('x axis dtype', given =>
    pyTensor(given.ops.cumprod(given.tensor('x'), { axis: given.int('axis', 0) })),
  ),
};

function position(name: 'argmax' | 'argmin'): Allowed {
  return allow('x axis keepdims', given => {
    const options = { axis: given.given('axis') ? given.int('axis') : null, keepdims: given.flag('keepdims') };
    return pyTensor(given.ops[name](given.tensor('x'), options));
  });
}

function norm(given: Arguments): Value {
  const options = { axis: given.axes('axis'), keepdims: given.flag('keepdims') };
  const x = given.tensor('x');
  const order = given.given('ord') ? given.needed('ord') : null;
  if (order?.kind === 'string') return refuse(`keras.ops.norm with ord=${order.value}`);
  const p = order === null ? 2 : given.number('ord');
  if (p === 1 && typeof options.axis === 'number') return pyTensor(given.ops.sum(given.ops.abs(x), options));
  if (p !== 2 || (order !== null && typeof options.axis !== 'number')) return refuse(`keras.ops.norm with ord=${p}`);
  return pyTensor(given.ops.sqrt(given.ops.sum(given.ops.multiply(x, x), options)));
}

const activationRows: Readonly<Record<string, Allowed>> = {
  'softmax nn.softmax': allow('x axis', given =>
    pyTensor(given.ops.softmax(given.tensor('x'), { axis: given.axes('axis') ?? -1 })),
  ),
  'log_softmax nn.log_softmax': allow('x axis', given =>
    pyTensor(given.ops.logSoftmax(given.tensor('x'), { axis: given.axes('axis') ?? -1 })),
  ),
  'leaky_relu nn.leaky_relu': allow('x negative_slope', given =>
    pyTensor(given.ops.leakyRelu(given.tensor('x'), { negativeSlope: given.number('negative_slope', 0.2) })),
  ),
  'elu nn.elu': allow('x alpha', given =>
    pyTensor(given.ops.elu(given.tensor('x'), { alpha: given.number('alpha', 1) })),
  ),
  'celu nn.celu': allow('x alpha', given =>
    pyTensor(given.ops.celu(given.tensor('x'), { alpha: given.number('alpha', 1) })),
  ),
  'gelu nn.gelu': allow('x approximate', given =>
    pyTensor(given.ops.gelu(given.tensor('x'), { approximate: given.flag('approximate', true) })),
  ),
  'glu nn.glu': allow('x axis', given => pyTensor(given.ops.glu(given.tensor('x'), { axis: given.int('axis', -1) }))),
  'squareplus nn.squareplus': allow('x b', given =>
    pyTensor(given.ops.squareplus(given.tensor('x'), { b: given.number('b', 4) })),
  ),
  'hard_shrink nn.hard_shrink': allow('x threshold', given =>
    pyTensor(given.ops.hardShrink(given.tensor('x'), { threshold: given.number('threshold', 0.5) })),
  ),
  'soft_shrink nn.soft_shrink': allow('x threshold', given =>
    pyTensor(given.ops.softShrink(given.tensor('x'), { threshold: given.number('threshold', 0.5) })),
  ),
  'threshold nn.threshold': allow('x threshold default_value', given =>
    pyTensor(given.ops.threshold(given.tensor('x'), given.number('threshold'), given.number('default_value'))),
  ),
  'one_hot nn.one_hot': allow('x num_classes axis dtype sparse', given =>
    pyTensor(
      given.ops.oneHot(given.tensor('x'), given.int('num_classes'), {
        axis: given.int('axis', -1),
        dtype: given.dtype('dtype') ?? 'float32',
      }),
    ),
  ),
  'max_pool nn.max_pool': pooling('maxPool'),
  'average_pool nn.average_pool': pooling('averagePool'),
};

function pooling(name: 'maxPool' | 'averagePool'): Allowed {
  return allow('inputs pool_size strides padding data_format', given => {
    const padding = given.text('padding', 'valid').toLowerCase() === 'same' ? 'same' : 'valid';
    const rank = given.tensor('inputs').shape.length - 2;
    const wide = (sizes: number[]) => (sizes.length === 1 ? new Array<number>(rank).fill(sizes[0] ?? 1) : sizes);
    const first = given.text('data_format', 'channels_last') === 'channels_first';
    const dataFormat = first ? ('channels_first' as const) : ('channels_last' as const);
    const strides = given.given('strides') ? wide(given.ints('strides')) : null;
    return pyTensor(
      given.ops[name](given.tensor('inputs'), wide(given.ints('pool_size')), { strides, padding, dataFormat }),
    );
  });
}

export const kerasOps = namespaceOf({
  ...unaryRows,
  ...binaryRows,
  ...reductionRows,
  ...activationRows,
  ...kerasShapeRows,
});
