/** Normalizations. */

import { add, divide, maximum, multiply, power, subtract } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { abs, reciprocal, sqrt } from './elementwise.ts';
import { toFloating } from './promote.ts';
import { record } from './record.ts';
import { max, mean, sum, var as variance } from './reduce.ts';
import { ones, reshape, zeros } from './shape.ts';
import { normalizeAxes, normalizeAxis } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** (x - mean) / √(variance + epsilon) · scale + offset, each a vector along `axis`. */
export function batchNormalization(
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  axis: number,
  {
    offset = null,
    scale = null,
    epsilon = 1e-3,
  }: { offset?: TensorLike | null; scale?: TensorLike | null; epsilon?: number } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const at = normalizeAxis('batchNormalization', axis, real.shape.length);
  const means = toTensor(mean, real.dtype);
  const size = means.shape[0]!;
  const inputs = [
    real,
    means,
    toTensor(variance, real.dtype),
    scale === null ? ones([size], { dtype: real.dtype }) : toTensor(scale, real.dtype),
    offset === null ? zeros([size], { dtype: real.dtype }) : toTensor(offset, real.dtype),
  ];
  return record('batchNormalization', inputs, { axis: at, epsilon }, real);
}

/** (x - mean) / √(variance + epsilon) · gamma + beta over `axis`; gamma and beta have the shape of these axes. */
export function layerNormalization(
  x: TensorLike,
  {
    gamma = null,
    beta = null,
    axis = -1,
    epsilon = 1e-7,
  }: {
    gamma?: TensorLike | null;
    beta?: TensorLike | null;
    axis?: number | readonly number[];
    epsilon?: number | null;
  } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const axes = normalizeAxes('layerNormalization', axis, real.shape.length);
  const sizes = axes.map(at => real.shape[at]!);
  const trailing = axes[0] === real.shape.length - axes.length && sizes.every(size => size !== null);
  const spread = (vector: TensorLike) => {
    const tensor = toTensor(vector, real.dtype);
    if (trailing) return reshape(tensor, sizes as number[]);
    return reshape(
      tensor,
      real.shape.map((size, at) => (axes.includes(at) ? (size ?? -1) : 1)),
    );
  };
  const small = epsilon ?? 1e-7;
  if (trailing) {
    const scale = gamma === null ? ones(sizes as number[], { dtype: real.dtype }) : spread(gamma);
    const inputs = [real, scale, ...(beta === null ? [] : [spread(beta)])];
    return record('layerNormalization', inputs, { axis: axes[0]!, epsilon: small }, real);
  }
  const centred = subtract(real, mean(real, { axis: axes, keepdims: true }));
  const scaled = divide(centred, sqrt(add(variance(real, { axis: axes, keepdims: true }), small)));
  const stretched = gamma === null ? scaled : multiply(scaled, spread(gamma));
  return beta === null ? stretched : add(stretched, spread(beta));
}

/** x / √(mean(x²) + epsilon) · scale over `axis`. */
export function rmsNormalization(
  x: TensorLike,
  {
    scale = null,
    axis = -1,
    epsilon = null,
  }: { scale?: TensorLike | null; axis?: number | readonly number[]; epsilon?: number | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const axes = normalizeAxes('rmsNormalization', axis, real.shape.length);
  const square = mean(multiply(real, real), { axis: axes, keepdims: true });
  const scaled = multiply(real, reciprocal(sqrt(add(square, epsilon ?? 1e-7))));
  if (scale === null) return scaled;
  const spread = real.shape.map((size, at) => (axes.includes(at) ? (size ?? -1) : 1));
  return multiply(scaled, reshape(toTensor(scale, real.dtype), spread));
}

/** x divided by its norm of the given order along `axis`, but never by less than `epsilon` (keras.ops.normalize). */
export function normalize(
  x: TensorLike,
  {
    axis = -1,
    order = 2,
    epsilon = 1e-12,
  }: { axis?: number | readonly number[]; order?: number | 'inf'; epsilon?: number | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const small = epsilon ?? 1e-7;
  if (order === 'inf' || order === Number.POSITIVE_INFINITY) {
    return divide(real, maximum(max(abs(real), { axis, keepdims: true }), small));
  }
  if (order === 2) {
    const square = sum(multiply(real, real), { axis, keepdims: true });
    return multiply(real, reciprocal(sqrt(maximum(square, small * small))));
  }
  const norm = power(sum(power(abs(real), order), { axis, keepdims: true }), 1 / order);
  return divide(real, maximum(norm, small));
}
