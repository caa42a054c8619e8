/** Every operation computes the same in ONNX Runtime as in the host's plain loops, with the shape that was inferred. */

import { describe, expect, it } from 'vitest';
import { compareTensors, float16Tolerance, float32Tolerance } from '../../src/numbers/compare.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import type { SymbolicTensor } from '../../src/ops/types.ts';
import { computeBoth, sample } from './both.ts';

type Build = (...inputs: SymbolicTensor[]) => SymbolicTensor | readonly SymbolicTensor[];

/** Asserts agreement of values, dtypes and shapes. */
async function agree(tensors: readonly Tensor[], build: Build, open?: readonly number[]): Promise<void> {
  const { outputs, session, host } = await computeBoth(tensors, build, open);
  outputs.forEach((output, at) => {
    const tolerance = output.dtype === 'float16' ? float16Tolerance : float32Tolerance;
    expect(compareTensors(session[at]!, host[at]!, tolerance).why, `output ${at}`).toBeNull();
    expect(session[at]!.dtype).toBe(output.dtype);
    const fits =
      output.shape.length === session[at]!.shape.length &&
      output.shape.every((size, axis) => size === null || size === session[at]!.shape[axis]);
    expect(fits, `inferred (${output.shape.join()}), got (${session[at]!.shape.join()})`).toBe(true);
  });
}

const positive = { from: 0.1, to: 3 };

describe('one tensor', () => {
  const plain = [
    'abs',
    'negative',
    'sign',
    'ceil',
    'floor',
    'trunc',
    'round',
    'exp',
    'expm1',
    'sin',
    'cos',
    'tan',
    'sinh',
    'cosh',
    'tanh',
    'arctan',
    'arcsinh',
    'erf',
    'isnan',
    'isinf',
    'isfinite',
    'logicalNot',
    'relu',
    'relu6',
    'sigmoid',
    'softplus',
    'softsign',
    'elu',
    'selu',
    'leakyRelu',
    'hardSigmoid',
    'gelu',
    'silu',
    'mish',
    'celu',
    'hardSilu',
    'hardTanh',
    'logSigmoid',
    'tanhShrink',
    'softShrink',
    'hardShrink',
    'squareplus',
    'sparsePlus',
    'sparseSigmoid',
    'square',
    'cbrt',
    'exp2',
    'sinc',
    'i0',
    'nanToNum',
    'signbit',
  ] as const;
  it.each(plain)('%s', op => agree([sample([3, 4, 5])], x => (ops[op] as (x: SymbolicTensor) => SymbolicTensor)(x)));
  it.each(['sqrt', 'reciprocal', 'log', 'log1p', 'log2', 'log10', 'rsqrt'] as const)('%s', op =>
    agree([sample([3, 4], 'float32', positive)], x => ops[op](x)),
  );
  it.each(['arcsin', 'arccos', 'arctanh', 'erfinv'] as const)('%s', op =>
    agree([sample([3, 4], 'float32', { from: -0.95, to: 0.95 })], x => ops[op](x)),
  );
  it('arccosh', () => agree([sample([3, 4], 'float32', { from: 1, to: 5 })], x => ops.arccosh(x)));
  it('erf gelu', () => agree([sample([3, 4])], x => ops.gelu(x, { approximate: false })));
  it('rounds to places', () => agree([sample([3, 4])], x => ops.round(x, { decimals: 1 })));
  it.each(['int8', 'uint8', 'int16', 'int32', 'int64', 'float16', 'float64', 'bool'] as const)(
    'casts to and from %s',
    dtype =>
      agree([sample([3, 4], 'float32', { from: 0, to: 9 })], x => [
        ops.cast(x, dtype),
        ops.cast(ops.cast(x, dtype), 'float32'),
      ]),
  );
  it.each(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64'] as const)(
    'abs, sign and cumsum of %s',
    dtype =>
      agree([sample([3, 4], dtype, { from: 0, to: 9 })], x => [
        ops.abs(x),
        ops.sign(x),
        ops.cumsum(x, { axis: 1 }),
        ops.max(x, { axis: 1 }),
      ]),
  );
  it('rounds to float16 where a layer casts', () =>
    agree([sample([50])], x => ops.cast(ops.multiply(ops.cast(x, 'float16'), 3), 'float32')));
});

