/**
 * Normalization: (x - mean) / max(√variance, 1e-7) along the axes kept, or the way back. Mean and variance stand in the
 * config, or are variables that `adapt` found.
 */

import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor, TensorLike } from '../ops/types.ts';
import { defineLayer, type WeightSpec } from './define.ts';
import { axes, bool, json, nullable } from './fields.ts';
import { positiveAxes, sizesAlong } from './normalization-axes.ts';

/** Keras's backend epsilon; it limits the deviation, not the variance. */
const epsilon = 1e-7;

type Numbers = number | readonly Numbers[];

/** A statistic from the config, aligned with the kept axes from the right. */
function spreadGiven(given: Numbers, x: SymbolicTensor, kept: readonly number[], ops: Ops): TensorLike {
  if (typeof given === 'number') return given;
  const tensor = ops.convertToTensor(given as TensorLike, { dtype: x.dtype });
  const sizes = ops.shape(tensor) as readonly number[];
  const aligned = x.shape.map((_, axis) => {
    const fromRight = kept.length - kept.indexOf(axis);
    return kept.includes(axis) ? (sizes[sizes.length - fromRight] ?? 1) : 1;
  });
  return ops.reshape(tensor, aligned);
}

export default defineLayer({
  name: 'Normalization',
  config: { axis: nullable(axes(-1)), mean: json(), variance: json(), invert: bool(false) },
  mask: 'pass',
  weights: ({ axis, mean }, [x]): { readonly [name: string]: WeightSpec } => {
    if (mean !== null) return {};
    const shape = sizesAlong(x!, axis ?? []);
    return {
      mean: { shape, trainable: false },
      variance: { shape, trainable: false },
      count: { shape: [], trainable: false, dtype: 'int64', optional: true },
    };
  },
  outputShape: (_config, [x]) => x!,
  call: (config, weights, [input], ops, { computeDtype }) => {
    const x = ops.cast(input!, computeDtype);
    const kept = positiveAxes(config.axis ?? [], x.shape.length);
    const spread = (stored: SymbolicTensor | undefined, given: unknown) => {
      if (!stored) return spreadGiven(given as Numbers, x, kept, ops);
      return ops.reshape(
        stored,
        x.shape.map((size, axis) => (kept.includes(axis) ? (size ?? -1) : 1)),
      );
    };
    const mean = spread(weights.mean, config.mean);
    const deviation = ops.maximum(ops.sqrt(spread(weights.variance, config.variance)), epsilon);
    return config.invert ? ops.add(mean, ops.multiply(x, deviation)) : ops.divide(ops.subtract(x, mean), deviation);
  },
});
