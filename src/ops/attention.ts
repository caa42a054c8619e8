/** Softmax attention as one function (keras.ops.nn.dot_product_attention). */

import { softmax } from './activations.ts';
import { add, greaterEqual, logicalAnd, multiply, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { arange } from './index-by.ts';
import { einsum } from './linear.ts';
import { promote } from './promote.ts';
import { refuse } from './record.ts';
import { expandDims, repeat, shape } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

interface AttentionOptions {
  readonly bias?: TensorLike | null;
  readonly mask?: TensorLike | null;
  readonly scale?: number | null;
  readonly isCausal?: boolean;
}

/**
 * Query (B, T, heads, size) against key and value (B, S, heads, size); fewer heads of keys and values are shared.
 * Hidden places get 0.7 of the most negative number, as in Keras.
 */
export function dotProductAttention(
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  { bias = null, mask = null, scale = null, isCausal = false }: AttentionOptions = {},
): SymbolicTensor {
  const [q, k, v] = [toTensor(query), toTensor(key), toTensor(value)];
  const size = q.shape[3] ?? refuse('dotProductAttention', 'the size of a head must be known');
  const shared = (x: SymbolicTensor) => {
    const times = q.shape[2]! / x.shape[2]!;
    return times === 1 ? x : repeat(x, times, { axis: 2 });
  };
  const wide = promote(q.dtype, 'float32')!;
  const products = castTensor(einsum('btnh,bsnh->bnts', q, shared(k)), wide);
  const scaled = multiply(products, scale ?? 1 / Math.sqrt(size));
  const biased = bias === null ? scaled : add(scaled, castTensor(toTensor(bias), wide));
  const allowed = [...(mask === null ? [] : [toTensor(mask, 'bool')]), ...(isCausal ? [lowerTriangle(biased)] : [])];
  const hidden = (wide === 'float16' ? 65500 : 3.38953e38) * -0.7;
  const logits =
    allowed.length === 0
      ? biased
      : where(
          allowed.reduce((a, b) => logicalAnd(a, b)),
          biased,
          hidden,
        );
  return einsum('bnts,bsnh->btnh', castTensor(softmax(logits), k.dtype), shared(v));
}

function lowerTriangle(scores: SymbolicTensor): SymbolicTensor {
  const [, , rows, columns] = shape(scores);
  return greaterEqual(expandDims(arange(rows!), 1), arange(columns!));
}
