/**
 * Conv1DTranspose, Conv2DTranspose, Conv3DTranspose. The kernel has output channels before input channels. Without
 * output padding the result has n·stride cells (`same`) or max(extent - stride, 0) more (`valid`).
 */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { addBias, channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { activation, bool, dataFormat, int, list, nullable, oneOf, sizes } from './fields.ts';

interface TransposedSize {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly outputPadding: readonly (number | null)[] | null;
}

/** Length of one axis (tf.keras 2.x: conv_utils.deconv_output_length). */
function transposedSize(config: TransposedSize, size: Dim, axis: number): Dim {
  if (size === null) return null;
  const stride = config.strides[axis]!;
  const extent = (config.kernelSize[axis]! - 1) * config.dilationRate[axis]! + 1;
  const added = addedCells(config, axis);
  if (added === null) return config.padding === 'same' ? size * stride : size * stride + Math.max(extent - stride, 0);
  const half = config.padding === 'same' ? Math.floor(extent / 2) : 0;
  return (size - 1) * stride + extent - 2 * half + added;
}

/** A lone number stands for all axes. */
function addedCells({ outputPadding, kernelSize }: TransposedSize, axis: number): number | null {
  if (outputPadding === null) return null;
  return (outputPadding.length === kernelSize.length ? outputPadding[axis] : outputPadding[0]) ?? null;
}

const convTranspose = (rank: number) =>
  defineLayer({
    name: `Conv${rank}DTranspose`,
    aliases: [`Convolution${rank}DTranspose`, `Deconvolution${rank}D`, `Deconv${rank}D`],
    config: {
      filters: int(),
      kernelSize: sizes(rank),
      strides: sizes(rank, 1),
      padding: oneOf(['valid', 'same'], 'valid'),
      outputPadding: nullable(list(nullable(int()))),
      dataFormat: dataFormat(),
      dilationRate: sizes(rank, 1),
      activation: activation(),
      useBias: bool(true),
    },
    weights: ({ filters, kernelSize, dataFormat, useBias }, [x]) => ({
      kernel: [...kernelSize, filters, channelsOf(x!, dataFormat)],
      ...(useBias && { bias: [filters] }),
    }),
    outputShape: (config, [x]): Shape =>
      withSpatial(x!, rank, config.dataFormat, (size, axis) => transposedSize(config, size, axis), config.filters),
    call: (config, { kernel, bias }, [x], ops) => {
      const { strides, padding, dilationRate, dataFormat } = config;
      const outputPadding = config.kernelSize.map((_, axis) => addedCells(config, axis));
      const spread = ops.convTranspose(x!, kernel!, { strides, padding, dilationRate, dataFormat, outputPadding });
      return config.activation(addBias(spread, bias, dataFormat, ops));
    },
  });

export default [convTranspose(1), convTranspose(2), convTranspose(3)];
