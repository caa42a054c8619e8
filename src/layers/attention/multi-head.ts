/** MultiHeadAttention: projections, attention of all heads, an optional gate, and the output projection. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallableLayer, type CallContext, defineLayer, type LayerSpec } from '../define.ts';
import { axes, bool, float, int, list, nullable, oneOf, stored } from '../fields.ts';
import { policyOfSublayer } from '../quantized/mode.ts';
import { attendByHeads } from './heads.ts';
import { causalMask, mergeMasks, tensorArgument, windowMask } from './scores.ts';

export const attentionCallArguments = [
  'query',
  'value',
  'key',
  'query_mask',
  'value_mask',
  'key_mask',
  'attention_mask',
  'return_attention_scores',
  'training',
  'use_causal_mask',
] as const;

/** Configuration keys that decide how masked rows come out and which masks count. */
export const attentionFields = {
  dropout: float(0),
  useBias: bool(true),
  useGate: bool(false),
  slidingWindow: nullable(int()),
  /** Where it is a map of policies, the projections have each their own. */
  dtype: stored(),
  /** Ours (see era-keys.ts): `add` leaves rows without any key alike, `zero` empties them where scores are computed. */
  maskRule: oneOf(['add', 'zero'], 'zero'),
} as const;

/** A projection from features to (heads, size), or back. Inputs have three or four axes. */
export function projection(
  name: string,
  equation: string,
  outputShape: readonly (number | null)[],
  biasAxes: string,
  useBias: boolean,
  policies: unknown,
  activation = 'linear',
): LayerSpec {
  const dtype = policyOfSublayer(policies, name);
  const bias = useBias ? biasAxes : null;
  const given = { name, equation, output_shape: outputShape, bias_axes: bias, activation };
  return { className: 'EinsumDense', config: dtype === undefined ? given : { ...given, dtype } };
}

/** The masks of one call, ANDed: from query, value and key, causal, window, and the one given. */
export function callMask(
  query: SymbolicTensor,
  value: SymbolicTensor,
  { arguments: given, masks }: CallContext,
  { automatic, slidingWindow }: { automatic: boolean; slidingWindow: number | null },
  ops: Ops,
): SymbolicTensor | null {
  const along = (mask: SymbolicTensor | null, axis: number) => (mask && automatic ? ops.expandDims(mask, axis) : null);
  const causal = given.use_causal_mask === true ? causalMask(query, value, ops) : null;
  const window = slidingWindow === null ? null : windowMask(query, value, slidingWindow, ops);
  return mergeMasks(
    [
      tensorArgument(given.attention_mask),
      along(masks[0] ?? tensorArgument(given.query_mask), -1),
      along(tensorArgument(given.value_mask), -2),
      along(tensorArgument(given.key_mask), -2),
      causal && ops.expandDims(causal, 0),
      window && ops.expandDims(window, 0),
    ],
    ops,
  );
}

/** Axes between the first and the last merged to one, for projections that take three axes. */
function project(layer: CallableLayer, x: SymbolicTensor, keep: number, ops: Ops): SymbolicTensor {
  const middle = x.shape.length - 1 - keep;
  if (middle === 1) return layer.call([x]).outputs[0]!;
  const sizes = ops.shape(x);
  const merged = ops.reshape(x, [sizes[0]!, -1, ...sizes.slice(1 + middle)]);
  const y = layer.call([merged]).outputs[0]!;
  return ops.reshape(y, [...sizes.slice(0, 1 + middle), ...ops.shape(y).slice(2)]);
}

const attentionLetters = 'efghijk';

export default defineLayer({
  name: 'MultiHeadAttention',
  config: {
    ...attentionFields,
    numHeads: int(),
    keyDim: int(),
    valueDim: nullable(int()),
    outputShape: nullable(list(int())),
    attentionAxes: nullable(axes()),
    /** Ours (see era-keys.ts): false where masks of the inputs do not count by themselves. */
    automaticMasks: bool(true),
  },
  callArguments: attentionCallArguments,
  sublayers: config => {
    const { numHeads, keyDim, useBias } = config;
    const valueDim = config.valueDim ?? keyDim;
    const into = (name: string, size: number, activation?: string) =>
      projection(name, 'abc,cde->abde', [null, numHeads, size], 'de', useBias, config.dtype, activation);
    const letters = attentionLetters.slice(0, config.outputShape?.length ?? 1);
    return {
      query_dense: into('query', keyDim),
      key_dense: into('key', keyDim),
      ...(config.useGate && { gate_dense: into('gate', valueDim, 'sigmoid') }),
      value_dense: into('value', valueDim),
      output_dense: projection(
        'attention_output',
        `abcd,cd${letters}->ab${letters}`,
        [null, ...(config.outputShape ?? [null])],
        letters,
        useBias,
        config.dtype,
      ),
    };
  },
  call(config, _weights, [query], ops, context) {
    const { query_dense, key_dense, value_dense, gate_dense, output_dense } = context.sublayers;
    const value = tensorArgument(context.arguments.value) ?? query!;
    const key = tensorArgument(context.arguments.key) ?? value;
    const rank = query!.shape.length;
    const axes = config.attentionAxes ?? Array.from({ length: rank - 2 }, (_, at) => at + 1);
    const withScores = context.arguments.return_attention_scores === true;
    const mask = callMask(query!, value, context, { ...config, automatic: config.automaticMasks }, ops);
    const { output, scores } = attendByHeads(
      project(query_dense!, query!, 1, ops),
      project(key_dense!, key, 1, ops),
      project(value_dense!, value, 1, ops),
      {
        axes: axes.map(axis => (axis < 0 ? axis + rank : axis)),
        scale: 1 / Math.sqrt(config.keyDim),
        mask,
        // The fused kernel (without dropout or scores, on three axes) gives the mean of the values instead.
        zeroHidden: config.maskRule === 'zero' && (config.dropout > 0 || withScores || rank !== 3),
      },
      ops,
    );
    const features = config.outputShape ?? [query!.shape.at(-1)!];
    output_dense!.weights([
      [null, null, config.numHeads, config.valueDim ?? config.keyDim],
      [null, null, ...features],
    ]);
    const gated = gate_dense ? ops.multiply(output, project(gate_dense, query!, 1, ops)) : output;
    const result = project(output_dense!, gated, 2, ops);
    const outputMask = config.automaticMasks ? (context.masks[0] ?? null) : null;
    return withScores
      ? { outputs: [result, scores], masks: [outputMask, null] }
      : { outputs: [result], masks: [outputMask] };
  },
});
