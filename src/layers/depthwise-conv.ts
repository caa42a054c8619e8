/** DepthwiseConv1D, DepthwiseConv2D: every channel by itself; output channel = channel · multiplier + m. */

import { addBias, channelsOf, convFields, convShape, windowPadding, withOneBatchAxis } from './convolution.ts';
import { defineLayer } from './define.ts';
import { int } from './fields.ts';

const depthwiseConv = (rank: number) =>
  defineLayer({
    name: `DepthwiseConv${rank}D`,
    config: { depthMultiplier: int(1), ...convFields(rank) },
    weights: ({ depthMultiplier, kernelSize, dataFormat, useBias }, [x]) => {
      const channels = channelsOf(x!, dataFormat);
      return {
        kernel: [...kernelSize, channels, depthMultiplier],
        ...(useBias && { bias: [channels === null ? null : channels * depthMultiplier] }),
      };
    },
    outputShape: (config, [x]) => {
      const channels = channelsOf(x!, config.dataFormat);
      return convShape(config, x!, channels === null ? null : channels * config.depthMultiplier);
    },
    call: (config, { kernel, bias }, [x], ops) => {
      const { strides, dilationRate, dataFormat } = config;
      return withOneBatchAxis(x!, rank, ops, image => {
        const options = { strides, dilationRate, dataFormat, padding: windowPadding(config) };
        return config.activation(addBias(ops.depthwiseConv(image, kernel!, options), bias, dataFormat, ops));
      });
    },
  });

export default [depthwiseConv(1), depthwiseConv(2)];
