/** `keras.backend`: shapes, parts, padding and resizing of tensors. */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { tensorflowMajor } from '../machine/session.ts';
import { pyInt, pyTensor, type Value } from '../machine/values.ts';
import { ofOne, shapeOf, shapeTuple } from './common.ts';
import { type Allowed, type Arguments, allow } from './define.ts';
import { resizePicture } from './tensorflow-image.ts';

type Pair = readonly [number, number];

const notPadded: Pair = [0, 0];

export const backendShapeRows: Readonly<Record<string, Allowed>> = {
  'int_shape get_variable_shape': allow('x', given => shapeTuple(given.tensor('x'))),
  shape: allow('x', given => shapeOf(given, 'x')),
  size: allow('x', given => pyTensor(given.ops.cast(given.ops.size(given.tensor('x')), 'int32'))),
  count_params: allow('x', given => {
    const { shape } = given.tensor('x');
    return shape.includes(null)
      ? refuse('K.count_params of a tensor of unknown size')
      : pyInt(shape.reduce<number>((a, b) => a * (b ?? 1), 1));
  }),
  reshape: allow('x shape', given => pyTensor(given.ops.reshape(given.tensor('x'), given.sizes('shape')))),
  flatten: ofOne((ops, x) => ops.reshape(x, [-1]), 'x'),
  batch_flatten: ofOne(batchFlatten, 'x'),
  permute_dimensions: allow('x pattern', given =>
    pyTensor(given.ops.transpose(given.tensor('x'), { axes: given.ints('pattern') })),
  ),
  transpose: ofOne((ops, x) => ops.transpose(x), 'x'),
  expand_dims: allow('x axis | dim:axis', given =>
    pyTensor(given.ops.expandDims(given.tensor('x'), given.int('axis', -1))),
  ),
  squeeze: allow('x axis', given => pyTensor(given.ops.squeeze(given.tensor('x'), { axis: given.axes('axis') }))),
  repeat: allow('x n', given => {
    const wide = given.ops.expandDims(given.tensor('x'), 1);
    return pyTensor(given.ops.tile(wide, [1, given.int('n'), 1]));
  }),
  repeat_elements: allow('x rep axis', given =>
    pyTensor(given.ops.repeat(given.tensor('x'), given.int('rep'), { axis: given.int('axis') })),
  ),
  tile: allow('x n', given => tile(given)),
  reverse: allow('x axes', given => pyTensor(given.ops.flip(given.tensor('x'), { axis: given.ints('axes') }))),
  slice: allow('x start size', given => {
    const [starts, sizes] = [given.ints('start'), given.ints('size')];
    const stops = sizes.map((size, at) => (size === -1 ? null : (starts[at] ?? 0) + size));
    return pyTensor(given.ops.stridedSlice(given.tensor('x'), { axes: starts.map((_, at) => at), starts, stops }));
  }),
  arange: allow('start stop step dtype', given => {
    const [start = 0] = given.sizes('start');
    const stop = given.given('stop') ? (given.sizes('stop')[0] ?? null) : null;
    return pyTensor(
      given.ops.arange(start, { stop, step: given.number('step', 1), dtype: given.dtype('dtype') ?? 'int32' }),
    );
  }),
  zeros: allow('shape dtype name', given =>
    pyTensor(given.ops.zeros(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  ones: allow('shape dtype name', given =>
    pyTensor(given.ops.ones(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  zeros_like: allow('x dtype name', given =>
    pyTensor(given.ops.zerosLike(given.tensor('x'), { dtype: given.dtype('dtype') })),
  ),
  ones_like: allow('x dtype name', given =>
    pyTensor(given.ops.onesLike(given.tensor('x'), { dtype: given.dtype('dtype') })),
  ),
  eye: allow('size dtype name', given =>
    pyTensor(given.ops.eye(given.int('size'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  temporal_padding: allow('x padding', given => {
    const [before = 1, after = before] = given.given('padding') ? given.ints('padding') : [1, 1];
    return pad(given, [notPadded, [before, after], notPadded]);
  }),
  asymmetric_temporal_padding: allow('x left_pad right_pad', given =>
    pad(given, [notPadded, [given.int('left_pad', 1), given.int('right_pad', 1)], notPadded]),
  ),
  spatial_2d_padding: allow('x padding data_format | dim_ordering:data_format', given => spatialPadding(given, 2)),
  spatial_3d_padding: allow('x padding data_format | dim_ordering:data_format', given => spatialPadding(given, 3)),
  resize_images: allow('x height_factor width_factor data_format interpolation | X:x dim_ordering:data_format', given =>
    resizeImages(given),
  ),
  pool2d: allow(
    'x pool_size strides padding data_format pool_mode | border_mode:padding dim_ordering:data_format',
    given => {
      const name = given.text('pool_mode', 'max') === 'avg' ? 'averagePool' : 'maxPool';
      const padding = given.text('padding', 'valid') === 'same' ? 'same' : 'valid';
      const strides = given.given('strides') ? given.ints('strides') : [1, 1];
      return pyTensor(
        given.ops[name](given.tensor('x'), given.ints('pool_size'), {
          strides,
          padding,
          dataFormat: dataFormat(given),
        }),
      );
    },
  ),
};

function batchFlatten(ops: Arguments['ops'], x: SymbolicTensor): SymbolicTensor {
  const rest = x.shape.slice(1);
  if (!rest.includes(null))
    return ops.reshape(x, [-1, rest.reduce<number>((product, size) => product * (size ?? 1), 1)]);
  return ops.reshape(x, [ops.shape(x)[0] ?? -1, -1]);
}

function tile(given: Arguments): Value {
  const x = given.tensor('x');
  const counts = given.sizes('n');
  const missing = x.shape.length - counts.length;
  return pyTensor(given.ops.tile(x, missing > 0 ? [...new Array<number>(missing).fill(1), ...counts] : counts));
}

function dataFormat(given: Arguments): 'channels_first' | 'channels_last' {
  const named = given.text('data_format', given.era.backend === 'theano' ? 'channels_first' : 'channels_last');
  return named === 'channels_first' || named === 'th' ? 'channels_first' : 'channels_last';
}

function pad({ ops, tensor }: Arguments, widths: readonly Pair[]): Value {
  return pyTensor(ops.pad(tensor('x'), widths, { mode: 'constant', constantValues: 0 }));
}

function spatialPadding(given: Arguments, rank: number): Value {
  const pairs = given.given('padding')
    ? given.items('padding').map((side): Pair => {
        if (side.kind === 'int') return [Number(side.value), Number(side.value)];
        const items = side.kind === 'tuple' || side.kind === 'list' ? side.items : [];
        const [before, after] = items.map(item => (item.kind === 'int' ? Number(item.value) : 0));
        return [before ?? 0, after ?? before ?? 0];
      })
    : new Array<Pair>(rank).fill([1, 1]);
  const all =
    dataFormat(given) === 'channels_first' ? [notPadded, notPadded, ...pairs] : [notPadded, ...pairs, notPadded];
  return pad(given, all);
}

function resizeImages(given: Arguments): Value {
  const x = given.tensor('x');
  const [down, across] = [given.int('height_factor'), given.int('width_factor')];
  const first = dataFormat(given) === 'channels_first' ? 2 : 1;
  const interpolation = given.text('interpolation', 'nearest');
  if (interpolation === 'nearest') {
    const { ops } = given;
    return pyTensor(ops.repeat(ops.repeat(x, down, { axis: first }), across, { axis: first + 1 }));
  }
  const [rows, columns] = x.shape.slice(1, 3);
  if (interpolation !== 'bilinear' || first !== 1 || typeof rows !== 'number' || typeof columns !== 'number') {
    return refuse(`K.resize_images with interpolation ${interpolation}`);
  }
  return pyTensor(
    resizePicture(
      given,
      x,
      [rows * down, columns * across],
      'bilinear',
      tensorflowMajor(given.session, 'K.resize_images') === 1 ? 'corner' : 'centre',
    ),
  );
}
