/** Masking: steps whose features all equal `mask_value` are masked, and zero in the output. */

import { defineLayer } from './define.ts';
import { float } from './fields.ts';

export default defineLayer({
  name: 'Masking',
  config: { maskValue: float(0) },
  outputShape: (_config, [x]) => x!,
  call({ maskValue }, _weights, [x], ops) {
    const differs = ops.notEqual(x!, maskValue);
    const kept = ops.any(differs, { axis: -1, keepdims: true });
    return { outputs: [ops.multiply(x!, ops.cast(kept, x!.dtype))], masks: [ops.any(differs, { axis: -1 })] };
  },
});
