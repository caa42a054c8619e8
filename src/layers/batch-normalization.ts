/**
 * BatchNormalization: (x - mean) / √(variance + epsilon) · gamma + beta along `axis`, by the moving statistics.
 * Keras 1's `mode` 1 takes the statistics of each sample, `mode` 2 those of the whole batch, at test time too.
 * `renorm` keeps further variables that only training reads.
 */

import { isFloating } from '../numbers/dtype.ts';
import type { Dim, Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer, type WeightSpec } from './define.ts';
import { axes, bool, float, int } from './fields.ts';
import { positiveAxes, sizesAlong } from './normalization-axes.ts';

const narrow = ['float16', 'bfloat16'];

/** One axis: a vector. Several (TF 1.13 to 2.15): a tensor of the input's rank, 1 where the statistics are shared. */
function parameterShape(shape: Shape, along: readonly number[]): Dim[] {
  if (along.length === 1) return sizesAlong(shape, along);
  const kept = positiveAxes(along, shape.length);
  return shape.map((size, axis) => (kept.includes(axis) ? size : 1));
}

/** Statistics of `x` over `over`, put in the place of the moving ones. */
function normalizeBy(x: SymbolicTensor, over: readonly number[], epsilon: number, twice: boolean, ops: Ops) {
  const mean = ops.mean(x, { axis: over, keepdims: true });
  const variance = ops.var(x, { axis: over, keepdims: true });
  const deviation = ops.sqrt(ops.add(variance, epsilon));
  // Keras 1 divides by the deviation plus epsilon in mode 1, though epsilon is under the root already.
  return ops.divide(ops.subtract(x, mean), twice ? ops.add(deviation, epsilon) : deviation);
}

export default defineLayer({
  name: 'BatchNormalization',
  aliases: ['SyncBatchNormalization', 'BatchNormalizationV1', 'BatchNormalizationV2'],
  config: {
    axis: axes(-1),
    epsilon: float(1e-3),
    center: bool(true),
    scale: bool(true),
    renorm: bool(false),
    mode: int(0),
  },
  castInputs: false,
  mask: 'pass',
  weights: ({ axis, center, scale, renorm }, [x]) => {
    const shape = parameterShape(x!, axis);
    const trained: WeightSpec = { shape, autocast: false };
    const moving: WeightSpec = { shape, trainable: false, autocast: false };
    const unused: WeightSpec = { ...moving, optional: true };
    return {
      ...(scale && { gamma: trained }),
      ...(center && { beta: trained }),
      movingMean: moving,
      movingVariance: moving,
      ...(renorm && { movingStddev: unused, renormMean: unused, renormStddev: unused }),
    };
  },
  outputShape: (_config, [x]) => x!,
  call: ({ axis, epsilon, mode }, { gamma, beta, movingMean, movingVariance }, [input], ops, { computeDtype }) => {
    const x = !isFloating(input!.dtype) || narrow.includes(input!.dtype) ? ops.cast(input!, 'float32') : input!;
    const rank = x.shape.length;
    const along = positiveAxes(axis, rank);
    const back = (y: SymbolicTensor) => ops.cast(y, computeDtype);
    if (mode === 0 && along.length === 1) {
      const options = { offset: beta ?? null, scale: gamma ?? null, epsilon };
      return back(ops.batchNormalization(x, movingMean!, movingVariance!, along[0]!, options));
    }
    const spread = (vector: SymbolicTensor) =>
      along.length > 1
        ? vector
        : ops.reshape(
            vector,
            x.shape.map((_, at) => (at === along[0] ? -1 : 1)),
          );
    const others = x.shape.map((_, at) => at).filter(at => !along.includes(at));
    let y: SymbolicTensor;
    if (mode === 1) y = normalizeBy(x, [rank - 1], epsilon, true, ops);
    else if (mode === 2) y = normalizeBy(x, others, epsilon, false, ops);
    else y = ops.divide(ops.subtract(x, movingMean!), ops.sqrt(ops.add(movingVariance!, epsilon)));
    if (gamma) y = ops.multiply(y, spread(gamma));
    return back(beta ? ops.add(y, spread(beta)) : y);
  },
});
