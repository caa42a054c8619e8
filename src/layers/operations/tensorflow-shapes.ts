/** Functions of TensorFlow that change shapes, take parts, join and create tensors, and products. */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/types.ts';
import { type Interpolation, resize } from '../resize.ts';
import { unsupported } from './row.ts';
import { functions, optionalNumber, type Table, tensor } from './tensorflow-functions.ts';
import { readDType, readSizes } from './values.ts';

type Axis = number | readonly number[];

/** A tensor of one axis as so many scalars. */
function scalars(x: unknown, ops: Ops): readonly SymbolicTensor[] {
  return ops.unstack(x as SymbolicTensor, { axis: 0 });
}

function sizes(stored: unknown, ops: Ops): readonly SizeLike[] {
  return readSizes(stored, x => scalars(x, ops));
}

/** TensorFlow splits by number of parts or by their sizes, -1 for what remains. */
function split(x: SymbolicTensor, parts: unknown, axis: number, ops: Ops): readonly SymbolicTensor[] {
  if (typeof parts === 'number') return ops.split(x, parts, { axis });
  const given = parts as readonly number[];
  const total = x.shape.at(axis)!;
  const known = given.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const filled = given.map(size => (size < 0 ? total - known : size));
  const ends = filled.map((_, at) => filled.slice(0, at + 1).reduce((sum, size) => sum + size, 0));
  return ops.split(x, ends.slice(0, -1), { axis });
}

const arranging: Table = {
  ...functions('reshape compat.v1.reshape', 'tensor shape', (given, ops) =>
    ops.reshape(tensor(given('tensor')), sizes(given('shape'), ops)),
  ),
  ...functions('transpose compat.v1.transpose', 'a perm', (given, ops) =>
    ops.transpose(tensor(given('a')), { axes: (given('perm') ?? null) as readonly number[] | null }),
  ),
  ...functions('linalg.matrix_transpose', 'a', (given, ops) => ops.swapaxes(tensor(given('a')), -2, -1)),
  ...functions('expand_dims compat.v1.expand_dims', 'input axis', (given, ops) =>
    ops.expandDims(tensor(given('input')), given('axis', 'dim') as number),
  ),
  ...functions('squeeze compat.v1.squeeze', 'input axis', (given, ops) =>
    ops.squeeze(tensor(given('input')), { axis: (given('axis', 'squeeze_dims') ?? null) as Axis | null }),
  ),
  ...functions('tile', 'input multiples', (given, ops) =>
    ops.tile(tensor(given('input')), sizes(given('multiples'), ops)),
  ),
  ...functions('repeat', 'input repeats axis', (given, ops) =>
    ops.repeat(tensor(given('input')), given('repeats') as number, { axis: optionalNumber(given('axis')) }),
  ),
  ...functions('broadcast_to', 'input shape', (given, ops) =>
    ops.broadcastTo(tensor(given('input')), sizes(given('shape'), ops)),
  ),
  ...functions('reverse', 'tensor axis', (given, ops) =>
    ops.flip(tensor(given('tensor')), { axis: given('axis', 'dims') as number | readonly number[] }),
  ),
  ...functions('roll', 'input shift axis', (given, ops) =>
    ops.roll(tensor(given('input')), given('shift') as number, { axis: given('axis') as number }),
  ),
  ...functions('pad compat.v1.pad', 'tensor paddings mode constant_values', (given, ops) => {
    const mode = String(given('mode') ?? 'CONSTANT').toLowerCase();
    const value = (given('constant_values') ?? 0) as number;
    const widths = given('paddings') as readonly (readonly [number, number])[];
    return ops.pad(tensor(given('tensor')), widths, {
      mode: mode as 'constant',
      ...(mode === 'constant' && value !== 0 && { constantValues: value }),
    });
  }),
  ...functions('image.flip_left_right', 'image', (given, ops) => ops.flip(tensor(given('image')), { axis: -2 })),
  ...functions('image.flip_up_down', 'image', (given, ops) => ops.flip(tensor(given('image')), { axis: -3 })),
  ...functions('nn.depth_to_space compat.v1.depth_to_space', 'input block_size data_format', (given, ops) =>
    ops.depthToSpace(tensor(given('input')), given('block_size') as number),
  ),
  ...functions('nn.space_to_depth space_to_depth compat.v1.space_to_depth', 'input block_size', (given, ops) =>
    ops.spaceToDepth(tensor(given('input')), given('block_size') as number),
  ),
};

