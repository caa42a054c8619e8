/** Linear algebra on the last two axes. Decompositions are single operations that the host computes. */

import type { DType } from '../numbers/dtype.ts';
import type { Dim } from '../numbers/tensor.ts';
import { diagonal } from './arrange.ts';
import { divide, greater, greaterEqual, multiply, notEqual, power, subtract, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { eye } from './create.ts';
import { abs, log, sign, sqrt } from './elementwise.ts';
import { getItem } from './index-by.ts';
import { matmul } from './linear.ts';
import { toFloating } from './promote.ts';
import { recordAll, refuse, shapeText } from './record.ts';
import { max, min, prod, sum } from './reduce.ts';
import { expandDims, moveaxis, reshape, shape, squeeze, swapaxes } from './shape.ts';
import { normalizeAxes } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

function matrix(op: string, x: TensorLike, square = true): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const [rows, columns] = real.shape.slice(-2);
  if (real.shape.length < 2 || (square && rows !== columns && rows !== null && columns !== null)) {
    refuse(op, `a tensor of shape ${shapeText(real.shape)} holds no ${square ? 'square ' : ''}matrices`);
  }
  return real;
}

/** Lower (upper) triangle L of L·Lᵀ = x. */
export function cholesky(x: TensorLike, { upper = false }: { upper?: boolean } = {}): SymbolicTensor {
  const given = matrix('cholesky', x);
  const lower = recordAll('cholesky', [given], {}, [given])[0]!;
  return upper ? swapaxes(lower, -1, -2) : lower;
}

/** The identity matrix of that size, with as many axes. */
function identityFor(x: SymbolicTensor): SymbolicTensor {
  const identity = eye(shape(x).at(-1)!, { dtype: x.dtype });
  const before = x.shape.length - 2;
  return before > 0
    ? expandDims(
        identity,
        Array.from({ length: before }, (_, at) => at),
      )
    : identity;
}

/** Inverse of the matrix whose triangle is given. */
export function choleskyInverse(x: TensorLike, { upper = false }: { upper?: boolean } = {}): SymbolicTensor {
  const given = matrix('choleskyInverse', x);
  const inverse = solveTriangular(given, identityFor(given), { lower: !upper });
  return upper ? matmul(inverse, swapaxes(inverse, -1, -2)) : matmul(swapaxes(inverse, -1, -2), inverse);
}

/** L and U in one matrix, to which row each row went, and the sign of that permutation. */
function lu(op: string, x: TensorLike): readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor] {
  const given = matrix(op, x);
  const batch = given.shape.slice(0, -2);
  const outputs = recordAll('lu', [given], {}, [
    given,
    { shape: given.shape.slice(0, -1), dtype: 'int32' },
    { shape: batch, dtype: given.dtype },
  ]);
  return outputs as unknown as readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor];
}

/** L and U in one matrix (the ones of L left out), and to which row each row went. */
export function luFactor(x: TensorLike): readonly [lu: SymbolicTensor, pivots: SymbolicTensor] {
  const [packed, pivots] = lu('luFactor', x);
  return [packed, pivots];
}

/** Sign and logarithm of the determinant's size. */
export function slogdet(x: TensorLike): readonly [sign: SymbolicTensor, logarithm: SymbolicTensor] {
  const [packed, , parity] = lu('slogdet', x);
  const entries = diagonal(packed, { axis1: -2, axis2: -1 });
  return [multiply(parity, prod(sign(entries), { axis: -1 })), sum(log(abs(entries)), { axis: -1 })];
}

export function det(x: TensorLike): SymbolicTensor {
  const [packed, , parity] = lu('det', x);
  return multiply(parity, prod(diagonal(packed, { axis1: -2, axis2: -1 }), { axis: -1 }));
}

/** Logarithm of the determinant of a positive definite matrix. */
export const logdet = (x: TensorLike): SymbolicTensor => slogdet(x)[1];

/** The x of a·x = b; b of one axis less is one column. */
export function solve(a: TensorLike, b: TensorLike): SymbolicTensor {
  return solveWith('solve', {}, a, b);
}

/** The same for a triangular a. */
export function solveTriangular(
  a: TensorLike,
  b: TensorLike,
  { lower = false }: { lower?: boolean } = {},
): SymbolicTensor {
  return solveWith('solveTriangular', { lower }, a, b);
}

