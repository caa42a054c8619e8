/** ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU as layers. */

import type { Dim } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { axes, float, nullable } from './fields.ts';

/** `max_value` from there on, x above `threshold`, `negative_slope` · (x - threshold) below. */
const relu = defineLayer({
  name: 'ReLU',
  config: { maxValue: nullable(float()), negativeSlope: nullable(float()), threshold: nullable(float()) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ maxValue, negativeSlope, threshold }, _weights, [x], ops) => {
    const from = threshold ?? 0;
    const slope = negativeSlope ?? 0;
    if (from === 0 && maxValue === null)
      return slope === 0 ? ops.relu(x!) : ops.leakyRelu(x!, { negativeSlope: slope });
    if (from === 0 && slope === 0) return ops.clip(x!, 0, maxValue);
    const below = ops.multiply(ops.subtract(x!, from), slope);
    return ops.where(ops.greaterEqual(x!, from), maxValue === null ? x! : ops.minimum(x!, maxValue), below);
  },
});

const leakyRelu = defineLayer({
  name: 'LeakyReLU',
  config: { negativeSlope: float(0.3) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ negativeSlope }, _weights, [x], ops) => ops.leakyRelu(x!, { negativeSlope }),
});

/** max(x, 0) + alpha · min(x, 0); alpha is 1 long along `shared_axes`. */
const prelu = defineLayer({
  name: 'PReLU',
  config: { sharedAxes: nullable(axes()) },
  mask: 'pass',
  weights: ({ sharedAxes }, [x]) => {
    const alpha: Dim[] = [...x!.slice(1)];
    for (const axis of sharedAxes ?? []) alpha[axis - 1] = 1;
    return { alpha };
  },
  outputShape: (_config, [x]) => x!,
  call: (_config, { alpha }, [x], ops) => ops.add(ops.relu(x!), ops.multiply(alpha!, ops.minimum(x!, 0))),
});

const elu = defineLayer({
  name: 'ELU',
  config: { alpha: float(1) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ alpha }, _weights, [x], ops) => ops.elu(x!, { alpha }),
});

const thresholdedRelu = defineLayer({
  name: 'ThresholdedReLU',
  config: { theta: float(1) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ theta }, _weights, [x], ops) => ops.where(ops.greater(x!, theta), x!, 0),
});

export default [relu, leakyRelu, prelu, elu, thresholdedRelu];
