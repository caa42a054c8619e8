/** Functions composed of the elementwise primitives. */

import {
  add,
  divide,
  equal,
  floorDivide,
  greater,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  mod,
  multiply,
  power,
  subtract,
  where,
} from './binary.ts';
import { whileLoop } from './control.ts';
import { castTensor, toCommon, toTensor } from './convert.ts';
import {
  abs,
  arctan,
  erf,
  exp,
  isfinite,
  isinf,
  isnan,
  log,
  log1p,
  logicalNot,
  negative,
  reciprocal,
  sign,
  sin,
  sqrt,
} from './elementwise.ts';
import { toFloating } from './promote.ts';
import { any } from './reduce.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

function real(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return castTensor(given, toFloating(given.dtype));
}

function reals(op: string, ...xs: readonly TensorLike[]): SymbolicTensor[] {
  return toCommon(op, ...toCommon(op, ...xs).map(real));
}

/** x², in the dtype of x. */
export function square(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  const numbers = given.dtype === 'bool' ? castTensor(given, 'int32') : given;
  return multiply(numbers, numbers);
}

export const rsqrt = (x: TensorLike): SymbolicTensor => reciprocal(sqrt(x));
export const exp2 = (x: TensorLike): SymbolicTensor => exp(multiply(real(x), Math.LN2));
export const log2 = (x: TensorLike): SymbolicTensor => multiply(log(x), 1 / Math.LN2);
export const log10 = (x: TensorLike): SymbolicTensor => multiply(log(x), 1 / Math.LN10);
export const fabs = (x: TensorLike): SymbolicTensor => abs(real(x));

/** Real cube root, of negative numbers too. */
export function cbrt(x: TensorLike): SymbolicTensor {
  const given = real(x);
  return multiply(sign(given), power(abs(given), 1 / 3));
}

