/** UnitNormalization: x / √max(Σx², 1e-12) over `axis`. */

import { defineLayer } from './define.ts';
import { axes } from './fields.ts';

export default defineLayer({
  name: 'UnitNormalization',
  config: { axis: axes(-1) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ axis }, _weights, [x], ops) => ops.normalize(x!, { axis, order: 2, epsilon: 1e-6 }),
});
