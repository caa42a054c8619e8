/** Activation functions, under the names and with the defaults of keras.ops. */

import {
  add,
  clip,
  divide,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  maximum,
  minimum,
  multiply,
  power,
  subtract,
  where,
} from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { abs, exp, expm1, sqrt, tanh } from './elementwise.ts';
import { toFloating } from './promote.ts';
import type { Attributes } from './record.ts';
import { record, refuse } from './record.ts';
import { split } from './shape.ts';
import { normalizeAxis } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

function real(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return castTensor(given, toFloating(given.dtype));
}

function primitive(op: string, x: TensorLike, attributes: Attributes = {}): SymbolicTensor {
  const given = real(x);
  return record(op, [given], attributes, given);
}

/** max(x, 0), in the dtype of `x`. */
export function relu(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return record('relu', [given], {}, given);
}

/** min(max(x, 0), 6). */
export function relu6(x: TensorLike): SymbolicTensor {
  return clip(x, 0, 6);
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: TensorLike): SymbolicTensor {
  return primitive('sigmoid', x);
}

/** `alpha`·x + `beta` between 0 and 1. Keras 3 has the slope 1/6, all before it 0.2. */
export function hardSigmoid(
  x: TensorLike,
  { alpha = 1 / 6, beta = 0.5 }: { alpha?: number; beta?: number } = {},
): SymbolicTensor {
  return primitive('hardSigmoid', x, { alpha, beta });
}

/** log(1 + exp(x)). */
export function softplus(x: TensorLike): SymbolicTensor {
  return primitive('softplus', x);
}

/** x / (1 + |x|). */
export function softsign(x: TensorLike): SymbolicTensor {
  return primitive('softsign', x);
}

/** x where positive, else alpha·(exp(x) - 1). */
export function elu(x: TensorLike, { alpha = 1 }: { alpha?: number } = {}): SymbolicTensor {
  return primitive('elu', x, { alpha });
}

/** The scaled elu of self-normalizing networks. */
export function selu(x: TensorLike): SymbolicTensor {
  return primitive('selu', x);
}

/** x where positive, else negativeSlope·x. */
export function leakyRelu(x: TensorLike, { negativeSlope = 0.2 }: { negativeSlope?: number } = {}): SymbolicTensor {
  return primitive('leakyRelu', x, { alpha: negativeSlope });
}

/** x·Φ(x), by default in its tanh approximation. */
export function gelu(x: TensorLike, { approximate = true }: { approximate?: boolean } = {}): SymbolicTensor {
  return primitive('gelu', x, { approximate });
}

/** Exponentials along `axis`, divided by their sum. */
export function softmax(
  x: TensorLike,
  { axis = -1 }: { axis?: number | readonly number[] | null } = {},
): SymbolicTensor {
  return overAxes('softmax', x, axis);
}

/** Logarithm of the softmax. */
export function logSoftmax(
  x: TensorLike,
  { axis = -1 }: { axis?: number | readonly number[] | null } = {},
): SymbolicTensor {
  return overAxes('logSoftmax', x, axis);
}

function overAxes(op: string, x: TensorLike, axis: number | readonly number[] | null): SymbolicTensor {
  const given = real(x);
  const rank = given.shape.length;
  if (typeof axis === 'number') return record(op, [given], { axis: normalizeAxis(op, axis, rank) }, given);
  const axes = axis === null ? given.shape.map((_, at) => at) : axis.map(at => normalizeAxis(op, at, rank));
  return softmaxOverMany(op, given, axes);
}

/** Softmax over several axes at once. */
function softmaxOverMany(op: string, x: SymbolicTensor, axes: readonly number[]): SymbolicTensor {
  if (axes.length === 1) return record(op, [x], { axis: axes[0]! }, x);
  const reduced = { shape: x.shape.map((size, at) => (axes.includes(at) ? 1 : size)), dtype: x.dtype };
  const peak = record('max', [x], { axes, keepdims: true }, reduced);
  const shifted = subtract(x, peak);
  const total = record('sum', [exp(shifted)], { axes, keepdims: true }, reduced);
  return op === 'softmax' ? divide(exp(shifted), total) : subtract(shifted, record('log', [total], {}, total));
}

export const silu = (x: TensorLike): SymbolicTensor => multiply(real(x), sigmoid(x));
export const swish = silu;
export const logSigmoid = (x: TensorLike): SymbolicTensor => multiply(-1, softplus(multiply(-1, real(x))));
export const hardSilu = (x: TensorLike): SymbolicTensor => multiply(real(x), hardSigmoid(x));
export const hardSwish = hardSilu;
export const hardTanh = (x: TensorLike): SymbolicTensor => clip(x, -1, 1);
export const tanhShrink = (x: TensorLike): SymbolicTensor => subtract(x, tanh(x));
export const mish = (x: TensorLike): SymbolicTensor => multiply(x, tanh(softplus(x)));

/** max(x, 0) + min(0, alpha·(exp(x / alpha) - 1)). */
export function celu(x: TensorLike, { alpha = 1 }: { alpha?: number } = {}): SymbolicTensor {
  const given = real(x);
  const negative = minimum(given, 0);
  return add(maximum(given, 0), multiply(alpha, expm1(divide(negative, alpha))));
}

/** First half along `axis` times the sigmoid of the second. */
export function glu(x: TensorLike, { axis = -1 }: { axis?: number } = {}): SymbolicTensor {
  const [left, gate] = split(real(x), 2, { axis });
  if (!left || !gate) return refuse('glu', 'the axis does not divide into two');
  return multiply(left, sigmoid(gate));
}

/** x where |x| exceeds the threshold, else 0. */
export function hardShrink(x: TensorLike, { threshold = 0.5 }: { threshold?: number } = {}): SymbolicTensor {
  const given = real(x);
  return where(greater(abs(given), threshold), given, 0);
}

/** x moved towards 0 by the threshold, and 0 within it. */
export function softShrink(x: TensorLike, { threshold = 0.5 }: { threshold?: number } = {}): SymbolicTensor {
  const given = real(x);
  return subtract(given, clip(given, -threshold, threshold));
}

/** x where it exceeds the threshold, else `defaultValue` (keras.ops.threshold). */
export function threshold(x: TensorLike, limit: number, defaultValue: number): SymbolicTensor {
  const given = real(x);
  return where(greater(given, limit), given, defaultValue);
}

/** (x + √(x² + b)) / 2. */
export function squareplus(x: TensorLike, { b = 4 }: { b?: number } = {}): SymbolicTensor {
  const given = real(x);
  return divide(add(given, sqrt(add(multiply(given, given), b))), 2);
}

/** 0 up to -1, x from 1, a parabola between. */
export function sparsePlus(x: TensorLike): SymbolicTensor {
  const given = real(x);
  const middle = multiply(0.25, power(add(given, 1), 2));
  return where(lessEqual(given, -1), 0, where(less(given, 1), middle, given));
}

/** 0 up to -1, 1 from 1, a line between. */
export function sparseSigmoid(x: TensorLike): SymbolicTensor {
  return clip(multiply(0.5, add(real(x), 1)), 0, 1);
}

/** Elements between two bounds, the bounds included. */
export function within(x: SymbolicTensor, low: TensorLike, high: TensorLike): SymbolicTensor {
  return logicalAnd(greaterEqual(x, low), lessEqual(x, high));
}
