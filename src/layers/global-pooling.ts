/**
 * GlobalMaxPooling and GlobalAveragePooling: one value for each channel. Only the average in one dimension heeds a
 * mask; then it is the mean of the steps that the mask keeps.
 */

import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { bool, dataFormat } from './fields.ts';

const globalPooling = (kind: 'Max' | 'Average', rank: number) =>
  defineLayer({
    name: `Global${kind}Pooling${rank}D`,
    aliases: [`Global${kind === 'Max' ? 'Max' : 'Avg'}Pool${rank}D`],
    config: { dataFormat: dataFormat(), keepdims: bool(false), ignoreMask: bool(false) },
    callArguments: ['inputs', 'mask'],
    call: ({ dataFormat, keepdims, ignoreMask }, _weights, [x], ops, { masks }) => {
      const first = dataFormat === 'channels_first' ? 2 : 1;
      const axis = Array.from({ length: rank }, (_, at) => first + at);
      const mask = masks[0];
      if (kind === 'Average' && rank === 1 && mask && !ignoreMask) return maskedMean(x!, mask, axis[0]!, keepdims, ops);
      return (kind === 'Max' ? ops.max : ops.mean)(x!, { axis, keepdims });
    },
  });

/** Σ x·m / Σ m over the steps; all masked gives 0 / 0, as in Keras. */
function maskedMean(
  x: SymbolicTensor,
  mask: SymbolicTensor,
  axis: number,
  keepdims: boolean,
  ops: Ops,
): SymbolicTensor {
  const kept = ops.expandDims(ops.cast(mask, x.dtype), axis === 1 ? 2 : 1);
  const total = ops.sum(ops.multiply(x, kept), { axis, keepdims });
  return ops.divide(total, ops.sum(kept, { axis, keepdims }));
}

export default [1, 2, 3].flatMap(rank => [globalPooling('Max', rank), globalPooling('Average', rank)]);