describe('two tensors', () => {
  const arithmetic = [
    'add',
    'subtract',
    'multiply',
    'divide',
    'floorDivide',
    'mod',
    'fmod',
    'maximum',
    'minimum',
    'equal',
    'notEqual',
    'less',
    'lessEqual',
    'greater',
    'greaterEqual',
    'arctan2',
    'hypot',
    'logaddexp',
    'divideNoNan',
  ] as const;
  it.each(arithmetic)('%s', op =>
    agree([sample([3, 4, 5]), sample([4, 1], 'float32', { seed: 2 })], (a, b) => ops[op](a, b), []),
  );
  it.each([
    'add',
    'subtract',
    'multiply',
    'floorDivide',
    'mod',
    'maximum',
    'power',
    'less',
    'equal',
    'bitwiseAnd',
    'bitwiseOr',
    'bitwiseXor',
    'leftShift',
    'rightShift',
    'gcd',
    'lcm',
  ] as const)('%s of whole numbers', op =>
    agree(
      [sample([3, 4], 'int32', { from: 1, to: 20 }), sample([4], 'int32', { from: 1, to: 5, seed: 3 })],
      (a, b) => ops[op](a, b),
      [],
    ),
  );
  it('floor of quotients of either sign', () =>
    agree(
      [sample([40], 'int32', { from: -20, to: 20 }), sample([40], 'int32', { from: 1, to: 7, seed: 5 })],
      (a, b) => [ops.floorDivide(a, b), ops.mod(a, ops.negative(b))],
    ));
  it('power', () => agree([sample([3, 4], 'float32', positive), sample([4])], (a, b) => ops.power(a, b), []));
  it.each(['logicalAnd', 'logicalOr', 'logicalXor'] as const)('%s', op =>
    agree(
      [sample([3, 4], 'bool', { from: 0, to: 2 }), sample([4], 'bool', { from: 0, to: 2, seed: 4 })],
      (a, b) => ops[op](a, b),
      [],
    ),
  );
  it('where', () => agree([sample([3, 4]), sample([4])], (a, b) => ops.where(ops.greater(a, 0), a, b), []));
  it('clip', () => agree([sample([3, 4])], x => [ops.clip(x, -1, 1), ops.clip(x, null, 0.5), ops.clip(x, 0, null)]));
  it('uint8 wraps around', () =>
    agree([sample([9], 'uint8', { from: 200, to: 256 })], x => ops.add(x, ops.cast(100, 'uint8'))));
});

describe('reductions', () => {
  const kinds = [
    'sum',
    'mean',
    'prod',
    'max',
    'min',
    'all',
    'any',
    'var',
    'std',
    'logsumexp',
    'countNonzero',
    'ptp',
    'nansum',
    'nanmean',
    'nanmax',
    'median',
  ] as const;
  for (const op of kinds) {
    it(op, () =>
      agree([sample([3, 4, 5])], x => [
        ops[op](x),
        ops[op](x, { axis: -1 }),
        ops[op](x, { axis: [0, 2], keepdims: true }),
      ]),
    );
  }
  it('positions', () =>
    agree([sample([3, 4, 5])], x => [
      ops.argmax(x),
      ops.argmax(x, { axis: 1 }),
      ops.argmin(x, { axis: -1, keepdims: true }),
    ]));
  it('ranks', () => agree([sample([3, 7])], x => [...ops.topK(x, 3), ops.sort(x), ops.argsort(x, { axis: 0 })], []));
  it('runs', () =>
    agree([sample([3, 4])], x => [
      ops.cumsum(x, { axis: 1 }),
      ops.cumprod(x, { axis: 0 }),
      ops.cumsum(x),
      ops.diff(x),
    ]));
  it('quantiles', () =>
    agree([sample([3, 7])], x => [
      ops.quantile(x, [0.1, 0.5], { axis: 1 }),
      ops.percentile(x, 30),
      ops.nanquantile(x, 0.25, { axis: 1, keepdims: true }),
    ]));
  it('searches', () =>
    agree([sample([9])], x => [
      ops.searchsorted([-1, 0, 1], x),
      ops.digitize(x, [-1, 0, 1]),
      ops.histogram(x, { bins: 4 })[0],
      ops.bincount(ops.cast(ops.abs(x), 'int32')),
    ]));
  it('sparsemax', () => agree([sample([3, 6])], x => ops.sparsemax(x)));
  it('correlates', () => agree([sample([3, 9])], x => ops.corrcoef(x), []));
});

