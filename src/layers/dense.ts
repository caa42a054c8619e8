/**
 * Dense: activation(x · kernel + bias) over the last axis, whatever the rank. The kernel may be quantized or carry a
 * low-rank addition (see quantized/kernel.ts).
 */

import type { Dim } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { activation, bool, int } from './fields.ts';
import { addBias, type KernelLayout, kernelFields, kernelWeights, multiplyKernel } from './quantized/kernel.ts';

function layoutOf(features: Dim, units: number): KernelLayout {
  return { shape: [features, units], reduced: [0], scaleShape: [units] };
}

export default defineLayer({
  name: 'Dense',
  config: { units: int(), activation: activation(), useBias: bool(true), ...kernelFields },
  weights: (config, [x]) =>
    kernelWeights(config, layoutOf(x!.at(-1)!, config.units), config.useBias ? [config.units] : null),
  outputShape: ({ units }, [x]) => [...x!.slice(0, -1), units],
  mask: 'pass',
  call: (config, weights, [x], ops) => {
    const kernel = {
      layout: layoutOf(x!.shape.at(-1)!, config.units),
      product: ops.matmul,
      inputAxes: [-1],
      againstOutput: (scale: typeof x) => scale!,
    };
    return config.activation(addBias(multiplyKernel(config, weights, x!, kernel, ops), weights.bias, config, ops));
  },
});