/** The batch axis kept, all others made one. */
const flattened: Table = functions('keras.backend.batch_flatten', 'x', (given, ops) => {
  const x = ops.convertToTensor(tensor(given('x')));
  const sizes = x.shape.slice(1).includes(null) ? ops.shape(x).slice(1) : (x.shape.slice(1) as number[]);
  return ops.reshape(x, [-1, sizes.reduce<SizeLike>((product, size) => times(product, size, ops), 1)]);
});

function times(a: SizeLike, b: SizeLike, ops: Ops): SizeLike {
  return typeof a === 'number' && typeof b === 'number' ? a * b : ops.multiply(a, b);
}

const joining: Table = {
  ...functions('concat', 'values axis', (given, ops) =>
    ops.concatenate(given('values') as readonly TensorLike[], { axis: given('axis') as number }),
  ),
  ...functions('stack', 'values axis', (given, ops) =>
    ops.stack(given('values') as readonly TensorLike[], { axis: optionalNumber(given('axis')) ?? 0 }),
  ),
  ...functions('unstack', 'value num axis', (given, ops) =>
    ops.unstack(tensor(given('value')), {
      num: optionalNumber(given('num')),
      axis: optionalNumber(given('axis')) ?? 0,
    }),
  ),
  ...functions('split', 'value num_or_size_splits axis', (given, ops) =>
    split(
      ops.convertToTensor(tensor(given('value'))),
      given('num_or_size_splits'),
      optionalNumber(given('axis')) ?? 0,
      ops,
    ),
  ),
};

const parts: Table = {
  ...functions('gather compat.v1.gather', 'params indices validate_indices axis batch_dims', (given, ops) => {
    const indices = tensor(given('indices'));
    const batchDims = optionalNumber(given('batch_dims')) ?? 0;
    const axis = optionalNumber(given('axis')) ?? batchDims;
    if (batchDims === 0) return ops.take(tensor(given('params')), indices, { axis });
    if (axis !== batchDims) throw unsupported('gather', 'its axis is not the first after those of the batch');
    return ops.gatherNd(tensor(given('params')), ops.expandDims(indices, -1), { batchDims });
  }),
  ...functions('gather_nd compat.v1.gather_nd', 'params indices batch_dims', (given, ops) =>
    ops.gatherNd(tensor(given('params')), tensor(given('indices')), {
      batchDims: optionalNumber(given('batch_dims')) ?? 0,
    }),
  ),
  ...functions('slice', 'input_ begin size', (given, ops) => {
    const x = ops.convertToTensor(tensor(given('input_')));
    const begin = sizes(given('begin'), ops);
    const wanted = sizes(given('size'), ops);
    return ops.getItem(
      x,
      begin.map((start, at) => ({ start, stop: wanted[at] === -1 ? null : plus(start, wanted[at]!, ops) })),
    );
  }),
  ...functions('nn.embedding_lookup compat.v1.nn.embedding_lookup', 'params ids', (given, ops) => {
    const params = tensor(given('params'));
    // A table written into the config may hold whole numbers only, and JSON does not tell 1.0 from 1.
    return ops.take(Array.isArray(params) ? ops.cast(params, 'float32') : params, tensor(given('ids')), { axis: 0 });
  }),
  ...functions(
    'strided_slice compat.v1.strided_slice',
    'input_ begin end strides begin_mask end_mask ellipsis_mask new_axis_mask shrink_axis_mask',
    (given, ops) => {
      const [begin, end] = [sizes(given('begin'), ops), sizes(given('end'), ops)];
      const steps = (given('strides') ?? begin.map(() => 1)) as readonly number[];
      const bit = (name: string, at: number) => (((optionalNumber(given(name)) ?? 0) >> at) & 1) === 1;
      const key = begin.map((start, at) => {
        if (bit('ellipsis_mask', at)) return '...' as const;
        if (bit('new_axis_mask', at)) return null;
        if (bit('shrink_axis_mask', at)) return start;
        return {
          start: bit('begin_mask', at) ? null : start,
          stop: bit('end_mask', at) ? null : end[at]!,
          step: steps[at]!,
        };
      });
      return ops.getItem(tensor(given('input_')), key);
    },
  ),
  ...functions('one_hot', 'indices depth on_value off_value axis dtype', (given, ops) => {
    const hot = ops.oneHot(tensor(given('indices')), given('depth') as number, {
      axis: optionalNumber(given('axis')) ?? -1,
      dtype: given('dtype') === undefined || given('dtype') === null ? null : readDType(given('dtype'), 'one_hot'),
    });
    const on = optionalNumber(given('on_value')) ?? 1;
    const off = optionalNumber(given('off_value')) ?? 0;
    return on === 1 && off === 0 ? hot : ops.cast(ops.where(ops.cast(hot, 'bool'), on, off), hot.dtype);
  }),
  ...functions('shape compat.v1.shape shape_v2', 'input out_type', (given, ops) =>
    ops.stack(ops.shape(tensor(given('input'))).map(size => ops.convertToTensor(size, { dtype: 'int32' }))),
  ),
  ...functions('rank', 'input', (given, ops) => ops.convertToTensor(ops.ndim(tensor(given('input'))))),
  ...functions('size', 'input', (given, ops) => ops.convertToTensor(ops.size(tensor(given('input'))))),
};

