/**
 * ConvLSTM1D, 2D and 3D: an LSTM whose products are convolutions. The input's convolution has strides, padding,
 * dilation and the bias, and is done for all steps at once; the recurrent one has stride 1 and keeps the size.
 */

import type { Dim, Shape } from '../../numbers/tensor.ts';
import { windowedSize } from '../../ops/convolution.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallableLayer, defineLayer, type LayerSpec } from '../define.ts';
import {
  type ActivationFunction,
  activation,
  bool,
  dataFormat,
  type Field,
  int,
  list,
  oneOf,
  stored,
} from '../fields.ts';
import { loopOverTime } from './loop.ts';
import { callRecurrent, type Runner, recurrentCallArguments, recurrentFields } from './recurrent-layer.ts';

interface ConvCellConfig {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly dilationRate: readonly number[];
  readonly activation: ActivationFunction;
  readonly recurrentActivation: ActivationFunction;
}

type Weights = { readonly [name: string]: SymbolicTensor };

/** One size or a list of them; how many axes there are is the kernel's length. */
function sizeList(fallback?: number): Field<readonly number[]> {
  return list(int(), fallback === undefined ? undefined : [fallback]);
}

const cellFields = {
  filters: int(),
  kernelSize: sizeList(),
  strides: sizeList(1),
  padding: oneOf(['valid', 'same'], 'valid'),
  dataFormat: dataFormat(),
  dilationRate: sizeList(1),
  activation: activation('tanh'),
  recurrentActivation: activation('sigmoid'),
  useBias: bool(true),
} as const;

const cell = defineLayer({
  name: 'ConvLSTMCell',
  aliases: ['ConvLSTM1DCell', 'ConvLSTM2DCell', 'ConvLSTM3DCell'],
  config: cellFields,
  callArguments: ['inputs', 'states'],
  weights: ({ filters, kernelSize, dataFormat, useBias }, [x]) => {
    const channels = dataFormat === 'channels_first' ? x![1]! : x!.at(-1)!;
    return {
      kernel: [...kernelSize, channels, 4 * filters],
      recurrentKernel: [...kernelSize, filters, 4 * filters],
      ...(useBias && { bias: [4 * filters] }),
    };
  },
  stateShapes: (config, inputShape) => {
    const shape = stateShape(config, inputShape);
    return [shape, shape];
  },
  call: (config, weights, [x, ...states], ops) => {
    const next = step(config, weights, convolveInput(config, weights, x!, ops), states, ops);
    return [next[0]!, ...next];
  },
});

/** Shape of a state, batch axis left out, for the input of one step. */
function stateShape(config: ConvCellConfig, inputShape: Shape): Shape {
  const first = config.dataFormat === 'channels_first';
  const spatial = first ? inputShape.slice(2) : inputShape.slice(1, -1);
  const sizes = spatial.map((size, axis): Dim => {
    const extent = (config.kernelSize[axis]! - 1) * (config.dilationRate[axis] ?? config.dilationRate[0]!) + 1;
    const stride = config.strides[axis] ?? config.strides[0]!;
    return windowedSize(size, extent, stride, config.padding === 'same' ? 'same' : [0, 0]);
  });
  return first ? [config.filters, ...sizes] : [...sizes, config.filters];
}

function spread(sizes: readonly number[]): number | readonly number[] {
  return sizes.length === 1 ? sizes[0]! : sizes;
}

function convolveInput(config: ConvCellConfig, { kernel, bias }: Weights, x: SymbolicTensor, ops: Ops): SymbolicTensor {
  const y = ops.conv(x, kernel!, {
    strides: spread(config.strides),
    padding: config.padding,
    dataFormat: config.dataFormat,
    dilationRate: spread(config.dilationRate),
  });
  if (!bias) return y;
  const shape = config.dataFormat === 'channels_first' ? [-1, ...config.kernelSize.map(() => 1)] : [-1];
  return ops.add(y, ops.reshape(bias, shape));
}

/** Gates i, f, c, o along the channels. */
function step(
  config: ConvCellConfig,
  { recurrentKernel }: Weights,
  projected: SymbolicTensor,
  [h, c]: readonly SymbolicTensor[],
  ops: Ops,
): readonly SymbolicTensor[] {
  const { activation, recurrentActivation, dataFormat } = config;
  const z = ops.add(projected, ops.conv(h!, recurrentKernel!, { padding: 'same', dataFormat }));
  const [i, f, candidate, o] = ops.split(z, 4, { axis: dataFormat === 'channels_first' ? 1 : -1 }) as SymbolicTensor[];
  const kept = ops.multiply(recurrentActivation(f!), c!);
  const carried = ops.add(kept, ops.multiply(recurrentActivation(i!), activation(candidate!)));
  return [ops.multiply(recurrentActivation(o!), activation(carried)), carried];
}

/** Convolves all steps as so many samples, then goes over time. */
function convRunner(cell: CallableLayer, x: SymbolicTensor, timeAxis: 0 | 1, ops: Ops): Runner {
  const config = cell.config as unknown as ConvCellConfig;
  const weights = cell.weights([[x.shape[1 - timeAxis]!, ...x.shape.slice(2)]]);
  const sizes = ops.shape(x);
  const samples = ops.reshape(x, [-1, ...sizes.slice(2)]);
  const convolved = convolveInput(config, weights, samples, ops);
  const projected = ops.reshape(convolved, [sizes[0]!, sizes[1]!, ...ops.shape(convolved).slice(1)]);
  const channelAxis = config.dataFormat === 'channels_first' ? 2 : projected.shape.length - 1;
  const stateSizes = ops
    .shape(projected)
    .map((size, axis) => (axis === channelAxis ? config.filters : size))
    .filter((_, axis) => axis !== timeAxis);
  return {
    stateSizes: () => [stateSizes, stateSizes],
    run: (states, _constants, options) =>
      loopOverTime(
        projected,
        states,
        (now, before) => {
          const next = step(config, weights, now, before, ops);
          return { output: next[0]!, states: next };
        },
        options,
        ops,
      ),
  };
}

function convLstm(rank: 1 | 2 | 3) {
  const kept = Object.fromEntries(Object.keys(cellFields).map(key => [key, stored()])) as {
    readonly [K in keyof typeof cellFields]: ReturnType<typeof stored>;
  };
  return defineLayer({
    name: `ConvLSTM${rank}D`,
    config: { ...recurrentFields, ...kept },
    callArguments: recurrentCallArguments,
    sublayers: config => ({ cell: cellSpec(config) }),
    call: (config, _weights, inputs, ops, context) =>
      callRecurrent(config, inputs, ops, context, x =>
        convRunner(context.sublayers.cell!, x, config.timeMajor ? 0 : 1, ops),
      ),
  });
}

/** The cell's own arguments, which the layer's config holds. */
function cellSpec(config: { readonly [K in keyof typeof cellFields]: unknown }): LayerSpec {
  const keys = {
    filters: config.filters,
    kernel_size: config.kernelSize,
    strides: config.strides,
    padding: config.padding,
    data_format: config.dataFormat,
    dilation_rate: config.dilationRate,
    activation: config.activation,
    recurrent_activation: config.recurrentActivation,
    use_bias: config.useBias,
  };
  const given = Object.entries(keys).filter(([, value]) => value !== undefined);
  return { className: 'ConvLSTMCell', config: Object.fromEntries(given) };
}

export default [cell, convLstm(1), convLstm(2), convLstm(3)];
