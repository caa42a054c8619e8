/** Tensors of which only some elements are stored: their indices (n, rank), values and whole shape; and rows of any length. */

import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringEntry, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { onSizes } from '../sizes.ts';

const wide = (size: SizeLike) => ops.cast(ops.convertToTensor(size), 'int64');
const column = (indices: SymbolicTensor, axis: number) => ops.take(indices, axis, { axis: 1 });
const vector = (sizes: readonly SizeLike[]) => ops.stack(sizes.map(wide));

/** For each axis, how many elements a step along it passes. */
function stridesOf(sizes: readonly SizeLike[]): SizeLike[] {
  const strides: SizeLike[] = new Array(sizes.length).fill(1);
  for (let axis = sizes.length - 2; axis >= 0; axis -= 1)
    strides[axis] = onSizes.multiply!(strides[axis + 1]!, sizes[axis + 1]!)!;
  return strides;
}

/** Places of elements in row-major order. */
function placesOf(indices: SymbolicTensor, sizes: readonly SizeLike[]): SymbolicTensor {
  return stridesOf(sizes)
    .map((stride, axis) => ops.multiply(column(indices, axis), wide(stride)))
    .reduce((sum, part) => ops.add(sum, part));
}

function indicesOf(places: SymbolicTensor, sizes: readonly SizeLike[]): SymbolicTensor {
  const parts = stridesOf(sizes).map((stride, axis) =>
    ops.mod(ops.floorDivide(places, wide(stride)), wide(sizes[axis]!)),
  );
  return ops.stack(parts, { axis: 1 });
}

function inOrder(indices: SymbolicTensor, values: SymbolicTensor, sizes: readonly SizeLike[]) {
  const order = ops.argsort(placesOf(indices, sizes));
  return [ops.take(indices, order, { axis: 0 }), ops.take(values, order, { axis: 0 })] as const;
}

const timesDense: Lowering = node => {
  const [indices, values, b] = [node.x(0), node.x(1), node.x(3)];
  const turned = node.attributes.bool('adjoint_a', false);
  const [row, inner] = turned ? [1, 0] : [0, 1];
  const rows = node.attributes.bool('adjoint_b', false) ? ops.transpose(b) : b;
  const parts = ops.multiply(ops.expandDims(values, 1), ops.take(rows, column(indices, inner), { axis: 0 }));
  return ops.segmentSum(parts, column(indices, row), { numSegments: node.sizes(2)[row]! });
};

const reshape: Lowering = node => {
  const [before, wanted] = [node.sizes(1), node.sizes(2)];
  const total = before.reduce((product, size) => onSizes.multiply!(product, size)!);
  const rest = wanted.filter(size => size !== -1).reduce((product, size) => onSizes.multiply!(product, size)!, 1);
  const after = wanted.map(size => (size === -1 ? onSizes.floorDivide!(total, rest)! : size));
  return [indicesOf(placesOf(node.x(0), before), after), vector(after)];
};

/** Each row without elements gets one, at its first column. */
const fillEmptyRows: Lowering = node => {
  const [indices, values] = [node.x(0), node.x(1)];
  const rows = column(indices, 0);
  const counts = ops.segmentSum(ops.onesLike(rows), rows, { numSegments: node.sizes(2)[0]! });
  const isEmpty = ops.equal(counts, 0);
  const empty = ops.expandDims(ops.cast(ops.nonzero(isEmpty)[0]!, 'int64'), 1);
  const rank = indices.shape[1];
  if (typeof rank !== 'number') throw unsupported(node.where, `${node.op} of unknown rank`);
  const others = new Array<SymbolicTensor>(rank - 1).fill(ops.zerosLike(empty));
  const all = ops.concatenate([indices, ops.concatenate([empty, ...others], { axis: 1 })], { axis: 0 });
  const filling = ops.broadcastTo(node.x(3), [ops.shape(empty)[0]!]);
  const order = ops.argsort(column(all, 0));
  const places = ops.cast(ops.argsort(order), 'int64');
  return [
    ops.take(all, order, { axis: 0 }),
    ops.take(ops.concatenate([values, filling], { axis: 0 }), order, { axis: 0 }),
    isEmpty,
    ops.stridedSlice(places, { axes: [0], starts: [0], stops: [ops.shape(values)[0]!] }),
  ];
};

const reduceSum: Lowering = node => {
  const dense = ops.scatter(node.x(0), node.x(1), node.sizes(2));
  return ops.sum(dense, { axis: [...node.numbers(3)], keepdims: node.attributes.bool('keep_dims', false) });
};