function plus(start: SizeLike, size: SizeLike, ops: Ops): SizeLike {
  return typeof start === 'number' && typeof size === 'number' ? start + size : ops.add(start, size);
}

const creating: Table = {
  ...functions('range', 'start limit delta dtype', (given, ops) => {
    const limit = given('limit') ?? null;
    return ops.arange(given('start') as SizeLike, {
      stop: limit as SizeLike | null,
      step: (given('delta') ?? 1) as SizeLike,
    });
  }),
  ...functions('fill', 'dims value', (given, ops) => ops.full(sizes(given('dims'), ops), tensor(given('value')))),
  ...functions('zeros compat.v1.zeros', 'shape dtype', (given, ops) => ops.zeros(sizes(given('shape'), ops))),
  ...functions('ones compat.v1.ones', 'shape dtype', (given, ops) => ops.ones(sizes(given('shape'), ops))),
  ...functions('constant convert_to_tensor compat.v1.convert_to_tensor', 'value dtype', (given, ops) =>
    ops.convertToTensor(tensor(given('value')), {
      dtype: given('dtype') === undefined || given('dtype') === null ? null : readDType(given('dtype'), 'constant'),
    }),
  ),
  ...functions('linspace', 'start stop num', (given, ops) =>
    ops.linspace(tensor(given('start')), tensor(given('stop')), { num: given('num') as number }),
  ),
};

const products: Table = {
  ...functions('linalg.matmul matmul __operators__.matmul', 'a b transpose_a transpose_b', (given, ops) => {
    const turn = (name: string, transposed: string) =>
      given(transposed) === true ? ops.swapaxes(tensor(given(name)), -2, -1) : tensor(given(name));
    return ops.matmul(turn('a', 'transpose_a'), turn('b', 'transpose_b'));
  }),
  ...functions('tensordot', 'a b axes', (given, ops) =>
    ops.tensordot(tensor(given('a')), tensor(given('b')), { axes: given('axes') as number }),
  ),
  ...functions('einsum linalg.einsum', 'equation inputs', (given, ops) => {
    const operands = given('inputs', 'argument_1') as TensorLike | readonly TensorLike[] | string | undefined;
    // Keras writes no more than the first argument of a function that takes any number of them.
    if (operands === undefined || typeof operands === 'string')
      throw unsupported('einsum', 'its operands are not in the config');
    const list = Array.isArray(operands) ? (operands as readonly TensorLike[]) : [operands as TensorLike];
    return ops.einsum(given('equation') as string, ...list);
  }),
  ...functions('image.resize image.resize_v2 compat.v1.image.resize', 'images size method', (given, ops) =>
    resize(
      given('images') as SymbolicTensor,
      given('size') as readonly [number, number],
      {
        interpolation: String(given('method') ?? 'bilinear') as Interpolation,
        dataFormat: 'channels_last',
        antialias: given('antialias') === true,
      },
      ops,
    ),
  ),
};

export const tensorflowShapes: Table = { ...arranging, ...flattened, ...joining, ...parts, ...creating, ...products };
