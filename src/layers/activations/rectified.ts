/** Rectified units: zero or little below a threshold, linear above. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

/** Slope of `leaky_relu` as a function; the layer's default is another (0.3). */
const leakySlope = 0.2;

export default [
  defineActivation({
    name: 'relu',
    call: (x, ops, given) => {
      const slope = numberOf(given, ['negative_slope', 'alpha'], 0);
      const threshold = numberOf(given, ['threshold'], 0);
      const ceiling = numberOf(given, ['max_value'], Number.POSITIVE_INFINITY);
      if (slope === 0 && threshold === 0 && ceiling === Number.POSITIVE_INFINITY) return ops.relu(x);
      const below = ops.multiply(slope, ops.subtract(x, threshold));
      const above = ceiling === Number.POSITIVE_INFINITY ? x : ops.minimum(x, ceiling);
      return ops.where(ops.greaterEqual(x, threshold), above, below);
    },
  }),
  defineActivation({ name: 'relu6', call: (x, ops) => ops.relu6(x) }),
  defineActivation({
    name: 'leaky_relu',
    call: (x, ops, given) =>
      ops.leakyRelu(x, { negativeSlope: numberOf(given, ['negative_slope', 'alpha'], leakySlope) }),
  }),
  defineActivation({ name: 'elu', call: (x, ops, given) => ops.elu(x, { alpha: numberOf(given, ['alpha'], 1) }) }),
  defineActivation({ name: 'selu', call: (x, ops) => ops.selu(x) }),
  defineActivation({ name: 'celu', call: (x, ops, given) => ops.celu(x, { alpha: numberOf(given, ['alpha'], 1) }) }),
  defineActivation({
    name: 'threshold',
    call: (x, ops, given) =>
      ops.threshold(x, numberOf(given, ['threshold'], 0), numberOf(given, ['default_value', 'value'], 0)),
  }),
  defineActivation({ name: 'sparse_plus', call: (x, ops) => ops.sparsePlus(x) }),
];
