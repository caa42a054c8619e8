/** Shrinkage functions: values near zero become zero. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

const defaultThreshold = 0.5;

export default [
  defineActivation({
    name: 'hard_shrink',
    call: (x, ops, given) => ops.hardShrink(x, { threshold: numberOf(given, ['threshold'], defaultThreshold) }),
  }),
  defineActivation({
    name: 'soft_shrink',
    call: (x, ops, given) => ops.softShrink(x, { threshold: numberOf(given, ['threshold'], defaultThreshold) }),
  }),
  defineActivation({ name: 'tanh_shrink', call: (x, ops) => ops.subtract(x, ops.tanh(x)) }),
];
