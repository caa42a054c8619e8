/** GroupNormalization: statistics of each sample over all positions and the channels of a group; -1 is one channel a group. */

import type { Dim } from '../numbers/tensor.ts';
import type { SizeLike } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { axis, bool, float, int } from './fields.ts';
import { positiveAxes, sizesAlong } from './normalization-axes.ts';

export default defineLayer({
  name: 'GroupNormalization',
  config: { groups: int(32), axis: axis(-1), epsilon: float(1e-3), center: bool(true), scale: bool(true) },
  castInputs: false,
  mask: 'pass',
  weights: ({ axis, center, scale }, [x]) => {
    const shape: Dim[] = sizesAlong(x!, [axis]);
    return {
      ...(scale && { gamma: { shape, autocast: false } }),
      ...(center && { beta: { shape, autocast: false } }),
    };
  },
  outputShape: (_config, [x]) => x!,
  call: ({ groups, axis, epsilon }, { gamma, beta }, [input], ops, { computeDtype }) => {
    const x = ops.cast(input!, computeDtype === 'float64' ? 'float64' : 'float32');
    const at = positiveAxes([axis], x.shape.length)[0]!;
    const channels = x.shape[at]!;
    const count = groups === -1 ? channels : groups;
    const split = (sizes: readonly SizeLike[]) => [
      ...sizes.slice(0, at),
      count,
      channels / count,
      ...sizes.slice(at + 1),
    ];
    const grouped = ops.reshape(x, split(ops.shape(x)));
    const over = grouped.shape.map((_, axis) => axis).filter(axis => axis !== 0 && axis !== at);
    const mean = ops.mean(grouped, { axis: over, keepdims: true });
    const variance = ops.var(grouped, { axis: over, keepdims: true });
    const centred = ops.divide(ops.subtract(grouped, mean), ops.sqrt(ops.add(variance, epsilon)));
    const spread = split(x.shape.map(() => 1)).map((size, axis) => (axis === at || axis === at + 1 ? size : 1));
    const scaled = gamma ? ops.multiply(centred, ops.reshape(gamma, spread)) : centred;
    const moved = beta ? ops.add(scaled, ops.reshape(beta, spread)) : scaled;
    return ops.cast(ops.reshape(moved, ops.shape(x)), computeDtype);
  },
});
