/** RMSNormalization (Keras 3.9): x / √(mean(x²) + epsilon) · scale over `axis`. */

import { defineLayer } from './define.ts';
import { axes, float } from './fields.ts';
import { sizesAlong } from './normalization-axes.ts';

export default defineLayer({
  name: 'RMSNormalization',
  config: { axis: axes(-1), epsilon: float(1e-6) },
  weights: ({ axis }, [x]) => ({ scale: sizesAlong(x!, axis) }),
  outputShape: (_config, [x]) => x!,
  call: ({ axis, epsilon }, { scale }, [x], ops) => ops.rmsNormalization(x!, { scale: scale!, axis, epsilon }),
});
