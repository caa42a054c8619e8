/** `tf.*` on shapes, parts, padding, new tensors, sorting (tensorflow/python/ops/array_ops.py). */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { asTensor, shapeTensor } from '../machine/tensors.ts';
import { none, pyBool, pyInt, pyList, pyTensor, pyTuple, type Value } from '../machine/values.ts';
import { concatenate, listOf, ofOne, shapeOf, stack } from './common.ts';
import { type Allowed, type Arguments, allow, constantInts } from './define.ts';

export const shapeRows: Readonly<Record<string, Allowed>> = {
  'identity stop_gradient grad_pass_through ensure_shape debugging.check_numerics': ofOne(
    (_, x) => x,
    'input shape message name | x:input tensor:input',
  ),
  shape: allow('input out_type name', given => shapeOf(given, 'input')),
  shape_n: allow('input', given =>
    pyList(given.tensors('input').map(x => pyTensor(shapeTensor(given.ops.shape(x), given.session)))),
  ),
  rank: allow('input name', given => pyTensor(given.ops.constant(given.tensor('input').shape.length, 'int32'))),
  size: allow('input out_type name', given =>
    pyTensor(given.ops.cast(given.ops.size(given.tensor('input')), given.dtype('out_type') ?? 'int32')),
  ),
  reshape: allow('tensor shape name', given =>
    pyTensor(given.ops.reshape(given.tensor('tensor'), given.sizes('shape'))),
  ),
  transpose: allow('a perm conjugate name', given =>
    pyTensor(given.ops.transpose(given.tensor('a'), { axes: given.given('perm') ? given.ints('perm') : null })),
  ),
  'linalg.matrix_transpose matrix_transpose linalg.adjoint': ofOne(
    (ops, x) => ops.swapaxes(x, -1, -2),
    'a name | matrix:a',
  ),
  expand_dims: allow('input axis name | dim:axis', given =>
    pyTensor(given.ops.expandDims(given.tensor('input'), given.int('axis'))),
  ),
  squeeze: allow('input axis name | squeeze_dims:axis', given =>
    pyTensor(given.ops.squeeze(given.tensor('input'), { axis: given.given('axis') ? given.ints('axis') : null })),
  ),
  concat: allow('values axis name | concat_dim:axis', given =>
    concatenate(given, given.items('values'), given.int('axis')),
  ),
  'stack pack': allow('values axis name', given => stack(given, 'values', given.int('axis', 0))),
  parallel_stack: allow('values name', given => stack(given, 'values', 0)),
  'unstack unpack': allow('value num axis name', given =>
    listOf(
      given.ops.unstack(given.tensor('value'), {
        num: given.given('num') ? given.int('num') : null,
        axis: given.int('axis', 0),
      }),
    ),
  ),
  split: allow('value num_or_size_splits axis num name', given => split(given)),
  tile: allow('input multiples name', given =>
    pyTensor(given.ops.tile(given.tensor('input'), given.sizes('multiples'))),
  ),
  repeat: allow('input repeats axis name', given => {
    const x = given.tensor('input');
    const options = given.given('axis') ? { axis: given.int('axis') } : {};
    return pyTensor(
      given.ops.repeat(
        x,
        given.needed('repeats').kind === 'tensor' ? given.tensor('repeats') : given.int('repeats'),
        options,
      ),
    );
  }),
  broadcast_to: allow('input shape name', given =>
    pyTensor(given.ops.broadcastTo(given.tensor('input'), given.sizes('shape'))),
  ),
  broadcast_static_shape: allow('shape_x shape_y', () => refuse('tf.broadcast_static_shape')),
  'reverse reverse_v2': allow('tensor axis name', given =>
    pyTensor(given.ops.flip(given.tensor('tensor'), { axis: given.ints('axis') })),
  ),
  roll: allow('input shift axis name', given =>
    pyTensor(given.ops.roll(given.tensor('input'), given.ints('shift'), { axis: given.ints('axis') })),
  ),
  'gather array_ops.gather': allow('params indices validate_indices axis batch_dims name', given => gather(given)),
  gather_nd: allow('params indices batch_dims name', given =>
    pyTensor(
      given.ops.gatherNd(given.tensor('params'), given.tensor('indices'), { batchDims: given.int('batch_dims', 0) }),
    ),
  ),
  slice: allow('input_ begin size name | input:input_', given => {
    const x = given.tensor('input_');
    const begins = given.sizes('begin');
    const sizes = given.sizes('size');
    const stops = sizes.map((size, at) => (size === -1 ? null : stopOf(given, begins[at] ?? 0, size)));
    return pyTensor(given.ops.stridedSlice(x, { axes: begins.map((_, at) => at), starts: begins, stops }));
  }),
  strided_slice: allow('input_ begin end strides name', given =>
    pyTensor(
      given.ops.stridedSlice(given.tensor('input_'), {
        axes: given.sizes('begin').map((_, at) => at),
        starts: given.sizes('begin'),
        stops: given.sizes('end'),
        steps: given.given('strides') ? given.ints('strides') : given.sizes('begin').map(() => 1),
      }),
    ),
  ),
  pad: allow('tensor paddings mode constant_values name', given => pad(given)),
  'cast to_float dtypes.cast': allow('x dtype name', given =>
    pyTensor(given.ops.cast(given.tensor('x'), given.dtype('dtype') ?? 'float32')),
  ),
  to_int32: ofOne((ops, x) => ops.cast(x, 'int32')),
  to_int64: ofOne((ops, x) => ops.cast(x, 'int64')),
  to_double: ofOne((ops, x) => ops.cast(x, 'float64')),
  'saturate_cast dtypes.saturate_cast': allow('value dtype name', given =>
    pyTensor(given.ops.saturateCast(given.tensor('value'), given.dtype('dtype') ?? 'float32')),
  ),
  'where where_v2 compat.v1.where': allow('condition x y name', given => where(given)),
  boolean_mask: allow('tensor mask axis name', given => booleanMask(given)),
  'unique dynamic_partition where_v1': allow('*rest **keywords', () =>
    refuse('elements chosen by a mask, whose count is known only when the model runs'),
  ),
  'constant convert_to_tensor Variable': allow(
    'value dtype shape name | dtype_hint:dtype initial_value:value',
    given => {
      const made = asTensor(given.needed('value'), given.session, given.dtype('dtype') ?? undefined);
      return pyTensor(given.given('shape') ? given.ops.broadcastTo(made, given.sizes('shape')) : made);
    },
  ),
  fill: allow('dims value name', given => pyTensor(given.ops.broadcastTo(given.tensor('value'), given.sizes('dims')))),
  zeros_like: allow('input dtype name | tensor:input', given =>
    pyTensor(given.ops.zerosLike(given.tensor('input'), { dtype: given.dtype('dtype') })),
  ),
  ones_like: allow('input dtype name | tensor:input', given =>
    pyTensor(given.ops.onesLike(given.tensor('input'), { dtype: given.dtype('dtype') })),
  ),
  zeros: allow('shape dtype name', given =>
    pyTensor(given.ops.zeros(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  ones: allow('shape dtype name', given =>
    pyTensor(given.ops.ones(given.sizes('shape'), { dtype: given.dtype('dtype') ?? 'float32' })),
  ),
  'eye linalg.eye': allow('num_rows num_columns batch_shape dtype name', given => {
    if (given.given('batch_shape')) return refuse('tf.eye with batch_shape');
    const [rows = 0] = given.sizes('num_rows');
    const m = given.given('num_columns') ? (given.sizes('num_columns')[0] ?? null) : null;
    return pyTensor(given.ops.eye(rows, { m, dtype: given.dtype('dtype') ?? 'float32' }));
  }),
  range: allow('start limit delta dtype name', given => range(given)),
  'linspace lin_space': allow('start stop num name', given =>
    pyTensor(
      given.ops.linspace(given.number('start'), given.number('stop'), { num: given.int('num'), dtype: 'float32' }),
    ),
  ),
  one_hot: allow('indices depth on_value off_value axis dtype name', given => oneHot(given)),
  sequence_mask: allow('lengths maxlen dtype name', given => {
    const { ops } = given;
    if (!given.given('maxlen')) return refuse('tf.sequence_mask without maxlen');
    const positions = ops.arange(given.sizes('maxlen')[0] ?? 0, { dtype: 'int32' });
    const mask = ops.less(positions, ops.expandDims(ops.cast(given.tensor('lengths'), 'int32'), -1));
    return pyTensor(ops.cast(mask, given.dtype('dtype') ?? 'bool'));
  }),
  'math.top_k nn.top_k': allow('input k sorted name', given => {
    const found = given.ops.topK(given.tensor('input'), given.int('k', 1));
    return { ...pyTuple(found.map(pyTensor)), names: ['values', 'indices'] };
  }),
  sort: allow('values axis direction name', given => {
    const axis = given.int('axis', -1);
    const sorted = given.ops.sort(given.tensor('values'), { axis });
    return pyTensor(given.text('direction', 'ASCENDING') === 'DESCENDING' ? given.ops.flip(sorted, { axis }) : sorted);
  }),
  argsort: allow('values axis direction stable name', given => {
    const x = given.tensor('values');
    const descending = given.text('direction', 'ASCENDING') === 'DESCENDING';
    return pyTensor(
      given.ops.cast(
        given.ops.argsort(descending ? given.ops.negative(x) : x, { axis: given.int('axis', -1) }),
        'int32',
      ),
    );
  }),
  'is_tensor keras.backend.is_keras_tensor': allow('x', given => pyBool(given.needed('x').kind === 'tensor')),
  get_static_value: allow('tensor', given => {
    const numbers = given.needed('tensor').kind === 'tensor' ? constantInts(given.tensor('tensor')) : null;
    return numbers?.length === 1 ? pyInt(Math.trunc(numbers[0] ?? 0)) : none;
  }),
  cond: allow('pred true_fn false_fn name', given => {
    const chosen = given.needed('pred');
    if (chosen.kind === 'tensor') return refuse('tf.cond on the numbers of a tensor');
    return given.session.call(given.needed(given.flag('pred') ? 'true_fn' : 'false_fn'), [], new Map());
  }),
  'map_fn vectorized_map': allow('fn elems dtype parallel_iterations name | fn_output_signature:dtype', given =>
    mapAlongFirst(given),
  ),
  'name_scope control_dependencies Assert print debugging.assert_equal': allow('*rest **keywords', () => none),
};

/** A mask of constants chooses positions that are known now. */
function booleanMask(given: Arguments): Value {
  const mask = constantInts(given.tensor('mask'));
  if (mask === null || given.tensor('mask').shape.length !== 1) {
    return refuse('elements chosen by a mask, whose count is known only when the model runs');
  }
  const positions = mask.flatMap((chosen, at) => (chosen ? [at] : []));
  const indices = given.ops.constant(positions, 'int32');
  return pyTensor(given.ops.take(given.tensor('tensor'), indices, { axis: given.int('axis', 0) }));
}

function stopOf(
  given: Arguments,
  begin: number | SymbolicTensor,
  size: number | SymbolicTensor,
): number | SymbolicTensor {
  if (typeof begin === 'number' && typeof size === 'number') return begin + size;
  return given.ops.add(begin, size);
}

function split(given: Arguments): Value {
  const { ops } = given;
  const axis = given.int('axis', 0);
  const sections = given.needed('num_or_size_splits');
  if (sections.kind === 'int')
    return listOf(ops.split(given.tensor('value'), given.int('num_or_size_splits'), { axis }));
  const sizes = given.ints('num_or_size_splits');
  const x = given.tensor('value');
  const total = x.shape.at(axis) ?? null;
  const open = sizes.indexOf(-1);
  if (open >= 0 && total === null) return refuse('tf.split of an axis whose size is not known');
  const rest = (total ?? 0) - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  let end = 0;
  const cuts = sizes.map(size => {
    end += size === -1 ? rest : size;
    return end;
  });
  return listOf(ops.split(x, cuts.slice(0, -1), { axis }));
}

/** Indices below a batch of as many axes; `axis` follows them by default. */
function gather(given: Arguments): Value {
  const { ops } = given;
  const params = given.tensor('params');
  const indices = asTensor(given.needed('indices'), given.session);
  const batch = given.int('batch_dims', 0);
  const axis = given.int('axis', batch);
  if (batch === 0) return pyTensor(ops.take(params, indices, { axis }));
  if (batch === indices.shape.length && axis === batch) {
    const wide = params.shape
      .slice(batch + 1)
      .reduce<SymbolicTensor>(x => ops.expandDims(x, -1), ops.expandDims(indices, -1));
    return pyTensor(ops.squeeze(ops.takeAlongAxis(params, wide, { axis }), { axis }));
  }
  return refuse('tf.gather with these batch_dims');
}

function pad(given: Arguments): Value {
  const paddings = given.needed('paddings');
  const flat = paddings.kind === 'tensor' ? constantInts(paddings.tensor) : null;
  const width = flat
    ? flat.flatMap((size, at) => (at % 2 === 0 ? [[size, flat[at + 1] ?? 0] as const] : []))
    : given.items('paddings').map(constantPair);
  const mode = given.text('mode', 'CONSTANT').toLowerCase();
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'symmetric') return refuse(`tf.pad with mode ${mode}`);
  const constantValues = mode === 'constant' ? given.number('constant_values', 0) : null;
  return pyTensor(given.ops.pad(given.tensor('tensor'), width, { mode, constantValues }));
}

function constantPair(pair: Value): [number, number] {
  const items = pair.kind === 'list' || pair.kind === 'tuple' ? pair.items : [];
  const [before, after] = items.map(item => (item.kind === 'int' ? Number(item.value) : null));
  if (typeof before !== 'number' || typeof after !== 'number')
    return refuse('a padding that is not known when the model is built');
  return [before, after];
}

function where(given: Arguments): Value {
  if (!given.given('x')) return refuse('tf.where with one argument, which gives as many rows as the numbers say');
  const [x, y] = given.pair('x', 'y');
  return pyTensor(given.ops.where(given.tensor('condition'), x, y));
}

function range(given: Arguments): Value {
  const [first = 0] = given.sizes('start');
  const stop = given.given('limit') ? (given.sizes('limit')[0] ?? 0) : null;
  const [step = 1] = given.given('delta') ? given.sizes('delta') : [1];
  return pyTensor(given.ops.arange(first, { stop, step, dtype: given.dtype('dtype') }));
}

function oneHot(given: Arguments): Value {
  const { ops } = given;
  const dtype = given.dtype('dtype') ?? 'float32';
  const hot = ops.oneHot(given.tensor('indices'), given.int('depth'), { axis: given.int('axis', -1), dtype });
  if (!given.given('on_value') && !given.given('off_value')) return pyTensor(hot);
  const isOn = ops.cast(hot, 'bool');
  return pyTensor(ops.cast(ops.where(isOn, given.number('on_value', 1), given.number('off_value', 0)), dtype));
}

/** Row by row; a function that gives several tensors for a row is not interpreted. */
function mapAlongFirst(given: Arguments): Value {
  const { ops, session } = given;
  const elements = given.needed('elems');
  if (elements.kind !== 'tensor') return refuse('tf.map_fn over several tensors');
  const mapped = ops.map(row => {
    const result = session.call(given.needed('fn'), [pyTensor(row)], new Map());
    return result.kind === 'tensor' ? result.tensor : refuse('tf.map_fn with a function of several results');
  }, elements.tensor);
  return pyTensor(mapped);
}
