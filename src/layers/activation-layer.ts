/** Activation: an activation function as a layer. */

import { defineLayer } from './define.ts';
import { activation } from './fields.ts';

export default defineLayer({
  name: 'Activation',
  config: { activation: activation() },
  mask: 'pass',
  call: ({ activation }, _weights, [x]) => activation(x!),
});