describe('shapes', () => {
  it('reshapes', () =>
    agree([sample([3, 4, 6])], x => [
      ops.reshape(x, [-1, 24]),
      ops.reshape(x, [ops.shape(x)[0]!, 2, -1]),
      ops.ravel(x),
      ops.reshape(x, [6, -1, ops.shape(x)[0]!]),
    ]));
  it('moves axes', () =>
    agree([sample([3, 4, 5])], x => [
      ops.transpose(x),
      ops.transpose(x, { axes: [1, 0, 2] }),
      ops.swapaxes(x, 0, 2),
      ops.moveaxis(x, 0, -1),
    ]));
  it('adds and drops axes', () =>
    agree([sample([3, 1, 5])], x => [ops.expandDims(x, [0, -1]), ops.squeeze(x, { axis: 1 })]));
  it('repeats', () =>
    agree([sample([3, 4])], x => [
      ops.tile(x, [2, 3]),
      ops.repeat(x, 2, { axis: 1 }),
      ops.repeat(x, 3),
      ops.broadcastTo(ops.expandDims(x, 1), [ops.shape(x)[0]!, 2, 4]),
    ]));
  it('joins and cuts', () =>
    agree([sample([3, 6]), sample([3, 2])], (a, b) => [
      ops.concatenate([a, b], { axis: 1 }),
      ops.stack([a, a], { axis: 1 }),
      ...ops.split(a, 3, { axis: 1 }),
      ...ops.split(a, [1, 4], { axis: -1 }),
      ...ops.arraySplit(a, 4, { axis: 1 }),
    ]));
  it('slices', () =>
    agree([sample([5, 6, 4])], x => [
      ops.getItem(x, [{ start: 1, stop: -1 }, '...', { step: 2 }]),
      ops.getItem(x, [0, null, -1]),
      ops.getItem(x, [{ step: -2 }]),
      ops.slice(x, [1, 2, 0], [2, 3, 4]),
      ops.flip(x, { axis: 1 }),
      ops.flip(x),
    ]));
  it('takes', () =>
    agree(
      [sample([5, 6])],
      x => [
        ops.take(
          x,
          [
            [0, 2],
            [1, -1],
          ],
          { axis: 1 },
        ),
        ops.take(x, [3, 4]),
        ops.takeAlongAxis(x, ops.argsort(x), { axis: 1 }),
        ops.gatherNd(x, [
          [0, 1],
          [2, 3],
        ]),
      ],
      [],
    ));
  it('puts', () =>
    agree(
      [sample([5, 6])],
      x => [
        ops.scatterUpdate(
          x,
          [
            [0, 1],
            [2, 3],
          ],
          [9, 8],
        ),
        ops.scatterUpdate(x, [[0], [0]], ops.ones([2, 6]), { reduction: 'add' }),
        ops.scatter([[1], [3]], [5, 6], [4]),
        ops.sliceUpdate(x, [1, 2], ops.ones([2, 2])),
      ],
      [],
    ));
  it('pads', () =>
    agree([sample([3, 4, 5])], x => [
      ops.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [0, 3],
        ],
        { constantValues: 7 },
      ),
      ops.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [2, 1],
        ],
        { mode: 'reflect' },
      ),
      ops.pad(
        x,
        [
          [0, 0],
          [2, 1],
          [0, 1],
        ],
        { mode: 'symmetric' },
      ),
      ops.pad(
        x,
        [
          [1, 1],
          [0, 0],
          [2, 0],
        ],
        { mode: 'edge' },
      ),
    ]));
  it('rolls and turns', () =>
    agree(
      [sample([4, 4])],
      x => [
        ops.roll(x, 3),
        ops.roll(x, -1, { axis: 1 }),
        ops.rot90(x),
        ops.rot90(x, { k: 3 }),
        ops.diagonal(x, { offset: 1 }),
        ops.trace(x),
        ops.tril(x),
        ops.triu(x, { k: 1 }),
        ops.diag(ops.diag(x)),
      ],
      [],
    ));
  it('counts', () =>
    agree([sample([3, 4])], x => [
      ops.zerosLike(x),
      ops.full([ops.shape(x)[0]!, 2], 3),
      ops.arange(ops.shape(x)[0]!),
      ops.oneHot(ops.cast(ops.abs(x), 'int32'), 3),
      ops.cast(ops.size(x) as SymbolicTensor, 'int64'),
    ]));
  it('frames', () =>
    agree([sample([2, 11])], x => [
      ops.extractSequences(x, 4, 3),
      ops.rearrange(ops.expandDims(x, 2), 'b (w v) c -> b v (c w)', { v: 1 }),
    ]));
});

