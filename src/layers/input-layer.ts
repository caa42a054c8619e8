/** InputLayer: where a model's data comes in. `batch_shape` holds the batch axis first; null when never built. */

import { defineLayer } from './define.ts';
import { int, list, nullable } from './fields.ts';

export default defineLayer({
  name: 'InputLayer',
  config: { batchShape: nullable(list(nullable(int()))) },
  castInputs: false,
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: (_config, _weights, [x]) => x!,
});
