/** SeparableConv1D, SeparableConv2D: depthwise, then 1×1; bias and activation only at the end. */

import { addBias, channelsOf, convFields, convShape, windowPadding, withOneBatchAxis } from './convolution.ts';
import { defineLayer } from './define.ts';
import { int } from './fields.ts';

const separableConv = (rank: number) =>
  defineLayer({
    name: `SeparableConv${rank}D`,
    aliases: [`SeparableConvolution${rank}D`],
    config: { filters: int(), depthMultiplier: int(1), ...convFields(rank) },
    weights: ({ filters, depthMultiplier, kernelSize, dataFormat, useBias }, [x]) => {
      const channels = channelsOf(x!, dataFormat);
      return {
        depthwiseKernel: [...kernelSize, channels, depthMultiplier],
        pointwiseKernel: [...kernelSize.map(() => 1), channels === null ? null : channels * depthMultiplier, filters],
        ...(useBias && { bias: [filters] }),
      };
    },
    outputShape: (config, [x]) => convShape(config, x!, config.filters),
    call: (config, { depthwiseKernel, pointwiseKernel, bias }, [x], ops) => {
      const { strides, dilationRate, dataFormat } = config;
      return withOneBatchAxis(x!, rank, ops, image => {
        const options = { strides, dilationRate, dataFormat, padding: windowPadding(config) };
        const slid = ops.separableConv(image, depthwiseKernel!, pointwiseKernel!, options);
        return config.activation(addBias(slid, bias, dataFormat, ops));
      });
    },
  });

export default [separableConv(1), separableConv(2)];