describe('products', () => {
  it('matmul', () =>
    agree(
      [sample([3, 4, 5]), sample([5, 6])],
      (a, b) => [
        ops.matmul(a, b),
        ops.dot(a, b),
        ops.tensordot(a, b, { axes: [[2], [0]] }),
        ops.inner(a, ops.transpose(b)),
      ],
      [],
    ));
  it('vectors', () =>
    agree(
      [sample([5]), sample([5, 6]), sample([5])],
      (a, b, c) => [ops.matmul(a, b), ops.outer(a, c), ops.vdot(a, c), ops.kron(a, c)],
      [],
    ));
  it.each([
    'abc,cd->abd',
    'abc,cde->abde',
    'abc,bc->ab',
    '...x,xy->...y',
    'abcd,cde->abe',
    'abc,dc->adb',
    'ab,ab->ab',
    'ab,cd->abcd',
    'abc->cab',
    'ab,ab->',
  ] as const)('einsum %s', equation => {
    const terms = equation.split('->')[0]!.split(',');
    const sizes: { [label: string]: number } = { a: 2, b: 3, c: 4, d: 5, e: 6, x: 4, y: 5 };
    const shapes = terms.map(term => [...term.replace('...', 'ab')].map(label => sizes[label]!));
    return agree(
      shapes.map((shape, at) => sample(shape, 'float32', { seed: at + 1 })),
      (...inputs) => ops.einsum(equation, ...inputs),
      [],
    );
  });
  it('attention', () =>
    agree([sample([2, 5, 3, 4]), sample([2, 6, 3, 4])], (q, k) => ops.einsum('bqhd,bkhd->bhqk', q, k), [0, 1]));
  it('whole numbers', () =>
    agree(
      [sample([3, 4], 'int8', { from: -100, to: 100 }), sample([4, 2], 'int8', { from: -100, to: 100 })],
      (a, b) => ops.matmul(a, b),
      [],
    ));
});

