/** S-shaped activations. */

import { defineActivation } from '../define.ts';

export default [
  defineActivation({ name: 'sigmoid', call: (x, ops) => ops.sigmoid(x) }),
  defineActivation({ name: 'log_sigmoid', call: (x, ops) => ops.logSigmoid(x) }),
  defineActivation({ name: 'tanh', call: (x, ops) => ops.tanh(x) }),
  defineActivation({ name: 'hard_tanh', call: (x, ops) => ops.hardTanh(x) }),
  // Keras 3: relu6(x + 3) / 6.
  defineActivation({ name: 'hard_sigmoid', call: (x, ops) => ops.hardSigmoid(x) }),
  // Before Keras 3 it was steeper and saturated sooner, at ±2.5; readers give it this name of ours.
  defineActivation({
    name: 'hard_sigmoid_keras2',
    call: (x, ops) => ops.hardSigmoid(x, { alpha: 0.2, beta: 0.5 }),
  }),
  defineActivation({ name: 'sparse_sigmoid', call: (x, ops) => ops.clip(ops.divide(ops.add(x, 1), 2), 0, 1) }),
];
