/** Activations that turn scores along an axis into shares. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

export default [
  defineActivation({ name: 'softmax', call: (x, ops, given) => ops.softmax(x, numberOf(given, ['axis'], -1)) }),
  defineActivation({
    name: 'log_softmax',
    aliases: ['log_softmax_v2'],
    call: (x, ops, given) => ops.logSoftmax(x, numberOf(given, ['axis'], -1)),
  }),
  defineActivation({ name: 'sparsemax', call: (x, ops, given) => ops.sparsemax(x, numberOf(given, ['axis'], -1)) }),
];
