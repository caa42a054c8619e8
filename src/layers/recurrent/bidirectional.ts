/**
 * Bidirectional: a recurrent layer forwards, and one like it backwards whose sequence is turned round before both are
 * merged. Zeros at masked steps are the inner layers' own `zero_output_for_mask`, as today's Keras writes it.
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallArgument, type CallableLayer, defineLayer, type LayerSpec } from '../define.ts';
import { type Field, int, layer, nullable, oneOf } from '../fields.ts';
import { maskFor, recurrentCallArguments, tensorsIn } from './recurrent-layer.ts';

type MergeMode = 'concat' | 'sum' | 'mul' | 'ave';

const mergers: Readonly<Record<MergeMode, (y: SymbolicTensor, back: SymbolicTensor, ops: Ops) => SymbolicTensor>> = {
  concat: (y, back, ops) => ops.concatenate([y, back], { axis: -1 }),
  sum: (y, back, ops) => ops.add(y, back),
  mul: (y, back, ops) => ops.multiply(y, back),
  ave: (y, back, ops) => ops.divide(ops.add(y, back), 2),
};

/** Absent means concat; null means that both outputs are given. */
function mergeMode(): Field<MergeMode | null> {
  const named = oneOf(['concat', 'sum', 'mul', 'ave'], 'concat');
  return { read: (value, context) => (value === null ? null : named.read(value, context)) };
}

export default defineLayer({
  name: 'Bidirectional',
  config: {
    layer: layer(),
    backwardLayer: nullable(layer()),
    mergeMode: mergeMode(),
    numConstants: nullable(int()),
    maskRule: oneOf(['alone', 'always'], 'alone'),
  },
  callArguments: recurrentCallArguments,
  sublayers: ({ layer, backwardLayer }) => ({
    forward_layer: renamed(layer, 'forward_', {}),
    backward_layer: backwardLayer ?? renamed(layer, 'backward_', { go_backwards: layer.config.go_backwards !== true }),
  }),
  call({ layer, mergeMode, numConstants, maskRule }, _weights, inputs, ops, context) {
    const { forward_layer: forward, backward_layer: backward } = context.sublayers as Record<string, CallableLayer>;
    const [x, ...rest] = inputs;
    const constants = rest.slice(rest.length - (numConstants ?? 0));
    const listed = rest.slice(0, rest.length - constants.length);
    const states = [...listed, ...tensorsIn(context.arguments.initial_state)];
    const half = states.length / 2;
    const counted = maskFor(maskRule, states.length + constants.length > 0, context);
    // Given as an argument it counts whatever else the inner layers are called with.
    const run = (one: CallableLayer, initial: readonly SymbolicTensor[]) =>
      one.call([x!], {
        arguments: { ...callArguments(initial, constants, context), ...(counted && { mask: counted }) },
      });
    const there = run(forward!, states.slice(0, half));
    const back = run(backward!, states.slice(half));
    const sequences = layer.config.return_sequences === true;
    const timeAxis = layer.config.time_major === true ? 0 : 1;
    const [y, ...lastStates] = there.outputs as [SymbolicTensor, ...SymbolicTensor[]];
    const [reversed, ...lastBackStates] = back.outputs as [SymbolicTensor, ...SymbolicTensor[]];
    const yBack = sequences ? ops.flip(reversed, { axis: timeAxis }) : reversed;
    const merged = mergeMode === null ? [y, yBack] : [mergers[mergeMode](y, yBack, ops)];
    const outputs = [...merged, ...lastStates, ...lastBackStates];
    const mask = sequences ? (context.masks[0] ?? null) : null;
    return { outputs, masks: outputs.map((_, at) => (at < merged.length ? mask : null)) };
  },
});

function renamed({ className, config, ...identity }: LayerSpec, prefix: string, more: LayerSpec['config']): LayerSpec {
  // Keras sets it on what it wraps: zeros only in sequences (tf.keras 1.13 on, Keras 3).
  const zero = 'zero_output_for_mask' in config && {
    zero_output_for_mask: config.zero_output_for_mask === true && config.return_sequences === true,
  };
  const name = typeof config.name === 'string' ? { name: `${prefix}${config.name.replace(prefix, '')}` } : {};
  return { className, ...identity, config: { ...config, ...name, ...zero, ...more } };
}

function callArguments(
  initial: readonly SymbolicTensor[],
  constants: readonly SymbolicTensor[],
  { arguments: given }: { readonly arguments: { readonly [name: string]: CallArgument } },
): { readonly [name: string]: CallArgument } {
  const passed = constants.length > 0 ? constants : given.constants;
  return {
    ...(initial.length > 0 && { initial_state: initial }),
    ...(passed !== undefined && { constants: passed }),
  };
}