/** Over the elements of each row that are there. */
const softmax: Lowering = node => {
  const [indices, values, sizes] = [node.x(0), node.x(1), node.sizes(2)];
  const groups = sizes.slice(0, -1);
  const leading = ops.stridedSlice(indices, { axes: [1], starts: [0], stops: [groups.length] });
  const rows = placesOf(leading, groups);
  const numSegments = groups.reduce((product, size) => onSizes.multiply!(product, size)!);
  const ofRow = (x: SymbolicTensor) => ops.take(x, rows, { axis: 0 });
  const raised = ops.exp(ops.subtract(values, ofRow(ops.segmentMax(values, rows, { numSegments }))));
  return ops.divide(raised, ofRow(ops.segmentSum(raised, rows, { numSegments })));
};

const concatenate: Lowering = node => {
  const count = node.attributes.int('N', node.inputs.length / 3);
  const shapes = Array.from({ length: count }, (_, at) => node.sizes(2 * count + at));
  const rank = shapes[0]!.length;
  const along = (node.attributes.int('concat_dim') + rank) % rank;
  let offset: SizeLike = 0;
  const moved = shapes.map((sizes, at) => {
    const shift = Array.from({ length: rank }, (_, axis) => (axis === along ? offset : 0));
    offset = onSizes.add!(offset, sizes[along]!)!;
    return ops.add(node.x(at), ops.expandDims(vector(shift), 0));
  });
  const whole = shapes[0]!.map((size, axis) => (axis === along ? offset : size));
  const values = ops.concatenate(node.xs(count, 2 * count), { axis: 0 });
  return [...inOrder(ops.concatenate(moved, { axis: 0 }), values, whole), vector(whole)];
};

/** Of which row each of `count` values is, where rows begin at `splits`. */
function rowsOf(splits: SymbolicTensor, count: SizeLike): SymbolicTensor {
  const places = ops.arange(0, { stop: count, dtype: splits.dtype });
  return ops.subtract(ops.searchsorted(splits, places, { side: 'right' }), 1);
}

function splitsOf(lengths: SymbolicTensor): SymbolicTensor {
  const ends = ops.cumsum(lengths, { axis: 0 });
  return ops.concatenate([ops.zeros([1], { dtype: ends.dtype }), ends], { axis: 0 });
}

/** Where in its row each value stands. */
function placesInRows(splits: SymbolicTensor, rows: SymbolicTensor, count: SizeLike): SymbolicTensor {
  return ops.subtract(ops.arange(0, { stop: count, dtype: splits.dtype }), ops.take(splits, rows, { axis: 0 }));
}

const oneSplit = (node: OpView, count: number) => {
  if (count !== 1) throw unsupported(node.where, `${node.op} of rows within rows`);
};

const lastOf = (splits: SymbolicTensor) => ops.cast(ops.take(splits, -1, { axis: 0 }), 'int32');

const raggedToSparse: Lowering = node => {
  oneSplit(node, node.inputs.length - 1);
  const [splits, values] = [node.x(0), node.x(1)];
  const count = ops.shape(values)[0]!;
  const rows = rowsOf(splits, count);
  const columns = placesInRows(splits, rows, count);
  const lengths = ops.subtract(
    ops.stridedSlice(splits, { axes: [0], starts: [1], stops: [null] }),
    ops.stridedSlice(splits, { axes: [0], starts: [0], stops: [-1] }),
  );
  const indices = ops.stack([ops.cast(rows, 'int64'), ops.cast(columns, 'int64')], { axis: 1 });
  return [indices, values, vector([ops.shape(lengths)[0]!, ops.max(lengths)])];
};

const raggedGather: LoweringEntry = {
  outputs: ['output_nested_splits', 'output_dense_values'],
  lower: node => {
    oneSplit(node, node.attributes.int('PARAMS_RAGGED_RANK', 1));
    oneSplit(node, node.attributes.int('OUTPUT_RAGGED_RANK', 1));
    const [splits, values, wanted] = [node.x(0), node.x(1), node.x(2)];
    const starts = ops.take(splits, wanted, { axis: 0 });
    const ends = ops.take(splits, ops.add(wanted, 1), { axis: 0 });
    const made = splitsOf(ops.subtract(ends, starts));
    const count = lastOf(made);
    const rows = rowsOf(made, count);
    const sources = ops.add(ops.take(starts, rows, { axis: 0 }), placesInRows(made, rows, count));
    return [made, ops.take(values, sources, { axis: 0 })];
  },
};