describe('windows', () => {
  const picture = sample([2, 7, 6, 4]);
  const kernel = ops.constant(sample([3, 2, 4, 5]));
  it.each([
    { padding: 'valid' },
    { padding: 'same', strides: 2 },
    { padding: 'same', dilationRate: 2 },
    { strides: [2, 1] },
  ] as const)('conv %j', options => agree([picture], x => ops.conv(x, kernel, options)));
  it('conv with unknown sizes', () =>
    agree([picture], x => ops.conv(x, kernel, { padding: 'same', strides: 2 }), [0, 1, 2]));
  it('conv, channels first', () =>
    agree([sample([2, 4, 7, 6])], x => ops.conv(x, kernel, { dataFormat: 'channels_first' })));
  it.each([{ padding: 'same' }, { strides: 2 }, { dilationRate: 2 }] as const)('conv with a large kernel %j', options =>
    agree([sample([2, 8, 7, 256])], x => ops.relu(ops.conv(x, ops.constant(sample([2, 3, 256, 256])), options))),
  );
  it('conv with a large kernel of one cell', () =>
    agree([sample([2, 4, 4, 512])], x => ops.conv(x, ops.constant(sample([1, 1, 512, 512])))));
  it('grouped and depthwise', () =>
    agree([picture], x => [
      ops.conv(x, ops.constant(sample([2, 2, 2, 6]))),
      ops.depthwiseConv(x, ops.constant(sample([3, 3, 4, 2])), { padding: 'same' }),
      ops.separableConv(x, ops.constant(sample([3, 3, 4, 2])), ops.constant(sample([1, 1, 8, 3]))),
    ]));
  it('causal', () =>
    agree([sample([2, 9, 4])], x =>
      ops.conv(x, ops.constant(sample([3, 4, 5])), { padding: 'causal', dilationRate: 2 }),
    ));
  it('volumes', () =>
    agree([sample([1, 4, 5, 6, 2])], x => ops.conv(x, ops.constant(sample([2, 2, 2, 2, 3])), { padding: 'same' })));
  it.each([
    { padding: 'valid' },
    { padding: 'same', strides: 2 },
    { padding: 'valid', strides: 3 },
    { padding: 'same', strides: 2, outputPadding: 1 },
  ] as const)('transposed %j', options =>
    agree([picture], x => ops.convTranspose(x, ops.constant(sample([2, 3, 5, 4])), options)),
  );
  it.each([
    { padding: 'valid', strides: 2 },
    { padding: 'same', strides: [2, 1, 3] },
    { padding: 'same', strides: 2, outputPadding: 1 },
    { padding: 'valid', strides: [4, 1, 1] },
  ] as const)('transposed volumes %j', options =>
    agree([sample([2, 3, 4, 5, 2])], x => ops.convTranspose(x, ops.constant(sample([3, 2, 3, 4, 2])), options)),
  );
  it.each([{ padding: 'valid' }, { padding: 'same' }, { padding: 'same', strides: 1 }] as const)('pools %j', options =>
    agree([picture], x => [ops.maxPool(x, [2, 3], options), ops.averagePool(x, [2, 3], options)]),
  );
  it('adaptive', () => agree([picture], x => [ops.adaptiveAveragePool(x, [3, 2]), ops.adaptiveMaxPool(x, [3, 4])]));
  it('patches', () =>
    agree([picture], x => [
      ops.extractPatches(x, 3, { strides: 2 }),
      ops.spaceToDepth(ops.conv(x, ops.constant(sample([2, 1, 4, 3]))), 2),
      ops.depthToSpace(x, 2),
    ]));
});

describe('layouts stay hidden', () => {
  const kernel = ops.constant(sample([3, 3, 4, 4]));
  it('a chain of convolutions, merges and reductions', () =>
    agree([sample([2, 6, 6, 4])], x => {
      const a = ops.relu(
        ops.batchNormalization(ops.conv(x, kernel, { padding: 'same' }), [0, 1, 2, 3], [1, 1, 2, 2], -1),
      );
      const b = ops.add(a, ops.conv(a, kernel, { padding: 'same' }));
      const gate = ops.sigmoid(ops.mean(b, { axis: [1, 2], keepdims: true }));
      const c = ops.concatenate([ops.multiply(b, gate), a], { axis: -1 });
      const d = ops.multiply(
        ops.pad(c, [
          [0, 0],
          [1, 0],
          [0, 2],
          [0, 0],
        ]),
        ops.constant(sample([7, 8, 8])),
      );
      return [
        ops.mean(d, { axis: [1, 2] }),
        ops.max(d, { axis: 3 }),
        ops.sum(d, { axis: 1 }),
        ops.sum(d, { axis: 0 }),
        ops.softmax(d),
        ops.getItem(d, ['...', 2]),
        ops.transpose(d, { axes: [0, 3, 2, 1] }),
        ops.flip(d, { axis: 2 }),
        ...ops.split(d, 2, { axis: -1 }),
        ops.add(d, [1, 2, 3, 4, 5, 6, 7, 8]),
        ops.tile(d, [1, 1, 2, 1]),
        ops.cumsum(d, { axis: 2 }),
        ops.reshape(d, [-1, 7 * 8 * 8]),
        ops.shape(d)[0] as SymbolicTensor,
      ];
    }));
});

