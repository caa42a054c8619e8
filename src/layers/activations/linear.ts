/** Activations that change nothing, or only by arithmetic. */

import { defineActivation } from '../define.ts';

export default [
  defineActivation({ name: 'linear', aliases: ['identity'], call: x => x }),
  defineActivation({ name: 'exponential', aliases: ['exp'], call: (x, ops) => ops.exp(x) }),
  defineActivation({
    name: 'softsign',
    call: (x, ops) => ops.softsign(x),
  }),
];
