/** Choices and tables in terms of comparisons: what a table of operations takes only from tensors is made of one. */

import type { Tensor } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

/** A choice whose numbers are added to zeros of the result's type; null where all of it is numbers. */
export function typedChoice(
  { outputs }: OpNode,
  condition: SymbolicTensor,
  yes: SymbolicTensor,
  no: SymbolicTensor,
): SymbolicTensor | null {
  const { dtype } = outputs[0] as SymbolicTensor;
  const like = [condition, yes, no].find(({ node }) => node.op !== 'constant');
  if (!like) return null;
  const nowhere = falseLike(like);
  const typed = (tensor: SymbolicTensor) =>
    tensor.node.op === 'constant' ? ops.add(ops.cast(nowhere, dtype), tensor) : tensor;
  const where = condition.node.op === 'constant' ? ops.logicalOr(nowhere, condition) : condition;
  return ops.where(where, typed(yes), typed(no));
}

function falseLike(x: SymbolicTensor): SymbolicTensor {
  const some = x.dtype === 'bool' ? x : ops.equal(x, x);
  return ops.logicalAnd(some, ops.logicalNot(some));
}

export interface LookupTable {
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly missing: bigint | string | null;
}

/** Tables above this size would make a row of as many comparisons of every element. */
const largestTable = 4096;

/** Whole numbers found by comparing with every key; null for tables of strings, and where what is not in it is refused. */
export function lookupByComparing(x: SymbolicTensor, { keys, values, missing }: LookupTable): SymbolicTensor | null {
  if (typeof missing !== 'bigint' || keys.dtype === 'string' || keys.data.length > largestTable) return null;
  const steps = Array.from(values.data as ArrayLike<bigint | number>, value => Number(BigInt(value) - missing));
  const found = ops.equal(ops.expandDims(x, -1), ops.constant(keys));
  const weighed = ops.multiply(ops.cast(found, values.dtype), ops.constant(steps, values.dtype));
  return ops.add(ops.sum(weighed, { axis: -1 }), ops.constant(Number(missing), values.dtype));
}