describe('normalizations', () => {
  it('softmax', () =>
    agree([sample([3, 4, 5])], x => [
      ops.softmax(x),
      ops.softmax(x, { axis: 1 }),
      ops.softmax(x, { axis: [1, 2] }),
      ops.logSoftmax(x),
    ]));
  it('batch', () =>
    agree([sample([3, 4, 5])], x => [
      ops.batchNormalization(x, [0, 1, 2, 3, 4], [1, 2, 3, 4, 5], -1, {
        scale: [1, 2, 1, 2, 1],
        offset: [0, 0, 1, 1, 1],
      }),
      ops.batchNormalization(x, [0, 1, 2, 3], [1, 2, 3, 4], 1),
    ]));
  it('batch, third of four axes', () =>
    agree([sample([2, 3, 4, 5])], x => ops.batchNormalization(x, [0, 1, 2, 3], [1, 2, 3, 4], 2)));
  it('layer', () =>
    agree([sample([3, 4, 5])], x => [
      ops.layerNormalization(x, { gamma: [1, 2, 3, 4, 5], beta: [0, 1, 0, 1, 0] }),
      ops.layerNormalization(x, { axis: [1, 2] }),
      ops.layerNormalization(x, { axis: 1, gamma: [1, 2, 3, 4] }),
      ops.rmsNormalization(x),
      ops.normalize(x),
      ops.normalize(x, { order: 1 }),
    ]));
});

describe('recurrence', () => {
  const x = sample([2, 5, 3]);
  const weights = (gates: number) =>
    [
      ops.constant(sample([3, gates * 4])),
      ops.constant(sample([4, gates * 4])),
      ops.constant(sample([gates * 4])),
    ] as const;
  for (const goBackwards of [false, true]) {
    it(`lstm, backwards ${goBackwards}`, () =>
      agree([x], input =>
        ops.lstm(input, ...weights(4), {
          goBackwards,
          recurrentActivation: { name: 'hardSigmoid', alpha: 0.2, beta: 0.5 },
        }),
      ));
    it(`gru, backwards ${goBackwards}`, () =>
      agree([x], input => ops.gru(input, ...weights(3), { goBackwards, resetAfter: false })));
  }
  it('gru, reset after', () =>
    agree([x], input => ops.gru(input, weights(3)[0], weights(3)[1], ops.constant(sample([2, 12])))));
  it('simple, with a state', () =>
    agree([x, sample([2, 4])], (input, state) =>
      ops.simpleRnn(input, ...weights(1), { initialState: [state], activation: { name: 'linear' } }),
    ));
});

describe('loops and branches', () => {
  it('scan, with a value from outside', () =>
    agree([sample([2, 5, 3]), sample([2, 3])], (xs, start) => {
      const factor = ops.mean(start);
      const [carry, kept] = ops.scan(
        ([h], [slice]) => {
          const next = ops.tanh(ops.add(ops.multiply(h!, factor), slice!));
          return [[next], [ops.sum(next, { axis: -1 })]];
        },
        [start],
        [xs],
        { axis: 1, reverse: true },
      );
      return [...carry, ...kept];
    }));
  it('while', () =>
    agree([sample([3], 'float32', positive)], x =>
      ops.whileLoop(
        (value, _) => ops.less(ops.max(value), 100),
        (value, count) => [ops.multiply(value, 2), ops.add(count, 1)],
        [x, 0],
      ),
    ));
  it('while, counted', () =>
    agree([sample([3])], x =>
      ops.whileLoop(
        () => true,
        value => ops.add(value, 1),
        [x],
        { maximumIterations: 4 },
      ),
    ));
  it('cond', () =>
    agree(
      [sample([3])],
      x =>
        ops.cond(
          ops.greater(ops.sum(x), 0),
          () => ops.add(x, 1),
          () => ops.multiply(x, 2),
        ) as SymbolicTensor,
    ));
  it('switch', () =>
    agree(
      [sample([3])],
      x => ops.switch(1, [a => ops.add(a, 1), a => ops.multiply(a, 5), a => a], x) as SymbolicTensor,
    ));
  it('a loop in a loop', () =>
    agree([sample([2, 3, 4])], x =>
      ops.map(row => ops.map(cell => ops.multiply(ops.sum(cell), ops.sum(row)), row), x),
    ));
  it('for', () =>
    agree([sample([3])], x => ops.foriLoop(0, 5, (at, value) => ops.add(value, ops.cast(at, 'float32')), x)));
  it('running results', () =>
    agree([sample([5, 2])], x => [
      ops.associativeScan(ops.maximum, x),
      ops.associativeScan(ops.add, x, { reverse: true }),
    ]));
});
