/** RandomFourierFeatures (tf.keras, experimental): cos(x·kernel/scale + bias), with a kernel drawn once and stored. */

import { defineLayer } from './define.ts';
import { bool, int } from './fields.ts';

export default defineLayer({
  name: 'RandomFourierFeatures',
  config: { outputDim: int(), trainable: bool(false) },
  weights: ({ outputDim, trainable }, [x]) => ({
    unscaledKernel: { shape: [x!.at(-1)!, outputDim], trainable: false },
    bias: { shape: [outputDim], trainable: false },
    kernelScale: { shape: [1], trainable },
  }),
  outputShape: ({ outputDim }, [x]) => [...x!.slice(0, -1), outputDim],
  call: (_config, { unscaledKernel, bias, kernelScale }, [x], ops) =>
    ops.cos(ops.add(ops.matmul(x!, ops.divide(unscaledKernel!, kernelScale!)), bias!)),
});
