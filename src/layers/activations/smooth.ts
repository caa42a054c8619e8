/** Smooth relatives of the rectified unit. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

export default [
  // Exact (erf) unless told otherwise, in every release since TF 2.4.
  defineActivation({ name: 'gelu', call: (x, ops, given) => ops.gelu(x, { approximate: given.approximate === true }) }),
  defineActivation({ name: 'silu', aliases: ['swish'], call: (x, ops) => ops.silu(x) }),
  defineActivation({ name: 'hard_silu', aliases: ['hard_swish'], call: (x, ops) => ops.hardSilu(x) }),
  defineActivation({ name: 'softplus', call: (x, ops) => ops.softplus(x) }),
  defineActivation({
    name: 'squareplus',
    call: (x, ops, given) => ops.squareplus(x, { b: numberOf(given, ['b'], 4) }),
  }),
  defineActivation({ name: 'mish', call: (x, ops) => ops.mish(x) }),
];
