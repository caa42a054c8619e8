/** Tensors made from a few numbers: identity and triangles, even steps, windows, grids. */

import type { DType } from '../numbers/dtype.ts';
import { add, divide, equal, greaterEqual, lessEqual, multiply, power, subtract, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { arange } from './index-by.ts';
import { refuse } from './record.ts';
import { broadcastTo, expandDims, moveaxis, reshape, shape } from './shape.ts';
import { normalizeAxis } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

interface DTypeOption {
  readonly dtype?: DType | null;
}

/** Column number less row number, for every cell. */
function offsets(rows: SizeLike, columns: SizeLike): SymbolicTensor {
  return subtract(expandDims(arange(columns), 0), expandDims(arange(rows), 1));
}

/** Ones on the diagonal `k` above the main one. */
export function eye(
  n: SizeLike,
  { m = null, k = 0, dtype = null }: { m?: SizeLike | null; k?: number } & DTypeOption = {},
): SymbolicTensor {
  return castTensor(equal(offsets(n, m ?? n), k), dtype ?? 'float32');
}

export function identity(n: SizeLike, { dtype = null }: DTypeOption = {}): SymbolicTensor {
  return eye(n, { dtype });
}

/** Ones on and below the diagonal `k`. */
export function tri(
  n: SizeLike,
  { m = null, k = 0, dtype = null }: { m?: SizeLike | null; k?: number } & DTypeOption = {},
): SymbolicTensor {
  return castTensor(lessEqual(offsets(n, m ?? n), k), dtype ?? 'float32');
}

/** What lies on and below the diagonal `k` of the last two axes; zeros above. */
export function tril(x: TensorLike, { k = 0 }: { k?: number } = {}): SymbolicTensor {
  const given = toTensor(x);
  const [rows, columns] = shape(given).slice(-2) as [SizeLike, SizeLike];
  return where(lessEqual(offsets(rows, columns), k), given, toTensor(0, given.dtype));
}

/** What lies on and above the diagonal `k` of the last two axes; zeros below. */
export function triu(x: TensorLike, { k = 0 }: { k?: number } = {}): SymbolicTensor {
  const given = toTensor(x);
  const [rows, columns] = shape(given).slice(-2) as [SizeLike, SizeLike];
  return where(greaterEqual(offsets(rows, columns), k), given, toTensor(0, given.dtype));
}

interface SpaceOptions extends DTypeOption {
  readonly num?: number;
  readonly endpoint?: boolean;
  readonly axis?: number;
}

/** `num` numbers in even steps from `start` to `stop`, with the stop unless `endpoint` is false. */
export function linspace(
  start: TensorLike,
  stop: TensorLike,
  { num = 50, endpoint = true, dtype = null, axis = 0 }: SpaceOptions = {},
): SymbolicTensor {
  const [from, to] = [start, stop].map(end => castTensor(toTensor(end), 'float32')) as [SymbolicTensor, SymbolicTensor];
  const steps = Math.max(endpoint ? num - 1 : num, 1);
  const span = subtract(to, from);
  const rank = span.shape.length;
  const fractions = toTensor(
    Array.from({ length: num }, (_, at) => at / steps),
    'float32',
  );
  const line = add(from, multiply(span, reshape(fractions, [num, ...new Array<number>(rank).fill(1)])));
  return castTensor(moveaxis(line, 0, normalizeAxis('linspace', axis, rank + 1)), dtype ?? 'float32');
}

/** `base` to powers in even steps. */
export function logspace(
  start: TensorLike,
  stop: TensorLike,
  { base = 10, dtype = null, ...options }: SpaceOptions & { base?: number } = {},
): SymbolicTensor {
  return castTensor(power(castTensor(toTensor(base), 'float32'), linspace(start, stop, options)), dtype ?? 'float32');
}

/** Coordinates of a grid over vectors; `xy` puts the second vector's axis first. */
export function meshgrid(
  xs: readonly TensorLike[],
  { indexing = 'xy' }: { indexing?: 'xy' | 'ij' } = {},
): SymbolicTensor[] {
  const vectors = xs.map(x => reshape(x, [-1]));
  const place = vectors.map((_, at) => (indexing === 'xy' && at < 2 && vectors.length > 1 ? 1 - at : at));
  const sizes: SizeLike[] = [];
  vectors.forEach((vector, at) => {
    sizes[place[at]!] = shape(vector)[0]!;
  });
  return vectors.map((vector, at) =>
    broadcastTo(
      reshape(
        vector,
        sizes.map((_, axis) => (axis === place[at] ? -1 : 1)),
      ),
      sizes,
    ),
  );
}

/** A window function of `length` points out of its formula in the fraction of the way along it. */
function windowOf(length: SizeLike, formula: (fraction: number) => number): SymbolicTensor {
  if (typeof length !== 'number') refuse('window', 'the length must be known');
  if (length === 1) return toTensor([1], 'float32');
  return toTensor(
    Array.from({ length }, (_, at) => formula(at / (length - 1))),
    'float32',
  );
}

const turn = 2 * Math.PI;

export const bartlett = (x: SizeLike): SymbolicTensor => windowOf(x, at => 1 - Math.abs(2 * at - 1));
export const hanning = (x: SizeLike): SymbolicTensor => windowOf(x, at => 0.5 - 0.5 * Math.cos(turn * at));
export const hamming = (x: SizeLike): SymbolicTensor => windowOf(x, at => 0.54 - 0.46 * Math.cos(turn * at));
export const blackman = (x: SizeLike): SymbolicTensor =>
  windowOf(x, at => 0.42 - 0.5 * Math.cos(turn * at) + 0.08 * Math.cos(2 * turn * at));
export const kaiser = (x: SizeLike, beta: number): SymbolicTensor =>
  windowOf(x, at => bessel(beta * Math.sqrt(Math.max(0, 1 - (2 * at - 1) ** 2))) / bessel(beta));

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let total = 1;
  for (let k = 1; k < 500 && term > total * 1e-17; k += 1) {
    term *= (x / (2 * k)) ** 2;
    total += term;
  }
  return total;
}

/** Columns of powers of a vector, highest first unless `increasing`. */
export function vander(
  x: TensorLike,
  { n = null, increasing = false }: { n?: number | null; increasing?: boolean } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const count = n ?? given.shape[0] ?? refuse('vander', 'the length must be known');
  const exponents = Array.from({ length: count }, (_, at) => (increasing ? at : count - 1 - at));
  return power(expandDims(given, 1), toTensor(exponents, given.dtype));
}

/** Even steps on a logarithmic scale from `start` to `stop`. */
export function geomspace(
  start: number,
  stop: number,
  { num = 50, endpoint = true, dtype = null }: SpaceOptions = {},
): SymbolicTensor {
  const steps = Math.max(endpoint ? num - 1 : num, 1);
  const values = Array.from({ length: num }, (_, at) => start * (stop / start) ** (at / steps));
  return toTensor(values, dtype ?? 'float32');
}

/** `x` divided by a power of two per element: x1·2^x2. */
export const ldexp = (x1: TensorLike, x2: TensorLike): SymbolicTensor =>
  multiply(castTensor(toTensor(x1), 'float32'), power(toTensor(2, 'float32'), castTensor(toTensor(x2), 'float32')));

/** Degrees to radians and back. */
export const deg2rad = (x: TensorLike): SymbolicTensor => multiply(castTensor(toTensor(x), 'float32'), Math.PI / 180);
export const rad2deg = (x: TensorLike): SymbolicTensor => divide(castTensor(toTensor(x), 'float32'), Math.PI / 180);
