/**
 * LocallyConnected1D, LocallyConnected2D: a convolution with its own kernel at every position. Keras keeps the kernels
 * in one of three ways: (positions, patch, filters); one dense matrix from all inputs to all outputs, of which only
 * the connected entries count; or only these entries in a row.
 */

import { elementCount, isStatic, type Shape } from '../numbers/tensor.ts';
import { constantTensor } from '../ops/convert.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { connections, type Geometry, receptiveField } from './connections.ts';
import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { activation, bool, dataFormat, int, oneOf, sizes } from './fields.ts';

interface LocalConfig {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly implementation: number;
}

function geometryOf(config: LocalConfig, shape: Shape): Geometry | null {
  const rank = config.kernelSize.length;
  const first = config.dataFormat === 'channels_first' ? 2 : 1;
  const spatial: Shape = shape.slice(first, first + rank);
  const channels = channelsOf(shape, config.dataFormat);
  if (!isStatic(spatial) || channels === null) return null;
  const output = spatial.map((size, axis) => positions(config, size, axis));
  return { ...config, input: spatial, output, channels };
}

function positions({ kernelSize, strides, padding }: LocalConfig, size: number, axis: number): number {
  const from = padding === 'same' ? size : size - kernelSize[axis]! + 1;
  return Math.ceil(from / strides[axis]!);
}

/** Spatial sizes and channels in the order of the data format. */
function joined(spatial: readonly number[], channels: number, { dataFormat }: LocalConfig): number[] {
  return dataFormat === 'channels_first' ? [channels, ...spatial] : [...spatial, channels];
}

function kernelShape(config: LocalConfig, geometry: Geometry): number[] {
  const patch = elementCount(config.kernelSize) * geometry.channels;
  if (config.implementation === 1) return [elementCount(geometry.output), patch, config.filters];
  if (config.implementation === 2) {
    return [...joined(geometry.input, geometry.channels, config), ...joined(geometry.output, config.filters, config)];
  }
  return [connections(geometry).length];
}

/** Patches under the kernel at every position, (batch, positions, patch); channels first come first in a patch too. */
function patches(x: SymbolicTensor, config: LocalConfig, geometry: Geometry, ops: Ops): SymbolicTensor {
  const channelsFirst = config.dataFormat === 'channels_first';
  const last = channelsFirst ? ops.moveaxis(x, 1, -1) : x;
  const rank = config.kernelSize.length;
  const offsets = receptiveField(config.kernelSize);
  const cells = offsets.map(offset =>
    ops.stridedSlice(last, {
      axes: offset.map((_, axis) => axis + 1),
      starts: [...offset],
      stops: offset.map((from, axis) => from + (geometry.output[axis]! - 1) * config.strides[axis]! + 1),
      steps: [...config.strides],
    }),
  );
  const stacked = ops.stack(cells, { axis: channelsFirst ? -1 : rank + 1 });
  return ops.reshape(stacked, [-1, elementCount(geometry.output), offsets.length * geometry.channels]);
}

/** The kernel as one matrix from all inputs to all outputs. */
function denseKernel(kernel: SymbolicTensor, config: LocalConfig, geometry: Geometry, ops: Ops): SymbolicTensor {
  const inputs = elementCount(geometry.input) * geometry.channels;
  const outputs = elementCount(geometry.output) * config.filters;
  const links = connections(geometry);
  if (config.implementation === 2) {
    const data = new Float32Array(inputs * outputs);
    for (const [output, input] of links) data[input * outputs + output] = 1;
    const connected = constantTensor({ dtype: 'float32', shape: [inputs, outputs], data });
    return ops.multiply(ops.reshape(kernel, [inputs, outputs]), ops.cast(connected, kernel.dtype));
  }
  const at = new Int32Array(links.flatMap(([output, input]) => [input, output]));
  const indices = constantTensor({ dtype: 'int32', shape: [links.length, 2], data: at });
  return ops.scatter(indices, kernel, [inputs, outputs]);
}

function unfold(y: SymbolicTensor, config: LocalConfig, geometry: Geometry, ops: Ops): SymbolicTensor {
  const channelsFirst = config.dataFormat === 'channels_first';
  if (config.implementation !== 1) return ops.reshape(y, [-1, ...joined(geometry.output, config.filters, config)]);
  const last = ops.reshape(y, [-1, ...geometry.output, config.filters]);
  return channelsFirst ? ops.moveaxis(last, -1, 1) : last;
}

const locallyConnected = (rank: number) =>
  defineLayer({
    name: `LocallyConnected${rank}D`,
    config: {
      filters: int(),
      kernelSize: sizes(rank),
      strides: sizes(rank, 1),
      padding: oneOf(['valid', 'same'], 'valid'),
      dataFormat: dataFormat(),
      implementation: int(1),
      activation: activation(),
      useBias: bool(true),
    },
    weights: (config, [x]) => {
      const geometry = geometryOf(config, x!);
      const kernel = geometry ? kernelShape(config, geometry) : [null];
      const bias = [...(geometry ? geometry.output : config.kernelSize.map(() => null)), config.filters];
      return { kernel, ...(config.useBias && { bias }) };
    },
    outputShape: (config, [x]) =>
      withSpatial(
        x!,
        rank,
        config.dataFormat,
        (size, axis) => (size === null ? null : positions(config, size, axis)),
        config.filters,
      ),
    call: (config, { kernel, bias }, [x], ops) => {
      const geometry = geometryOf(config, x!.shape);
      if (!geometry) throw new Error('a locally connected layer needs an input of known size');
      const y =
        config.implementation === 1
          ? ops.einsum('bpk,pkf->bpf', patches(x!, config, geometry, ops), kernel!)
          : ops.matmul(
              ops.reshape(x!, [-1, elementCount(geometry.input) * geometry.channels]),
              denseKernel(kernel!, config, geometry, ops),
            );
      const shaped = unfold(y, config, geometry, ops);
      if (!bias) return config.activation(shaped);
      const spread = config.dataFormat === 'channels_first' ? ops.moveaxis(bias, -1, 0) : bias;
      return config.activation(ops.add(shaped, spread));
    },
  });

export default [locallyConnected(1), locallyConnected(2)];