/** Angle of the point (x2, x1) from the positive x2 axis, in (-π, π]. */
export function arctan2(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [y, x] = reals('arctan2', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const steep = greater(abs(y), abs(x));
  // The smaller over the larger keeps the quotient finite and exact near the axes.
  const quotient = where(steep, divide(x, where(equal(y, 0), 1, y)), divide(y, where(equal(x, 0), 1, x)));
  const base = arctan(quotient);
  const vertical = subtract(where(less(y, 0), -Math.PI / 2, Math.PI / 2), base);
  const turned = where(less(x, 0), where(less(y, 0), subtract(base, Math.PI), add(base, Math.PI)), base);
  return where(steep, vertical, turned);
}

/** √(x1² + x2²). */
export function hypot(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = reals('hypot', x1, x2).map(abs) as [SymbolicTensor, SymbolicTensor];
  const [large, small] = [maximum(a, b), minimum(a, b)];
  const share = divide(small, where(equal(large, 0), 1, large));
  return multiply(large, sqrt(add(1, multiply(share, share))));
}

/** log(exp(x1) + exp(x2)). */
export function logaddexp(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = reals('logaddexp', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const gap = subtract(a, b);
  return where(isnan(gap), add(a, b), add(maximum(a, b), log1p(exp(negative(abs(gap))))));
}

export function logaddexp2(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  return multiply(logaddexp(multiply(real(x1), Math.LN2), multiply(real(x2), Math.LN2)), 1 / Math.LN2);
}

/** Quotient, and 0 where the divisor is 0. */
export function divideNoNan(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = reals('divideNoNan', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const none = equal(b, 0);
  return where(none, 0, divide(a, where(none, 1, b)));
}

/** 0 below zero, 1 above, `x2` at zero. */
export function heaviside(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [x, middle] = reals('heaviside', x1, x2) as [SymbolicTensor, SymbolicTensor];
  return where(less(x, 0), 0, where(equal(x, 0), middle, 1));
}

/** sin(πx) / (πx), 1 at 0. */
export function sinc(x: TensorLike): SymbolicTensor {
  const angle = multiply(real(x), Math.PI);
  const zero = equal(angle, 0);
  return where(zero, 1, divide(sin(angle), where(zero, 1, angle)));
}

/** Maximum (minimum) that passes over NaN. */
export function fmax(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = toCommon('fmax', x1, x2) as [SymbolicTensor, SymbolicTensor];
  return where(isnan(a), b, where(isnan(b), a, maximum(a, b)));
}

export function fmin(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = toCommon('fmin', x1, x2) as [SymbolicTensor, SymbolicTensor];
  return where(isnan(a), b, where(isnan(b), a, minimum(a, b)));
}

export const isposinf = (x: TensorLike): SymbolicTensor => logicalAnd(isinf(x), greater(x, 0));
export const isneginf = (x: TensorLike): SymbolicTensor => logicalAnd(isinf(x), less(x, 0));
export const signbit = (x: TensorLike): SymbolicTensor => logicalOr(less(x, 0), isNegativeZero(x));

function isNegativeZero(x: TensorLike): SymbolicTensor {
  return less(where(equal(x, 0), divide(1, real(x)), 1), 0);
}

interface Closeness {
  readonly rtol?: number;
  readonly atol?: number;
  readonly equalNan?: boolean;
}

/** |x1 - x2| ≤ atol + rtol·|x2|, element by element. */
export function isclose(
  x1: TensorLike,
  x2: TensorLike,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: Closeness = {},
): SymbolicTensor {
  const [a, b] = reals('isclose', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const near = lessEqual(abs(subtract(a, b)), add(atol, multiply(rtol, abs(b))));
  const close = where(logicalAnd(isfinite(a), isfinite(b)), near, equal(a, b));
  return equalNan ? logicalOr(close, logicalAnd(isnan(a), isnan(b))) : close;
}

export function allclose(x1: TensorLike, x2: TensorLike, options: Closeness = {}): SymbolicTensor {
  return logicalNot(any(logicalNot(isclose(x1, x2, options))));
}

/** NaN and the infinities replaced by numbers; infinities by default by the largest numbers of the dtype. */
export function nanToNum(
  x: TensorLike,
  { nan = 0, posinf = null, neginf = null }: { nan?: number; posinf?: number | null; neginf?: number | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const largest = largestOf[given.dtype];
  if (largest === undefined) return given;
  const numbers = where(isnan(given), nan, given);
  const low = where(isneginf(given), neginf ?? -largest, numbers);
  return where(isposinf(given), posinf ?? largest, low);
}

const largestOf: { readonly [dtype: string]: number } = {
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

/** Inverse of the error function: Giles's polynomials (2012), good to float32. */
export function erfinv(x: TensorLike): SymbolicTensor {
  const given = real(x);
  const w = negative(log(multiply(subtract(1, given), add(1, given))));
  const near = polynomial(
    subtract(w, 2.5),
    [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
      0.246640727, 1.50140941,
    ],
  );
  const far = polynomial(
    subtract(sqrt(w), 3),
    [
      -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
      1.00167406, 2.83297682,
    ],
  );
  const inside = multiply(where(less(w, 5), near, far), given);
  return where(equal(abs(given), 1), multiply(given, Number.POSITIVE_INFINITY), inside);
}

/** Horner's rule, highest power first. */
export function polynomial(x: SymbolicTensor, coefficients: readonly number[]): SymbolicTensor {
  return coefficients
    .slice(1)
    .reduce<SymbolicTensor>(
      (total, coefficient) => add(multiply(total, x), coefficient),
      toTensor(coefficients[0]!, x.dtype),
    );
}

/** Modified Bessel function of the first kind, order 0 (Abramowitz and Stegun 9.8.1 and 9.8.2). */
export function i0(x: TensorLike): SymbolicTensor {
  const given = abs(real(x));
  const t = divide(given, 3.75);
  const low = polynomial(multiply(t, t), [0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1]);
  const large = maximum(given, 3.75);
  const tail = polynomial(
    divide(3.75, large),
    [0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281, -0.00157565, 0.00225319, 0.01328592, 0.39894228],
  );
  return where(lessEqual(given, 3.75), low, multiply(divide(exp(large), sqrt(large)), tail));
}

/** Greatest common divisor, by Euclid's rule on all elements at once. */
export function gcd(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = toCommon('gcd', x1, x2).map(abs) as [SymbolicTensor, SymbolicTensor];
  const sized = [add(a, multiply(b, 0)), add(b, multiply(a, 0))];
  const step = (large: SymbolicTensor, small: SymbolicTensor) => {
    const done = equal(small, 0);
    return [where(done, large, small), where(done, small, mod(large, where(done, 1, small)))];
  };
  return whileLoop((_, small) => any(greater(small!, 0)), step as never, sized)[0]!;
}

/** Least common multiple. */
export function lcm(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [a, b] = toCommon('lcm', x1, x2).map(abs) as [SymbolicTensor, SymbolicTensor];
  const divisor = gcd(a, b);
  return multiply(floorDivide(a, where(equal(divisor, 0), 1, divisor)), b);
}

/** 1 - erf(x). */
export const erfc = (x: TensorLike): SymbolicTensor => subtract(1, erf(x));
