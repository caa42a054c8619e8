/** Conv1D, Conv2D, Conv3D: kernel (…, channels / groups, filters); causal and dilated, either data format. */

import { addBias, channelsOf, convFields, convShape, windowPadding, withOneBatchAxis } from './convolution.ts';
import { defineLayer } from './define.ts';
import { int } from './fields.ts';
import { loraFields, loraWeights, withLora } from './quantized/lora.ts';

const conv = (rank: number) =>
  defineLayer({
    name: `Conv${rank}D`,
    aliases: [`Convolution${rank}D`, `AtrousConvolution${rank}D`, `AtrousConv${rank}D`],
    config: { filters: int(), groups: int(1), ...convFields(rank), ...loraFields },
    weights: (config, [x]) => {
      const { filters, groups, kernelSize, dataFormat, useBias, loraRank } = config;
      const shape = [...kernelSize, divided(channelsOf(x!, dataFormat), groups), filters];
      return {
        kernel: { shape, trainable: loraRank === null },
        ...(useBias && { bias: [filters] }),
        ...loraWeights(config, shape),
      };
    },
    outputShape: (config, [x]) => convShape(config, x!, config.filters),
    call: (config, { kernel: stored, bias, loraKernelA, loraKernelB }, [x], ops) => {
      const { strides, dilationRate, dataFormat } = config;
      const kernel = withLora(stored!, loraKernelA, loraKernelB, config, ops);
      return withOneBatchAxis(x!, rank, ops, image => {
        const slid = ops.conv(image, kernel, { strides, dilationRate, dataFormat, padding: windowPadding(config) });
        return config.activation(addBias(slid, bias, dataFormat, ops));
      });
    },
  });

/** Null where the number of channels is not known. */
function divided(channels: number | null, groups: number): number | null {
  return channels === null ? null : channels / groups;
}

export default [conv(1), conv(2), conv(3)];