function solveWith(op: string, attributes: { readonly lower?: boolean }, a: TensorLike, b: TensorLike): SymbolicTensor {
  const left = matrix(op, a);
  const right = toTensor(b, left.dtype);
  if (right.shape.length === left.shape.length - 1) {
    return squeeze(solveWith(op, attributes, left, expandDims(right, -1)), { axis: -1 });
  }
  const rank = Math.max(left.shape.length, right.shape.length);
  const found = Array.from(
    { length: rank },
    (_, at) => right.shape[at - rank + right.shape.length] ?? left.shape[at] ?? null,
  );
  return recordAll(op, [left, right], attributes as never, [{ shape: found, dtype: left.dtype }])[0]!;
}

export function inv(x: TensorLike): SymbolicTensor {
  const given = matrix('inv', x);
  return solve(given, identityFor(given));
}

/** Orthogonal Q and upper R of x = Q·R. */
export function qr(
  x: TensorLike,
  { mode = 'reduced' }: { mode?: 'reduced' | 'complete' } = {},
): readonly SymbolicTensor[] {
  const given = matrix('qr', x, false);
  const batch = given.shape.slice(0, -2);
  const [rows, columns] = given.shape.slice(-2) as [Dim, Dim];
  const inner = mode === 'complete' ? rows : smaller(rows, columns);
  return recordAll('qr', [given], { mode }, [
    { shape: [...batch, rows, inner], dtype: given.dtype },
    { shape: [...batch, inner, columns], dtype: given.dtype },
  ]);
}

function smaller(a: Dim, b: Dim): Dim {
  return a === null || b === null ? null : Math.min(a, b);
}

/** Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices. */
export function eigh(x: TensorLike): readonly SymbolicTensor[] {
  const given = matrix('eigh', x);
  return recordAll('eigh', [given], {}, [{ shape: given.shape.slice(0, -1), dtype: given.dtype }, given]);
}

/** Eigenvalues and eigenvectors (columns) of any square matrix, complex. */
export function eig(x: TensorLike): readonly SymbolicTensor[] {
  const given = matrix('eig', x);
  const dtype: DType = given.dtype === 'float64' ? 'complex128' : 'complex64';
  return recordAll('eig', [given], {}, [
    { shape: given.shape.slice(0, -1), dtype },
    { shape: given.shape, dtype },
  ]);
}

/** U, singular values (descending) and Vᵀ of x = U·S·Vᵀ; with `computeUv` false, the singular values. */
export function svd(
  x: TensorLike,
  { fullMatrices = true, computeUv = true }: { fullMatrices?: boolean; computeUv?: boolean } = {},
): readonly SymbolicTensor[] | SymbolicTensor {
  const parts = svdParts(x, fullMatrices);
  return computeUv ? parts : parts[1]!;
}

function svdParts(x: TensorLike, fullMatrices: boolean): readonly SymbolicTensor[] {
  const given = matrix('svd', x, false);
  const batch = given.shape.slice(0, -2);
  const [rows, columns] = given.shape.slice(-2) as [Dim, Dim];
  const inner = smaller(rows, columns);
  return recordAll('svd', [given], { fullMatrices }, [
    { shape: [...batch, rows, fullMatrices ? rows : inner], dtype: given.dtype },
    { shape: [...batch, inner], dtype: given.dtype },
    { shape: [...batch, fullMatrices ? columns : inner, columns], dtype: given.dtype },
  ]);
}

const epsilonOf: { readonly [dtype: string]: number } = { float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7 };

function relativeLimit(x: SymbolicTensor): number {
  const [rows, columns] = x.shape.slice(-2) as [Dim, Dim];
  return (epsilonOf[x.dtype] ?? 2 ** -23) * Math.max(rows ?? 1, columns ?? 1);
}

/** Pseudo-inverse: singular values below a part of the largest count as 0 (by default 10 roundings). */
export function pinv(x: TensorLike, { rcond = null }: { rcond?: number | null } = {}): SymbolicTensor {
  const given = matrix('pinv', x, false);
  const [u, s, vt] = svdParts(given, false) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
  const limit = multiply(max(s, { axis: -1, keepdims: true }), rcond ?? 10 * relativeLimit(given));
  const kept = greater(s, limit);
  const inverse = where(kept, divide(1, where(kept, s, 1)), 0);
  return matmul(swapaxes(vt, -1, -2), multiply(expandDims(inverse, -1), swapaxes(u, -1, -2)));
}

