/** Numbers of categories as one-hot, multi-hot or count vectors (keras/src/utils/numerical_utils.py). */

import type { DType } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { oneOf } from '../fields.ts';

export type OutputMode = 'int' | 'one_hot' | 'multi_hot' | 'count' | 'tf_idf';

/** How a layer's numbers come out; TF 2.3 to 2.5 had other words for two of them, which readers replace. */
export function outputMode(fallback: OutputMode) {
  return oneOf(['int', 'one_hot', 'multi_hot', 'count', 'tf_idf'], fallback);
}

export interface EncodeOptions {
  readonly mode: Exclude<OutputMode, 'int'>;
  /** Number of categories. */
  readonly depth: number;
  readonly dtype: DType;
  /** One-hot: whether a last axis of 1 is dropped first (Keras 3.0 to 3.3 kept it). */
  readonly squeeze: boolean;
  readonly weights?: SymbolicTensor | null;
}

/** Encodes along the last axis. Numbers outside 0 … depth-1 count for nothing. */
export function encode(indices: SymbolicTensor, options: EncodeOptions, ops: Ops): SymbolicTensor {
  if (options.mode !== 'one_hot') return spread(indices, options, ops);
  const lone = options.squeeze && indices.shape.length > 1 && indices.shape.at(-1) === 1;
  return ops.oneHot(lone ? ops.squeeze(indices, { axis: -1 }) : indices, options.depth, { dtype: options.dtype });
}

/** Multi-hot and counts: (…, N) to (…, depth), all samples as rows of one matrix. */
function spread(indices: SymbolicTensor, { mode, depth, dtype, weights }: EncodeOptions, ops: Ops): SymbolicTensor {
  const sizes = ops.shape(indices);
  const rows = ops.reshape(ops.cast(indices, 'int64'), [-1, sizes.at(-1) ?? 1]);
  const [count, width] = ops.shape(rows) as [number | SymbolicTensor, number | SymbolicTensor];
  // What is outside goes into one more column, which is cut off.
  const outside = ops.logicalOr(ops.less(rows, 0), ops.greaterEqual(rows, depth));
  const columns = ops.where(outside, depth, rows);
  const numbers = ops.expandDims(ops.cast(ops.arange(0, { stop: count }), 'int64'), 1);
  const places = ops.stack([ops.broadcastTo(numbers, [count, width]), columns], { axis: -1 });
  const added = weights
    ? ops.cast(ops.reshape(weights, [count, width]), 'float32')
    : ops.ones([count, width], { dtype: 'float32' });
  const empty = ops.zeros([count, depth + 1], { dtype: 'float32' });
  const filled = ops.scatterUpdate(empty, places, added, { reduction: mode === 'multi_hot' ? 'max' : 'add' });
  const kept = ops.getItem(filled, ['...', { start: 0, stop: depth }]);
  return ops.cast(ops.reshape(kept, [...sizes.slice(0, -1), depth]), dtype);
}
