/** Dense: activation(x · kernel + bias) over the last axis, whatever the rank. */

import { defineLayer } from './define.ts';
import { activation, bool, int } from './fields.ts';

export default defineLayer({
  name: 'Dense',
  config: { units: int(), activation: activation(), useBias: bool(true) },
  weights: ({ units, useBias }, [x]) => ({
    kernel: [x!.at(-1)!, units],
    ...(useBias && { bias: [units] }),
  }),
  outputShape: ({ units }, [x]) => [...x!.slice(0, -1), units],
  mask: 'pass',
  call: ({ activation }, { kernel, bias }, [x], ops) => {
    const product = ops.matmul(x!, kernel!);
    return activation(bias ? ops.add(product, bias) : product);
  },
});