/** The x nearest to a·x = b. */
export function lstsq(a: TensorLike, b: TensorLike, { rcond = null }: { rcond?: number | null } = {}): SymbolicTensor {
  const given = matrix('lstsq', a, false);
  const [u, s, vt] = svdParts(given, false) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
  const right = toTensor(b, given.dtype);
  const columns = right.shape.length === 1 ? expandDims(right, 1) : right;
  const kept = greaterEqual(s, multiply(getItem(s, 0), rcond ?? relativeLimit(given)));
  const inverse = expandDims(where(kept, divide(1, where(kept, s, 1)), 0), 1);
  const found = matmul(swapaxes(vt, -1, -2), multiply(inverse, matmul(swapaxes(u, -1, -2), columns)));
  return right.shape.length === 1 ? reshape(found, [-1]) : found;
}

/** How many singular values exceed the tolerance. */
export function matrixRank(x: TensorLike, { tol = null }: { tol?: number | null } = {}): SymbolicTensor {
  const given = matrix('matrixRank', x, false);
  const s = svdParts(given, false)[1]!;
  const limit =
    tol === null ? multiply(max(s, { axis: -1, keepdims: true }), relativeLimit(given)) : toTensor(tol, s.dtype);
  return sum(castTensor(greater(s, limit), 'int32'), { axis: -1 });
}

export type NormOrder = number | 'fro' | 'nuc' | 'inf' | '-inf' | null;

/** Norm of vectors (one axis) or matrices (two axes), of the given order. */
export function norm(
  x: TensorLike,
  {
    ord = null,
    axis = null,
    keepdims = false,
  }: { ord?: NormOrder; axis?: number | readonly number[] | null; keepdims?: boolean } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const order = ord === 'inf' ? Number.POSITIVE_INFINITY : ord === '-inf' ? Number.NEGATIVE_INFINITY : ord;
  const axes = normalizeAxes('norm', axis, real.shape.length);
  if (order === null || order === 'fro' || (axes.length === 1 && order === 2)) {
    return sqrt(sum(multiply(real, real), { axis: axes, keepdims }));
  }
  if (axes.length === 1) return vectorNorm(real, order as number, axes[0]!, keepdims);
  if (axes.length !== 2) return refuse('norm', `takes one or two axes, not ${axes.length}`);
  const given2 =
    typeof axis === 'object' && axis !== null ? axis.map(at => (at < 0 ? at + real.shape.length : at)) : axes;
  return matrixNorm(real, order, given2[0]!, given2[1]!, keepdims);
}

function vectorNorm(x: SymbolicTensor, order: number, axis: number, keepdims: boolean): SymbolicTensor {
  if (order === Number.POSITIVE_INFINITY) return max(abs(x), { axis, keepdims });
  if (order === Number.NEGATIVE_INFINITY) return min(abs(x), { axis, keepdims });
  if (order === 0) return sum(castTensor(notEqual(x, 0), x.dtype), { axis, keepdims });
  return power(sum(power(abs(x), order), { axis, keepdims }), 1 / order);
}

function matrixNorm(
  x: SymbolicTensor,
  order: number | 'nuc',
  row: number,
  column: number,
  keepdims: boolean,
): SymbolicTensor {
  if (order === 'nuc' || Math.abs(order) === 2) {
    const values = svdParts(moveaxis(x, [row, column], [-2, -1]), false)[1]!;
    const found =
      order === 'nuc' ? sum(values, { axis: -1 }) : order === 2 ? max(values, { axis: -1 }) : min(values, { axis: -1 });
    return keepdims
      ? expandDims(
          found,
          [row, column].sort((a, b) => a - b),
        )
      : found;
  }
  const [over, then] = Math.abs(order) === 1 ? [row, column] : [column, row];
  const totals = sum(abs(x), { axis: over, keepdims: true });
  const found = order > 0 ? max(totals, { axis: then, keepdims: true }) : min(totals, { axis: then, keepdims: true });
  return keepdims ? found : squeeze(found, { axis: [row, column] });
}

/** Distances between all rows of `x` and all rows of `y`. */
export function cdist(x: TensorLike, y: TensorLike): SymbolicTensor {
  const [a, b] = [toTensor(x), toTensor(y)].map(z => castTensor(z, toFloating(z.dtype))) as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  const difference = subtract(expandDims(a, -2), expandDims(b, -3));
  return sqrt(sum(multiply(difference, difference), { axis: -1 }));
}
