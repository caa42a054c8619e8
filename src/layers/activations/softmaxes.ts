/** Activations that turn scores along an axis into shares. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

export default [
  defineActivation({
    name: 'softmax',
    call: (x, ops, given) => ops.softmax(x, { axis: numberOf(given, ['axis'], -1) }),
  }),
  defineActivation({
    name: 'log_softmax',
    aliases: ['log_softmax_v2'],
    call: (x, ops, given) => ops.logSoftmax(x, { axis: numberOf(given, ['axis'], -1) }),
  }),
  defineActivation({
    name: 'sparsemax',
    call: (x, ops, given) => ops.sparsemax(x, { axis: numberOf(given, ['axis'], -1) }),
  }),
];
