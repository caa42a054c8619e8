/**
 * LayerNormalization: mean and variance of each sample over `axis`. `rms_scaling` (Keras 3.0 to 3.10) divides by the
 * deviation without taking the mean away, has no beta, and is no RMS. Releases before 3.4 did not write the key: a file
 * that holds gamma alone though the config says `center` is of that kind.
 */

import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { axes, bool, float } from './fields.ts';
import { sizesAlong, spreadAlong } from './normalization-axes.ts';

export default defineLayer({
  name: 'LayerNormalization',
  config: { axis: axes(-1), epsilon: float(1e-3), center: bool(true), scale: bool(true), rmsScaling: bool(false) },
  castInputs: false,
  mask: 'pass',
  weights: ({ axis, center, scale, rmsScaling }, [x]) => {
    const shape = sizesAlong(x!, axis);
    return {
      ...((scale || rmsScaling) && { gamma: { shape, autocast: false } }),
      ...(center && !rmsScaling && { beta: { shape, autocast: false, optional: scale } }),
    };
  },
  outputShape: (_config, [x]) => x!,
  call: ({ axis, epsilon, center, scale, rmsScaling }, { gamma, beta }, [input], ops, { computeDtype }) => {
    const x = ops.cast(input!, computeDtype === 'float64' ? 'float64' : 'float32');
    const back = (y: SymbolicTensor) => ops.cast(y, computeDtype);
    if (rmsScaling || (center && scale && !beta)) {
      const variance = ops.var(x, { axis, keepdims: true });
      const y = ops.divide(x, ops.sqrt(ops.add(variance, epsilon)));
      return back(gamma ? ops.multiply(y, spreadAlong(gamma, x, axis, ops)) : y);
    }
    return back(ops.layerNormalization(x, { gamma: gamma ?? null, beta: beta ?? null, axis, epsilon }));
  },
});
