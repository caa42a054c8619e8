/** Taking parts of tensors and putting parts into them. */

import type { DType } from '../../../numbers/dtype.ts';
import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { castTo, dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { withElements } from '../follow.ts';
import { elementsValue, knownElements, type TensorValue } from '../value.ts';
import { stridedSlice } from './strided-slice.ts';

/** `begin` and `size`; a size of -1 takes all that follows. */
const slice: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const [begin, size] = [node.sizes(1), node.sizes(2)];
  const made = ops.slice(
    tensor,
    begin,
    size.map((count, axis) => lengthOf(count, begin[axis]!, tensor, axis)),
  );
  const [from, count] = [begin[0], size[0]];
  const followed =
    elements !== null && tensor.shape.length === 1 && typeof from === 'number' && typeof count === 'number';
  return withElements(made, followed ? elements.slice(from, count < 0 ? undefined : from + count) : null);
};

/** A size that is known only when the model runs may still be -1 then, which means all that follows. */
function lengthOf(size: SizeLike, begin: SizeLike, x: SymbolicTensor, axis: number): SizeLike {
  if (typeof size === 'number') return size;
  const rest = ops.subtract(ops.shape(x)[axis]!, begin);
  return ops.where(ops.less(size, 0), ops.cast(rest, size.dtype), size);
}

const gather: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const indices = node.value(1);
  const axis = node.inputs.length > 2 ? node.number(2) : 0;
  const batchDims = node.attributes.int('batch_dims', 0);
  if (batchDims !== 0) return gatherInBatches(node, tensor, indices.tensor, axis, batchDims);
  const known = knownElements(indices);
  const taken = elements !== null && tensor.shape.length === 1 && known ? known.map(index => elements[index]!) : null;
  return withElements(ops.take(tensor, indices.tensor, { axis }), taken);
};

/** Rows of the operand each have their own indices, along the axis right after the batch axes. */
function gatherInBatches(
  node: OpView,
  x: SymbolicTensor,
  indices: SymbolicTensor,
  axis: number,
  batchDims: number,
): SymbolicTensor {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const batch = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
  if (along !== batch) throw unsupported(node.where, 'GatherV2 with axes between the batch and the gathered axis');
  return ops.gatherNd(x, ops.expandDims(indices, -1), { batchDims: batch });
}

const oneHot: Lowering = node => {
  const indices = node.x(0);
  const depth = node.sizes(1)[0]!;
  const [on, off] = [node.x(2), node.x(3)];
  const axis = node.attributes.int('axis', -1);
  const at = axis < 0 ? indices.shape.length : axis;
  const line = ops.arange(0, { stop: depth, dtype: indices.dtype as DType });
  const sizes = Array.from({ length: indices.shape.length + 1 }, (_, other): SizeLike => (other === at ? -1 : 1));
  return ops.where(ops.equal(ops.expandDims(indices, at), ops.reshape(line, sizes)), on, off);
};

const reverse: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const isVector = elements !== null && tensor.shape.length === 1;
  return withElements(ops.flip(tensor, { axis: node.numbers(1) }), isVector ? elements.toReversed() : null);
};

/** TF1: a truth value for each axis. */
const reverseByFlags: Lowering = node =>
  ops.flip(node.x(0), { axis: node.numbers(1).flatMap((flag, axis) => (flag ? [axis] : [])) });

/** The first `lengths[b]` steps of each row reversed, what follows left in place. */
const reverseSequence: Lowering = node => {
  const x = node.x(0);
  const along = node.attributes.int('seq_dim');
  const batch = node.attributes.int('batch_dim', 0);
  const steps = ops.arange(0, { stop: ops.shape(x)[along]!, dtype: 'int32' });
  const lengths = ops.cast(ops.expandDims(node.x(1), 1), 'int32');
  const row = ops.expandDims(steps, 0);
  const mirrored = ops.where(ops.less(row, lengths), ops.subtract(ops.subtract(lengths, 1), row), row);
  const order = batch < along ? mirrored : ops.transpose(mirrored);
  const sizes = x.shape.map((_, axis): SizeLike => (axis === batch ? ops.shape(x)[batch]! : axis === along ? -1 : 1));
  const spread = ops.broadcastTo(ops.reshape(order, sizes), ops.shape(x));
  return ops.takeAlongAxis(x, spread, { axis: along });
};

const scatter =
  (reduction: 'add' | 'max' | 'min' | 'mul' | null): Lowering =>
  node =>
    ops.scatterUpdate(node.x(0), node.x(1), node.x(2), { reduction });

