/** Activations in which one half of the input gates the other. */

import { defineActivation } from '../define.ts';
import { numberOf } from './given.ts';

export default [
  defineActivation({ name: 'glu', call: (x, ops, given) => ops.glu(x, { axis: numberOf(given, ['axis'], -1) }) }),
];
