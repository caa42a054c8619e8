/** Reductions composed of the primitive ones: spread, reductions that pass over NaN, correlation. */

import { diagonal } from './arrange.ts';
import { divide, equal, multiply, subtract, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { isnan, logicalNot, sqrt } from './elementwise.ts';
import { matmul } from './linear.ts';
import { toFloating } from './promote.ts';
import { argmax, argmin, max, mean, min, prod, type ReduceOptions, sum } from './reduce.ts';
import { expandDims, reshape, transpose } from './shape.ts';
import { cumprod, cumsum, nanquantile, type quantile } from './sort.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

type Reduction = (x: TensorLike, options?: ReduceOptions) => SymbolicTensor;

const infinity = Number.POSITIVE_INFINITY;

/** Largest less smallest. */
export const ptp: Reduction = (x, options) => subtract(max(x, options), min(x, options));

/** `x` with NaN replaced; whole numbers have none. */
function without(x: TensorLike, value: number): SymbolicTensor {
  const given = toTensor(x);
  return given.dtype.includes('float') ? where(isnan(given), value, given) : given;
}

/** NaN where every element was NaN, else the result. */
function unlessAllNan(
  x: TensorLike,
  result: SymbolicTensor,
  { axis = null, keepdims = false }: ReduceOptions,
): SymbolicTensor {
  const given = toTensor(x);
  if (!given.dtype.includes('float')) return result;
  const count = sum(castTensor(logicalNot(isnan(given)), 'int32'), { axis, keepdims });
  return where(equal(count, 0), Number.NaN, result);
}

export const nansum: Reduction = (x, options) => sum(without(x, 0), options);
export const nanprod: Reduction = (x, options) => prod(without(x, 1), options);
export const nanmax: Reduction = (x, options = {}) => unlessAllNan(x, max(without(x, -infinity), options), options);
export const nanmin: Reduction = (x, options = {}) => unlessAllNan(x, min(without(x, infinity), options), options);

export const nanmean: Reduction = (x, options = {}) => {
  const given = toTensor(x);
  const present = castTensor(logicalNot(isnan(given)), toFloating(given.dtype));
  return divide(nansum(given, options), sum(present, options));
};

export const nanvar: Reduction = (x, { axis = null, keepdims = false } = {}) => {
  const distance = subtract(x, nanmean(x, { axis, keepdims: true }));
  return nanmean(multiply(distance, distance), { axis, keepdims });
};

export const nanstd: Reduction = (x, options) => sqrt(nanvar(x, options));

type Position = typeof argmax;

export const nanargmax: Position = (x, options) => argmax(without(x, -infinity), options);
export const nanargmin: Position = (x, options) => argmin(without(x, infinity), options);
export const nancumsum: typeof cumsum = (x, options) => cumsum(without(x, 0), options);
export const nancumprod: typeof cumprod = (x, options) => cumprod(without(x, 1), options);

export const nanpercentile: typeof quantile = (x, q, options) => nanquantile(x, multiply(q, 0.01), options);
export const nanmedian = (x: TensorLike, options?: ReduceOptions): SymbolicTensor => nanquantile(x, 0.5, options);

/** Correlation coefficients of the rows. */
export function corrcoef(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  const rows = given.shape.length === 1 ? expandDims(given, 0) : given;
  const real = castTensor(rows, toFloating(rows.dtype));
  const centred = subtract(real, mean(real, { axis: -1, keepdims: true }));
  const products = matmul(centred, transpose(centred));
  const deviations = sqrt(diagonal(products));
  const scaled = divide(divide(products, expandDims(deviations, 1)), expandDims(deviations, 0));
  return given.shape.length === 1 ? reshape(scaled, []) : scaled;
}
