/** SimpleRNN, LSTM and GRU: layers that hold one standard cell. Their config is the layer's own and the cell's in one. */

import { defineLayer, type LayerSpec } from '../define.ts';
import { bool, int, json } from '../fields.ts';
import { callRecurrent, recurrentCallArguments, recurrentFields } from './recurrent-layer.ts';

const common = {
  ...recurrentFields,
  units: int(),
  // Kept as stored: the cell reads it.
  activation: json('tanh'),
  useBias: bool(true),
} as const;

function cell(
  className: string,
  { units, activation, useBias }: { units: number; activation: unknown; useBias: boolean },
  more: LayerSpec['config'] = {},
): { cell: LayerSpec } {
  return { cell: { className, config: { units, activation, use_bias: useBias, ...more } } };
}

const simpleRnn = defineLayer({
  name: 'SimpleRNN',
  config: common,
  callArguments: recurrentCallArguments,
  sublayers: config => cell('SimpleRNNCell', config),
  call: (config, _weights, inputs, ops, context) => callRecurrent(config, inputs, ops, context),
});

const lstm = defineLayer({
  name: 'LSTM',
  config: { ...common, recurrentActivation: json('sigmoid') },
  callArguments: recurrentCallArguments,
  sublayers: config => cell('LSTMCell', config, { recurrent_activation: config.recurrentActivation }),
  call: (config, _weights, inputs, ops, context) => callRecurrent(config, inputs, ops, context),
});

const gru = defineLayer({
  name: 'GRU',
  config: { ...common, recurrentActivation: json('sigmoid'), resetAfter: bool(true) },
  callArguments: recurrentCallArguments,
  sublayers: config =>
    cell('GRUCell', config, { recurrent_activation: config.recurrentActivation, reset_after: config.resetAfter }),
  call: (config, _weights, inputs, ops, context) => callRecurrent(config, inputs, ops, context),
});

export default [simpleRnn, lstm, gru];
