/** MaxoutDense and Highway of Keras 1 (keras/layers/core.py of 1.2.2). Both take vectors. */

import { defineLayer } from '../define.ts';
import { activation, bool, int } from '../fields.ts';

/** The largest of several affine maps, unit by unit. */
const maxoutDense = defineLayer({
  name: 'MaxoutDense',
  config: { units: int(), nbFeature: int(4), useBias: bool(true) },
  weights: ({ units, nbFeature, useBias }, [x]) => ({
    kernel: [nbFeature, x!.at(-1)!, units],
    ...(useBias && { bias: [nbFeature, units] }),
  }),
  outputShape: ({ units }, [x]) => [x![0]!, units],
  call: (_config, { kernel, bias }, [x], ops) => {
    // (1, B, in) times (features, in, units): (features, B, units).
    const maps = ops.matmul(ops.expandDims(x!, 0), kernel!);
    return ops.max(bias ? ops.add(maps, ops.expandDims(bias, 1)) : maps, { axis: 0 });
  },
});

/** y = t·act(xW + b) + (1 − t)·x with the gate t = sigmoid(x·carry + b). */
const highway = defineLayer({
  name: 'Highway',
  config: { activation: activation(), useBias: bool(true) },
  weights: ({ useBias }, [x]) => {
    const size = x!.at(-1)!;
    return {
      kernel: [size, size],
      kernelCarry: [size, size],
      ...(useBias && { bias: [size], biasCarry: [size] }),
    };
  },
  outputShape: (_config, [x]) => x!,
  call: ({ activation }, { kernel, kernelCarry, bias, biasCarry }, [x], ops) => {
    const affine = (weights: typeof kernel, shift: typeof bias) => {
      const product = ops.matmul(x!, weights!);
      return shift ? ops.add(product, shift) : product;
    };
    const gate = ops.sigmoid(affine(kernelCarry, biasCarry));
    const transformed = ops.multiply(gate, activation(affine(kernel, bias)));
    return ops.add(transformed, ops.multiply(ops.subtract(1, gate), x!));
  },
});

export default [maxoutDense, highway];