/** Indices come before what they index; the result is as long as the largest index says, which must be known. */
const dynamicStitch: Lowering = node => {
  const count = node.attributes.int('N');
  const values = Array.from({ length: count }, (_, index) => node.value(count + index));
  const indices = Array.from({ length: count }, (_, index) => node.numbers(index));
  const scalars = values.every(value => value.elements !== null);
  const length = Math.max(-1, ...indices.flat()) + 1;
  if (!scalars) return stitchRows(node, indices, values, length);
  const found = new Array<SizeLike>(length).fill(0);
  indices.forEach((list, at) => {
    list.forEach((index, position) => {
      found[index] = values[at]!.elements![position]!;
    });
  });
  return elementsValue(found, [length], values[0]!.tensor.dtype);
};

function stitchRows(
  node: OpView,
  indices: readonly (readonly number[])[],
  values: readonly TensorValue[],
  length: number,
): SymbolicTensor {
  const rows: (SymbolicTensor | undefined)[] = new Array(length);
  indices.forEach((list, at) => {
    const scalar = node.x(at).shape.length === 0;
    const parts = scalar ? [values[at]!.tensor] : ops.unstack(values[at]!.tensor, { num: list.length });
    list.forEach((index, position) => {
      rows[index] = parts[position]!;
    });
  });
  if (rows.includes(undefined)) throw unsupported(node.where, 'DynamicStitch that leaves rows open');
  return ops.stack(rows as SymbolicTensor[]);
}

/** Keeps a band around the diagonal of the last two axes; a negative width keeps that whole side. */
const bandPart: Lowering = node => {
  const x = node.x(0);
  const [lower, upper] = [node.number(1), node.number(2)];
  const above = upper < 0 ? x : ops.tril(x, { k: upper });
  return lower < 0 ? above : ops.triu(above, { k: -lower });
};

/** Elements moved along axes, those that fall off coming in at the other end. */
const roll: Lowering = node => {
  const [shifts, axes] = [node.numbers(1), node.numbers(2)];
  return axes.reduce((x, axis, at) => ops.roll(x, shifts[at]!, { axis }), node.x(0));
};

/** Values at index vectors in a tensor that is full of another value. */
const sparseToDense: Lowering = node => {
  const [indices, values] = [node.x(0), node.x(2)];
  const full = ops.broadcastTo(node.x(3), node.sizes(1));
  const vectors = indices.shape.length < 2 ? ops.reshape(indices, [-1, 1]) : indices;
  return ops.scatterUpdate(full, vectors, values);
};

/** How many of a sorted row lie before each value. */
const bound =
  (isBefore: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor): Lowering =>
  node => {
    const before = isBefore(ops.expandDims(node.x(0), 1), ops.expandDims(node.x(1), 2));
    const to = dtypeOf(node, 'out_type', 'int32');
    return ops.cast(ops.sum(ops.cast(before, 'int32'), { axis: -1 }), to);
  };

/** Places in row-major order as one index for each axis. */
const unravel: Lowering = node => {
  const rows: SymbolicTensor[] = [];
  let left = node.x(0);
  for (const size of [...node.sizes(1)].reverse()) {
    const extent = ops.cast(ops.convertToTensor(size), left.dtype);
    rows.unshift(ops.mod(left, extent));
    left = ops.floorDivide(left, extent);
  }
  return ops.stack(rows, { axis: 0 });
};

export const indexing: LoweringTable = {
  StridedSlice: stridedSlice,
  Slice: slice,
  Gather: gather,
  GatherV2: gather,
  GatherNd: node => ops.gatherNd(node.x(0), node.x(1), { batchDims: node.attributes.int('batch_dims', 0) }),
  OneHot: oneHot,
  ReverseV2: reverse,
  Reverse: reverseByFlags,
  ReverseSequence: reverseSequence,
  ScatterNd: node => castTo(node, ops.scatter(node.x(0), node.x(1), node.sizes(2)), 'T'),
  TensorScatterUpdate: scatter(null),
  TensorScatterAdd: scatter('add'),
  TensorScatterSub: node =>
    castTo(node, ops.scatterUpdate(node.x(0), node.x(1), ops.negative(node.x(2)), { reduction: 'add' }), 'T'),
  LowerBound: bound(ops.less),
  UpperBound: bound(ops.lessEqual),
  UnravelIndex: unravel,
  TensorScatterMax: scatter('max'),
  TensorScatterMin: scatter('min'),
  DynamicStitch: dynamicStitch,
  SparseToDense: sparseToDense,
  MatrixBandPart: bandPart,
  Roll: roll,
};
