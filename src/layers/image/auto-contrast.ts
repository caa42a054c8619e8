/** AutoContrast: stretches each picture's values, channel by channel, over the whole range; at inference too. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { float, list } from '../fields.ts';

type Range = readonly [number, number];

/** Maps one range onto another. */
export function mapRange(x: SymbolicTensor, from: Range, to: Range, ops: Ops): SymbolicTensor {
  if (from[0] === to[0] && from[1] === to[1]) return x;
  const share = ops.divide(ops.subtract(x, from[0]), from[1] - from[0]);
  return ops.add(ops.multiply(share, to[1] - to[0]), to[0]);
}

const bytes: Range = [0, 255];

export default defineLayer({
  name: 'AutoContrast',
  config: { valueRange: list(float(), [0, 255]) },
  callArguments: ['data', 'training'],
  call: ({ valueRange }, _weights, [x, ...others], ops, { computeDtype }) => {
    const range: Range = [Math.min(...valueRange), Math.max(...valueRange)];
    const images = mapRange(ops.cast(x!, computeDtype), range, bytes, ops);
    const spatial = x!.shape.length === 3 ? [0, 1] : [1, 2];
    const low = ops.min(images, { axis: spatial, keepdims: true });
    const high = ops.max(images, { axis: spatial, keepdims: true });
    const scale = ops.divide(255, ops.subtract(high, low));
    const stretched = ops.add(ops.multiply(images, scale), ops.multiply(ops.negative(low), scale));
    const result = mapRange(ops.clip(stretched, 0, 255), bytes, range, ops);
    // A picture of one value has no contrast to stretch: 0/0 gives it back.
    return [ops.where(ops.isnan(result), ops.cast(x!, computeDtype), result), ...others];
  },
});
