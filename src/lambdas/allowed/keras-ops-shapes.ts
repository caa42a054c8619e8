/** `keras.ops.*` on shapes, parts, padding, new tensors, sorting, pictures (keras/src/ops/numpy.py, core.py, image.py). */

import { refuse } from '../machine/refuse.ts';
import { asTensor } from '../machine/tensors.ts';
import { pyInt, pyTensor, pyText, pyTuple, type Value } from '../machine/values.ts';
import { concatenate, listOf, ofOne, stack } from './common.ts';
import { type Allowed, type Arguments, allow } from './define.ts';
import { resizePicture } from './tensorflow-image.ts';

export const kerasShapeRows: Readonly<Record<string, Allowed>> = {
  'square numpy.square': ofOne((ops, x) => ops.multiply(x, x), 'x'),
  'rsqrt math.rsqrt': ofOne((ops, x) => ops.reciprocal(ops.sqrt(x)), 'x'),
  'round numpy.round around': allow('x decimals', given =>
    pyTensor(given.ops.round(given.tensor('x'), { decimals: given.int('decimals', 0) })),
  ),
  'clip numpy.clip': allow('x x_min x_max', given =>
    pyTensor(
      given.ops.clip(
        given.tensor('x'),
        given.given('x_min') ? given.like('x_min') : null,
        given.given('x_max') ? given.like('x_max') : null,
      ),
    ),
  ),
  'where numpy.where': allow('condition x1 x2', given => {
    if (!given.given('x1'))
      return refuse('keras.ops.where with one argument, which gives as many rows as the numbers say');
    const [a, b] = given.pair('x1', 'x2');
    return pyTensor(given.ops.where(given.tensor('condition'), a, b));
  }),
  'cast core.cast': allow('x dtype', given =>
    pyTensor(given.ops.cast(given.tensor('x'), given.dtype('dtype') ?? 'float32')),
  ),
  'saturate_cast core.saturate_cast': allow('x dtype', given =>
    pyTensor(given.ops.saturateCast(given.tensor('x'), given.dtype('dtype') ?? 'float32')),
  ),
  'convert_to_tensor array core.convert_to_tensor numpy.array': allow('x dtype sparse ragged', given =>
    pyTensor(asTensor(given.needed('x'), given.session, given.dtype('dtype') ?? undefined)),
  ),
  'shape core.shape': allow('x', given =>
    pyTuple(given.ops.shape(given.tensor('x')).map(size => (typeof size === 'number' ? pyInt(size) : pyTensor(size)))),
  ),
  'ndim numpy.ndim': allow('x', given => pyInt(given.tensor('x').shape.length)),
  'size numpy.size': allow('x', given => {
    const size = given.ops.size(given.tensor('x'));
    return typeof size === 'number' ? pyInt(size) : pyTensor(size);
  }),
  dtype: allow('x', given => pyText(given.tensor('x').dtype)),
  'reshape numpy.reshape': allow('x newshape', given =>
    pyTensor(given.ops.reshape(given.tensor('x'), given.sizes('newshape'))),
  ),
  'transpose numpy.transpose': allow('x axes', given =>
    pyTensor(given.ops.transpose(given.tensor('x'), { axes: given.given('axes') ? given.ints('axes') : null })),
  ),
  'swapaxes numpy.swapaxes': allow('x axis1 axis2', given =>
    pyTensor(given.ops.swapaxes(given.tensor('x'), given.int('axis1'), given.int('axis2'))),
  ),
  'moveaxis numpy.moveaxis': allow('x source destination', given =>
    pyTensor(given.ops.moveaxis(given.tensor('x'), given.ints('source'), given.ints('destination'))),
  ),
  'expand_dims numpy.expand_dims': allow('x axis', given =>
    pyTensor(given.ops.expandDims(given.tensor('x'), given.axes('axis') ?? 0)),
  ),
  'squeeze numpy.squeeze': allow('x axis', given =>
    pyTensor(given.ops.squeeze(given.tensor('x'), { axis: given.axes('axis') })),
  ),
  'concatenate numpy.concatenate': allow('xs axis', given =>
    concatenate(given, given.items('xs'), given.int('axis', 0)),
  ),
  'stack numpy.stack': allow('x axis', given => stack(given, 'x', given.int('axis', 0))),
  'hstack numpy.hstack': allow('xs', given => {
    const tensors = given.tensors('xs');
    return pyTensor(given.ops.concatenate(tensors, { axis: (tensors[0]?.shape.length ?? 1) > 1 ? 1 : 0 }));
  }),
  'vstack numpy.vstack': allow('xs', given => pyTensor(given.ops.concatenate(given.tensors('xs'), { axis: 0 }))),
  'split numpy.split': allow('x indices_or_sections axis', given => {
    const sections = given.needed('indices_or_sections');
    const cuts = sections.kind === 'int' ? given.int('indices_or_sections') : given.ints('indices_or_sections');
    return listOf(given.ops.split(given.tensor('x'), cuts, { axis: given.int('axis', 0) }));
  }),
  'unstack core.unstack': allow('x num axis', given =>
    listOf(
      given.ops.unstack(given.tensor('x'), {
        num: given.given('num') ? given.int('num') : null,
        axis: given.int('axis', 0),
      }),
    ),
  ),
  'tile numpy.tile': allow('x repeats', given => pyTensor(given.ops.tile(given.tensor('x'), given.sizes('repeats')))),
  'repeat numpy.repeat': allow('x repeats axis', given =>
    pyTensor(
      given.ops.repeat(given.tensor('x'), given.int('repeats'), {
        axis: given.given('axis') ? given.int('axis') : null,
      }),
    ),
  ),
  'flip numpy.flip': allow('x axis', given =>
    pyTensor(given.ops.flip(given.tensor('x'), { axis: given.axes('axis') })),
  ),
  'roll numpy.roll': allow('x shift axis', given => {
    const axis = given.given('axis') ? given.ints('axis') : null;
    return pyTensor(given.ops.roll(given.tensor('x'), given.ints('shift'), { axis }));
  }),
  'broadcast_to numpy.broadcast_to': allow('x shape', given =>
    pyTensor(given.ops.broadcastTo(given.tensor('x'), given.sizes('shape'))),
  ),
  'take numpy.take': allow('x indices axis', given =>
    pyTensor(
      given.ops.take(given.tensor('x'), asTensor(given.needed('indices'), given.session), {
        axis: given.given('axis') ? given.int('axis') : null,
      }),
    ),
  ),
  'take_along_axis numpy.take_along_axis': allow('x indices axis', given =>
    pyTensor(
      given.ops.takeAlongAxis(given.tensor('x'), given.tensor('indices'), {
        axis: given.given('axis') ? given.int('axis') : null,
      }),
    ),
  ),
  'slice core.slice': allow('inputs start_indices shape', given => {
    const [starts, sizes] = [given.ints('start_indices'), given.ints('shape')];
    const stops = sizes.map((size, at) => (starts[at] ?? 0) + size);
    return pyTensor(given.ops.stridedSlice(given.tensor('inputs'), { axes: starts.map((_, at) => at), starts, stops }));
  }),
  'pad numpy.pad': allow('x pad_width mode constant_values', given => pad(given)),
  'zeros numpy.zeros': allow('shape dtype', given =>
    pyTensor(given.ops.zeros(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  'ones numpy.ones': allow('shape dtype', given =>
    pyTensor(given.ops.ones(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  'full numpy.full': allow('shape fill_value dtype', given =>
    pyTensor(given.ops.full(given.sizes('shape'), given.like('fill_value'), { dtype: given.dtype('dtype') })),
  ),
  'full_like numpy.full_like': allow('x fill_value dtype', given =>
    pyTensor(given.ops.fullLike(given.tensor('x'), given.like('fill_value'), { dtype: given.dtype('dtype') })),
  ),
  'eye numpy.eye': allow('N M k dtype', given =>
    pyTensor(
      given.ops.eye(given.int('N'), {
        m: given.given('M') ? given.int('M') : null,
        k: given.int('k', 0),
        dtype: given.dtype('dtype'),
      }),
    ),
  ),
  'arange numpy.arange': allow('start stop step dtype', given => {
    const [start = 0] = given.sizes('start');
    const stop = given.given('stop') ? (given.sizes('stop')[0] ?? null) : null;
    const step = given.given('step') ? (given.sizes('step')[0] ?? 1) : 1;
    return pyTensor(given.ops.arange(start, { stop, step, dtype: given.dtype('dtype') }));
  }),
  'einsum numpy.einsum': allow('subscripts *operands', given =>
    pyTensor(given.ops.einsum(given.text('subscripts'), ...given.rest().map(x => asTensor(x, given.session)))),
  ),
  'tensordot numpy.tensordot': allow('x1 x2 axes', given => {
    const axes = given.value('axes');
    if (axes === undefined || axes.kind === 'int')
      return pyTensor(given.ops.tensordot(given.tensor('x1'), given.tensor('x2'), { axes: given.int('axes', 2) }));
    const [left = [], right = []] = given.items('axes').map(sideAxes);
    return pyTensor(given.ops.tensordot(given.tensor('x1'), given.tensor('x2'), { axes: [left, right] }));
  }),
  'top_k math.top_k': allow('x k sorted', given =>
    pyTuple(given.ops.topK(given.tensor('x'), given.int('k')).map(pyTensor)),
  ),
  'sort numpy.sort': allow('x axis', given =>
    pyTensor(given.ops.sort(given.tensor('x'), { axis: given.int('axis', -1) })),
  ),
  'argsort numpy.argsort': allow('x axis', given =>
    pyTensor(given.ops.argsort(given.tensor('x'), { axis: given.int('axis', -1) })),
  ),
  'tril numpy.tril': allow('x k', given => pyTensor(given.ops.tril(given.tensor('x'), { k: given.int('k', 0) }))),
  'triu numpy.triu': allow('x k', given => pyTensor(given.ops.triu(given.tensor('x'), { k: given.int('k', 0) }))),
  'average numpy.average': allow('x axis weights', given => {
    const weights = given.given('weights') ? given.tensor('weights') : null;
    return pyTensor(
      given.ops.average(given.tensor('x'), { axis: given.given('axis') ? given.int('axis') : null, weights }),
    );
  }),
  'diag numpy.diag': allow('x k', given => pyTensor(given.ops.diag(given.tensor('x'), { k: given.int('k', 0) }))),
  'diagonal numpy.diagonal': allow('x offset axis1 axis2', given =>
    pyTensor(given.ops.diagonal(given.tensor('x'), diagonalOf(given))),
  ),
  'trace numpy.trace': allow('x offset axis1 axis2', given =>
    pyTensor(given.ops.trace(given.tensor('x'), diagonalOf(given))),
  ),
  'linspace numpy.linspace': allow('start stop num endpoint', given =>
    pyTensor(
      given.ops.linspace(given.like('start'), given.like('stop'), {
        num: given.int('num', 50),
        endpoint: given.flag('endpoint', true),
      }),
    ),
  ),
  'median numpy.median': allow('x axis keepdims', given =>
    pyTensor(given.ops.median(given.tensor('x'), { axis: given.axes('axis'), keepdims: given.flag('keepdims') })),
  ),
  'identity numpy.identity': allow('n dtype', given =>
    pyTensor(given.ops.identity(given.int('n'), { dtype: given.dtype('dtype') })),
  ),
  'rms_normalization nn.rms_normalization': allow('x scale axis epsilon', given =>
    pyTensor(
      given.ops.rmsNormalization(given.tensor('x'), {
        scale: given.given('scale') ? given.like('scale') : null,
        axis: given.axes('axis') ?? -1,
        epsilon: given.given('epsilon') ? given.number('epsilon') : null,
      }),
    ),
  ),
  'map vectorized_map core.map': allow('f xs', given => {
    const mapped = given.ops.map(row => {
      const result = given.session.call(given.needed('f'), [pyTensor(row)], new Map());
      return result.kind === 'tensor' ? result.tensor : refuse('keras.ops.map with a function of several results');
    }, given.tensor('xs'));
    return pyTensor(mapped);
  }),
  'image.resize': allow('images size interpolation antialias data_format', given => {
    const interpolation = given.text('interpolation', 'bilinear');
    const plain = !given.flag('antialias') && given.text('data_format', 'channels_last') === 'channels_last';
    const [height, width] = given.ints('size');
    if (!plain || height === undefined || width === undefined || !/^(bilinear|nearest)$/.test(interpolation)) {
      return refuse(`keras.ops.image.resize with these arguments`);
    }
    const x = given.tensor('images');
    return pyTensor(
      given.ops.cast(resizePicture(given, x, [height, width], interpolation as 'bilinear', 'centre'), x.dtype),
    );
  }),
  'image.rgb_to_grayscale': allow('images data_format', given => {
    const { ops } = given;
    const x = given.tensor('images');
    return pyTensor(ops.matmul(x, ops.constant([[0.2989], [0.587], [0.114]], x.dtype)));
  }),
  'meshgrid numpy.meshgrid': allow('*x indexing', () => refuse('keras.ops.meshgrid')),
};

function diagonalOf(given: Arguments) {
  return { offset: given.int('offset', 0), axis1: given.int('axis1', 0), axis2: given.int('axis2', 1) };
}

function sideAxes(side: Value): number[] {
  if (side.kind === 'int') return [Number(side.value)];
  const items = side.kind === 'list' || side.kind === 'tuple' ? side.items : [];
  return items.map(item =>
    item.kind === 'int' ? Number(item.value) : refuse('axes that are not known when the model is built'),
  );
}

/** One number for all sides, a pair for all axes, or a pair for each axis. */
function pad(given: Arguments): Value {
  const x = given.tensor('x');
  const width = given.needed('pad_width');
  const pairs = paddings(width, x.shape.length);
  const mode = given.text('mode', 'constant');
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'symmetric')
    return refuse(`keras.ops.pad with mode ${mode}`);
  const constantValues = mode === 'constant' ? given.number('constant_values', 0) : null;
  return pyTensor(given.ops.pad(x, pairs, { mode, constantValues }));
}

function paddings(width: Value, rank: number): (readonly [number, number])[] {
  if (width.kind === 'int')
    return new Array<readonly [number, number]>(rank).fill([Number(width.value), Number(width.value)]);
  const items = width.kind === 'list' || width.kind === 'tuple' ? width.items : refuse('a padding that is not known');
  const pairs = items.every(item => item.kind === 'int') ? [width] : items;
  const sides = pairs.map(pair => {
    const [before = 0, after = before] = sideAxes(pair);
    return [before, after] as const;
  });
  return sides.length === 1 ? new Array<readonly [number, number]>(rank).fill(sides[0] ?? [0, 0]) : sides;
}
