/** Rows taken together by a number for each, and results whose sizes the data decide. */

import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { castTo, dtypeOf, type Lowering, type LoweringTable, type OpView } from '../define.ts';

type Reduction = 'sum' | 'mean' | 'sqrtN' | 'max' | 'min' | 'prod';

const reducers = { sum: ops.segmentSum, max: ops.segmentMax, min: ops.segmentMin, prod: ops.segmentProd } as const;

/** How many rows each group has, with axes to stand beside the rows. */
function counts(rows: SymbolicTensor, ids: SymbolicTensor, numSegments: SizeLike | null): SymbolicTensor {
  const ones = ops.ones([ops.shape(rows)[0]!, ...rows.shape.slice(1).map(() => 1)], { dtype: rows.dtype });
  return ops.segmentSum(ones, ids, { numSegments });
}

function reduceGroups(
  by: Reduction,
  rows: SymbolicTensor,
  ids: SymbolicTensor,
  numSegments: SizeLike | null,
): SymbolicTensor {
  if (by === 'mean' || by === 'sqrtN') {
    const count = ops.maximum(counts(rows, ids, numSegments), 1);
    return ops.divide(ops.segmentSum(rows, ids, { numSegments }), by === 'mean' ? count : ops.sqrt(count));
  }
  const found = reducers[by](rows, ids, { numSegments });
  // Sorted groups without rows are 0; `numSegments` stands for the unsorted, which have the lowest number there.
  if ((by !== 'max' && by !== 'min') || numSegments !== null) return found;
  return ops.where(ops.greater(counts(rows, ids, null), 0), found, ops.zerosLike(found));
}

/** Ids of as many axes as the data's first ones. */
const unsorted =
  (by: Reduction): Lowering =>
  node => {
    const [x, ids] = [node.x(0), node.x(1)];
    const rank = ids.shape.length;
    const rows = rank === 1 ? x : ops.reshape(x, [-1, ...ops.shape(x).slice(rank)]);
    return castTo(node, reduceGroups(by, rows, ops.reshape(ids, [-1]), node.sizes(2)[0]!), 'T');
  };

const sorted =
  (by: Reduction): Lowering =>
  node =>
    castTo(node, reduceGroups(by, node.x(0), node.x(1), null), 'T');

/** Rows of a table by index, then groups of them: lookups in embeddings of sparse rows. */
const sparse =
  (by: Reduction, numSegments: (node: OpView) => SizeLike | null = () => null): Lowering =>
  node =>
    castTo(node, reduceGroups(by, ops.take(node.x(0), node.x(1), { axis: 0 }), node.x(2), numSegments(node)), 'T');

const counted = (node: OpView) => node.sizes(3)[0]!;

const partition: Lowering = node => {
  const [x, groups] = [node.x(0), node.x(1)];
  const rank = groups.shape.length;
  const rows = ops.reshape(x, [-1, ...ops.shape(x).slice(rank)]);
  const flat = ops.reshape(groups, [-1]);
  return Array.from({ length: node.attributes.int('num_partitions') }, (_, group) =>
    ops.take(rows, ops.nonzero(ops.equal(flat, group))[0]!, { axis: 0 }),
  );
};

const positions: Lowering = node => ops.cast(ops.stack(ops.nonzero(node.x(0)), { axis: -1 }), 'int64');

const unique =
  (withCounts: boolean): Lowering =>
  node => {
    const axis = node.inputs.length > 1 ? (node.numbers(1)[0] ?? null) : null;
    const found = ops.unique(node.x(0), { sorted: false, returnInverse: true, returnCounts: true, axis });
    const [values, places, times] = found as readonly SymbolicTensor[];
    const to = dtypeOf(node, 'out_idx', 'int32');
    return [values!, ops.cast(places!, to), ...(withCounts ? [ops.cast(times!, to)] : [])];
  };

/** What of one list is not in another, and where it stands. */
const difference: Lowering = node => {
  const isIn = ops.any(ops.equal(ops.expandDims(node.x(0), 1), ops.expandDims(node.x(1), 0)), { axis: 1 });
  const places = ops.nonzero(ops.logicalNot(isIn))[0]!;
  return [ops.take(node.x(0), places, { axis: 0 }), ops.cast(places, dtypeOf(node, 'out_idx', 'int32'))];
};

/** How many values lie in each of equal parts of a range; what lies beyond counts to its ends. */
const histogram: Lowering = node => {
  const count = node.number(2);
  const [from, to] = ops.unstack(ops.cast(node.x(1), 'float64'), { num: 2 }) as [SymbolicTensor, SymbolicTensor];
  const values = ops.ravel(ops.cast(node.x(0), 'float64'));
  const step = ops.divide(ops.subtract(to, from), count);
  const parts = ops.divide(ops.subtract(ops.maximum(values, from), from), step);
  const ids = ops.cast(ops.minimum(parts, ops.convertToTensor(count - 1, { dtype: 'float64' })), 'int32');
  const found = ops.segmentSum(ops.onesLike(ids), ids, { numSegments: count });
  return ops.cast(found, dtypeOf(node, 'dtype', 'int32'));
};

export const groups: LoweringTable = {
  HistogramFixedWidth: histogram,
  SegmentSum: sorted('sum'),
  SegmentMean: sorted('mean'),
  SegmentMax: sorted('max'),
  SegmentMin: sorted('min'),
  SegmentProd: sorted('prod'),
  UnsortedSegmentSum: unsorted('sum'),
  UnsortedSegmentMax: unsorted('max'),
  UnsortedSegmentMin: unsorted('min'),
  UnsortedSegmentProd: unsorted('prod'),
  SparseSegmentSum: sparse('sum'),
  SparseSegmentMean: sparse('mean'),
  SparseSegmentSqrtN: sparse('sqrtN'),
  SparseSegmentSumWithNumSegments: sparse('sum', counted),
  SparseSegmentMeanWithNumSegments: sparse('mean', counted),
  SparseSegmentSqrtNWithNumSegments: sparse('sqrtN', counted),
  DynamicPartition: partition,
  Where: positions,
  Unique: { outputs: ['y', 'idx'], lower: unique(false) },
  UniqueV2: { outputs: ['y', 'idx'], lower: unique(false) },
  UniqueWithCountsV2: { outputs: ['y', 'idx', 'count'], lower: unique(true) },
  ListDiff: { outputs: ['out', 'idx'], lower: difference },
  UniqueWithCounts: { outputs: ['y', 'idx', 'count'], lower: unique(true) },
};
