/** Questions about elements, and choosing by the answer. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import type { Lowering, LoweringTable } from '../define.ts';
import { followedBinary, withElements } from '../follow.ts';

const compare = (rule: string, make: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor): Lowering =>
  followedBinary(rule, make, null);

/** TensorFlow's first Select takes a vector of truth values for the rows of its operands. */
const select: Lowering = node => {
  const [condition, a, b] = [node.value(0), node.value(1), node.value(2)];
  const known = condition.elements?.length === 1 ? condition.elements[0] : null;
  if (typeof known === 'number') return known === 1 ? a : b;
  const rank = a.tensor.shape.length;
  const isRows = node.op === 'Select' && condition.tensor.shape.length === 1 && rank > 1;
  const rows = isRows ? ops.expandDims(condition.tensor, range(1, rank)) : condition.tensor;
  return ops.where(rows, a.tensor, b.tensor);
};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

const not: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const flipped = elements?.every(element => typeof element === 'number') ? elements.map(element => 1 - element) : null;
  return withElements(ops.logicalNot(tensor), flipped);
};

/** In which of the ranges between ascending boundaries an element lies; a boundary belongs to the range above it. */
const bucketize: Lowering = node => {
  const x = ops.cast(node.x(0), 'float32');
  const boundaries = node.attributes.floats('boundaries');
  if (boundaries.length === 0) return ops.zerosLike(x, { dtype: 'int32' });
  const above = ops.greaterEqual(ops.expandDims(x, -1), ops.constant([...boundaries], 'float32'));
  return ops.cast(ops.sum(ops.cast(above, 'int32'), { axis: -1 }), 'int32');
};

export const comparison: LoweringTable = {
  Equal: compare('equal', ops.equal),
  NotEqual: compare('notEqual', ops.notEqual),
  Less: compare('less', ops.less),
  LessEqual: compare('lessEqual', ops.lessEqual),
  Greater: compare('greater', ops.greater),
  GreaterEqual: compare('greaterEqual', ops.greaterEqual),
  LogicalAnd: compare('logicalAnd', ops.logicalAnd),
  LogicalOr: compare('logicalOr', ops.logicalOr),
  LogicalNot: not,
  ApproximateEqual: node =>
    ops.less(ops.abs(ops.subtract(node.x(0), node.x(1))), node.attributes.float('tolerance', 1e-5)),
  IsNan: node => ops.isnan(node.x(0)),
  IsInf: node => ops.isinf(node.x(0)),
  IsFinite: node => ops.isfinite(node.x(0)),
  Select: select,
  SelectV2: select,
  Bucketize: bucketize,
  ClipByValue: node => ops.minimum(ops.maximum(node.x(0), node.x(1)), node.x(2)),
};
