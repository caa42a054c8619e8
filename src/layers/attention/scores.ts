/** What all attention layers share: masks from the call and from the inputs, and the softmax over what they leave. */

import type { DType } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { CallArgument } from '../define.ts';

/** A tensor argument of a call, or null. */
export function tensorArgument(argument: CallArgument | undefined): SymbolicTensor | null {
  return typeof argument === 'object' && argument !== null && 'node' in argument ? (argument as SymbolicTensor) : null;
}

/** All masks that are there, ANDed; null where there is none. */
export function mergeMasks(masks: readonly (SymbolicTensor | null)[], ops: Ops): SymbolicTensor | null {
  const given = masks.filter(mask => mask !== null).map(mask => ops.cast(mask, 'bool'));
  return given.length === 0 ? null : given.reduce((left, right) => ops.logicalAnd(left, right));
}

/** (T, S): true where the position of the key is not after that of the query. */
export function causalMask(query: SymbolicTensor, value: SymbolicTensor, ops: Ops): SymbolicTensor {
  const [rows, columns] = positions(query, value, ops);
  return ops.greaterEqual(rows, columns);
}

/** (T, S): true where query and key are less than `size` steps apart. */
export function windowMask(query: SymbolicTensor, value: SymbolicTensor, size: number, ops: Ops): SymbolicTensor {
  const [rows, columns] = positions(query, value, ops);
  return ops.less(ops.abs(ops.subtract(rows, columns)), size);
}

function positions(query: SymbolicTensor, value: SymbolicTensor, ops: Ops): [SymbolicTensor, SymbolicTensor] {
  const along = (x: SymbolicTensor, axis: number) => ops.expandDims(ops.arange(0, { stop: ops.shape(x)[1]! }), axis);
  return [along(query, 1), along(value, 0)];
}

/** What hidden scores become: a number so low that the softmax gives them nothing, where anything else is left. */
export function largeNegative(dtype: DType): number {
  return dtype === 'float16' ? -3e4 : -1e9;
}

/**
 * Softmax over the last axis of the scores that `mask` leaves. Where it leaves none, shares are all alike, or 0 with
 * `zeroHidden`.
 */
export function maskedSoftmax(
  scores: SymbolicTensor,
  mask: SymbolicTensor | null,
  zeroHidden: boolean,
  ops: Ops,
): SymbolicTensor {
  if (mask === null) return ops.softmax(scores);
  const shares = ops.softmax(ops.where(mask, scores, largeNegative(scores.dtype)));
  return zeroHidden ? ops.where(mask, shares, 0) : shares;
}
