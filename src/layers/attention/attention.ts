/** Attention (Luong) and AdditiveAttention (Bahdanau) on [query, value] or [query, value, key]. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallContext, type CallOutcome, defineLayer } from '../define.ts';
import { bool, oneOf } from '../fields.ts';
import { causalMask, mergeMasks } from './scores.ts';

/** Names of `call`'s parameters: the same in both layers. */
const callArguments = ['inputs', 'mask', 'training', 'return_attention_scores', 'use_causal_mask'] as const;

const maskFields = {
  /** In the config until TF 2.9, an argument of the call since. */
  causal: bool(false),
  /** Ours (see era-keys.ts): how a value's mask (B, S) stands against scores (B, T, S). */
  valueMask: oneOf(['per_sample', 'as_is'], 'per_sample'),
} as const;

interface MaskConfig {
  readonly causal: boolean;
  readonly valueMask: 'per_sample' | 'as_is';
}

type Weights = { readonly [name: string]: SymbolicTensor };

const attention = defineLayer({
  name: 'Attention',
  config: { ...maskFields, useScale: bool(false), scoreMode: oneOf(['dot', 'concat'], 'dot') },
  callArguments,
  weights: ({ useScale, scoreMode }) => ({
    ...(useScale && { scale: [] }),
    ...(scoreMode === 'concat' && { concatScoreWeight: [] }),
  }),
  call(config, weights, inputs, ops, context) {
    const score = config.scoreMode === 'dot' ? dotScores : concatScores;
    return attend(config, score(inputs, weights, ops), inputs, ops, context);
  },
});

const additiveAttention = defineLayer({
  name: 'AdditiveAttention',
  config: { ...maskFields, useScale: bool(true) },
  callArguments,
  weights: ({ useScale }, [query]) => ({ ...(useScale && { scale: [query!.at(-1)!] }) }),
  call(config, { scale }, inputs, ops, context) {
    const sums = ops.tanh(pairSums(inputs, ops));
    const scores = ops.sum(scale ? ops.multiply(scale, sums) : sums, { axis: -1 });
    return attend(config, scores, inputs, ops, context);
  },
});

function keyOf([, value, key]: readonly SymbolicTensor[]): SymbolicTensor {
  return key ?? value!;
}

function dotScores(inputs: readonly SymbolicTensor[], { scale }: Weights, ops: Ops): SymbolicTensor {
  const scores = ops.matmul(inputs[0]!, ops.swapaxes(keyOf(inputs), -2, -1));
  return scale ? ops.multiply(scores, scale) : scores;
}

function concatScores(inputs: readonly SymbolicTensor[], weights: Weights, ops: Ops): SymbolicTensor {
  const sums = pairSums(inputs, ops);
  const scaled = weights.scale ? ops.multiply(weights.scale, sums) : sums;
  return ops.multiply(weights.concatScoreWeight!, ops.sum(ops.tanh(scaled), { axis: -1 }));
}

/** query + key for every pair: (B, T, S, dim). */
function pairSums(inputs: readonly SymbolicTensor[], ops: Ops): SymbolicTensor {
  return ops.add(ops.expandDims(inputs[0]!, -2), ops.expandDims(keyOf(inputs), -3));
}

/** Masks the scores, mixes the values by them, and zeroes rows of masked queries. */
function attend(
  config: MaskConfig,
  scores: SymbolicTensor,
  inputs: readonly SymbolicTensor[],
  ops: Ops,
  context: CallContext,
): CallOutcome {
  const [query, value] = inputs as readonly [SymbolicTensor, SymbolicTensor];
  const causal = config.causal || context.arguments.use_causal_mask === true;
  const [queryMask = null, valueMask = null] = context.masks;
  const perSample = config.valueMask === 'per_sample' || causal;
  const left = mergeMasks(
    [
      valueMask && (perSample ? ops.expandDims(valueMask, -2) : valueMask),
      causal ? causalMask(query, value, ops) : null,
    ],
    ops,
  );
  // Keras takes a large number off hidden scores instead of replacing them; both leave them no share.
  const large = scores.dtype === 'float16' ? 65504 : 1e9;
  const shares = ops.softmax(left ? ops.where(left, scores, ops.subtract(scores, large)) : scores);
  const mixed = ops.matmul(shares, value);
  const output = queryMask ? ops.where(ops.expandDims(ops.cast(queryMask, 'bool'), -1), mixed, 0) : mixed;
  const withScores = context.arguments.return_attention_scores === true;
  return { outputs: withScores ? [output, shares] : [output], masks: withScores ? [queryMask, null] : [queryMask] };
}

export default [attention, additiveAttention];
