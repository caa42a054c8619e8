/** RandomFourierFeatures (tf.keras.layers.experimental): cos(x · kernel / scale + bias), in float32. */

import { defineLayer } from './define.ts';
import { int } from './fields.ts';

export default defineLayer({
  name: 'RandomFourierFeatures',
  config: { outputDim: int() },
  weights: ({ outputDim }, [x]) => ({
    unscaledKernel: { shape: [x!.at(-1)!, outputDim], trainable: false, dtype: 'float32', autocast: false },
    bias: { shape: [outputDim], trainable: false, dtype: 'float32', autocast: false },
    kernelScale: { shape: [1], dtype: 'float32', autocast: false },
  }),
  outputShape: ({ outputDim }, [x]) => [...x!.slice(0, -1), outputDim],
  call: (_config, { unscaledKernel, bias, kernelScale }, [x], ops) => {
    const kernel = ops.divide(unscaledKernel!, kernelScale!);
    return ops.cos(ops.add(ops.matmul(ops.cast(x!, 'float32'), kernel), bias!));
  },
});