const raggedRange: LoweringEntry = {
  outputs: ['rt_nested_splits', 'rt_dense_values'],
  lower: node => {
    const [starts, limits, steps] = node.xs(0, 3) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
    const spans = ops.divide(ops.cast(ops.subtract(limits, starts), 'float64'), ops.cast(steps, 'float64'));
    const lengths = ops.cast(ops.maximum(ops.ceil(spans), 0), 'int64');
    const made = splitsOf(lengths);
    const count = lastOf(made);
    const rows = rowsOf(made, count);
    const each = (x: SymbolicTensor) => (x.shape.length === 0 ? x : ops.take(x, rows, { axis: 0 }));
    const places = ops.cast(placesInRows(made, rows, count), starts.dtype);
    return [made, ops.add(each(starts), ops.multiply(places, each(steps)))];
  },
};

/** How often each number is in each row, or the sum of its weights, of those that are there at all. */
function countRows(
  node: OpView,
  rows: SymbolicTensor,
  values: SymbolicTensor,
  weights: SymbolicTensor,
  count: SizeLike,
) {
  const [least, most] = [node.attributes.int('minlength', -1), node.attributes.int('maxlength', -1)];
  const found = ops.add(ops.cast(ops.max(values), 'int32'), 1);
  const size: SizeLike =
    most >= 0 && least === most ? most : ops.minimum(ops.maximum(found, least), most < 0 ? 2147483647 : most);
  const isIn = ops.logicalAnd(
    ops.greaterEqual(values, 0),
    ops.less(values, ops.cast(ops.convertToTensor(size), values.dtype)),
  );
  const kept = ops.nonzero(isIn)[0]!;
  const at = (x: SymbolicTensor) => ops.take(x, kept, { axis: 0 });
  const indices = ops.stack([ops.cast(at(rows), 'int64'), ops.cast(at(values), 'int64')], { axis: 1 });
  const ones = ops.cast(ops.onesLike(at(values)), weights.dtype);
  const hasWeights = weights.shape.at(-1) !== 0 && !node.attributes.bool('binary_output', false);
  const times = ops.scatter(indices, ops.cast(ones, 'int32'), [count, size]);
  const sums = ops.scatter(indices, hasWeights ? at(ops.ravel(weights)) : ones, [count, size]);
  const places = ops.cast(ops.stack(ops.nonzero(times), { axis: -1 }), 'int64');
  const counted = ops.gatherNd(sums, places);
  const isBinary = node.attributes.bool('binary_output', false);
  return [places, isBinary ? ops.onesLike(counted) : counted, vector([count, size])];
}

const denseCount: Lowering = node => {
  const values = node.x(0);
  if (values.shape.length !== 2) throw unsupported(node.where, `${node.op} of numbers that are not in rows`);
  const [rows, columns] = ops.shape(values) as [SizeLike, SizeLike];
  const each = ops.broadcastTo(ops.expandDims(ops.arange(0, { stop: rows, dtype: 'int64' }), 1), [rows, columns]);
  return countRows(node, ops.ravel(each), ops.ravel(values), node.x(1), rows);
};

const raggedCount: Lowering = node => {
  const [splits, values] = [node.x(0), node.x(1)];
  const rows = rowsOf(splits, ops.shape(values)[0]!);
  return countRows(node, rows, values, node.x(2), onSizes.subtract!(ops.shape(splits)[0]!, 1)!);
};

const counts = ['output_indices', 'output_values', 'output_dense_shape'];

export const sparse: LoweringTable = {
  DenseCountSparseOutput: { outputs: counts, lower: denseCount },
  RaggedCountSparseOutput: { outputs: counts, lower: raggedCount },
  SparseTensorDenseMatMul: timesDense,
  SparseReshape: { outputs: ['output_indices', 'output_shape'], lower: reshape },
  SparseReorder: {
    outputs: ['output_indices', 'output_values'],
    lower: node => inOrder(node.x(0), node.x(1), node.sizes(2)),
  },
  SparseFillEmptyRows: {
    outputs: ['output_indices', 'output_values', 'empty_row_indicator', 'reverse_index_map'],
    lower: fillEmptyRows,
  },
  SparseConcat: { outputs: ['output_indices', 'output_values', 'output_shape'], lower: concatenate },
  SparseReduceSum: reduceSum,
  SparseSoftmax: softmax,
  RaggedTensorToSparse: {
    outputs: ['sparse_indices', 'sparse_values', 'sparse_dense_shape'],
    lower: raggedToSparse,
  },
  RaggedGather: raggedGather,
  RaggedRange: raggedRange,
};
