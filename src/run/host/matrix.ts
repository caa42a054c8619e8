/** Matrices as lists of rows, and the factorizations that everything else rests on. */

export type Matrix = number[][];

export function toRows(values: ArrayLike<number>, rows: number, columns: number, from = 0): Matrix {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => values[from + i * columns + j]!),
  );
}

export function fromRows(matrix: Matrix): number[] {
  return matrix.flat();
}

export function transposed(matrix: Matrix): Matrix {
  return Array.from({ length: matrix[0]?.length ?? 0 }, (_, j) => matrix.map(row => row[j]!));
}

export function identity(size: number): Matrix {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));
}

/** LU with the largest pivot of each column; `order` tells which row of the input each row is. */
export function factorLu(matrix: Matrix): { packed: Matrix; order: number[]; sign: number } {
  const packed = matrix.map(row => [...row]);
  const order = packed.map((_, row) => row);
  let sign = 1;
  for (let k = 0; k < packed.length; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < packed.length; i += 1)
      if (Math.abs(packed[i]![k]!) > Math.abs(packed[pivot]![k]!)) pivot = i;
    if (pivot !== k) {
      [packed[k], packed[pivot]] = [packed[pivot]!, packed[k]!];
      [order[k], order[pivot]] = [order[pivot]!, order[k]!];
      sign = -sign;
    }
    if (packed[k]![k] === 0) continue;
    for (let i = k + 1; i < packed.length; i += 1) {
      packed[i]![k]! /= packed[k]![k]!;
      for (let j = k + 1; j < packed[i]!.length; j += 1) packed[i]![j]! -= packed[i]![k]! * packed[k]![j]!;
    }
  }
  return { packed, order, sign };
}

/** Solves with one triangle of `a`; `unit` takes its diagonal as ones. */
export function substitute(a: Matrix, b: Matrix, { lower, unit }: { lower: boolean; unit: boolean }): Matrix {
  const n = a.length;
  const x = b.map(row => [...row]);
  for (let step = 0; step < n; step += 1) {
    const i = lower ? step : n - 1 - step;
    for (let column = 0; column < (x[i]?.length ?? 0); column += 1) {
      let total = x[i]![column]!;
      for (let k = lower ? 0 : i + 1; k < (lower ? i : n); k += 1) total -= a[i]![k]! * x[k]![column]!;
      x[i]![column] = unit ? total : total / a[i]![i]!;
    }
  }
  return x;
}

/** Q (square) and R by Householder's reflections, with LAPACK's signs. */
export function householderQr(matrix: Matrix): { q: Matrix; r: Matrix } {
  const rows = matrix.length;
  const columns = matrix[0]?.length ?? 0;
  const r = matrix.map(row => [...row]);
  const q = identity(rows);
  for (let k = 0; k < Math.min(rows - 1, columns); k += 1) {
    const norm = Math.hypot(...r.slice(k).map(row => row[k]!));
    if (norm === 0) continue;
    const beta = r[k]![k]! > 0 ? -norm : norm;
    const v = r.map((row, i) => (i < k ? 0 : i === k ? row[k]! - beta : row[k]!));
    const square = v.reduce((total, value) => total + value * value, 0);
    if (square === 0) continue;
    reflect(r, v, square, false);
    reflect(q, v, square, true);
  }
  return { q, r };
}

/** Applies I - 2·v·vᵀ/|v|² from the left, or from the right. */
function reflect(matrix: Matrix, v: readonly number[], square: number, fromRight: boolean): void {
  const count = fromRight ? matrix.length : (matrix[0]?.length ?? 0);
  for (let line = 0; line < count; line += 1) {
    let product = 0;
    for (let at = 0; at < v.length; at += 1) product += v[at]! * (fromRight ? matrix[line]![at]! : matrix[at]![line]!);
    const factor = (2 * product) / square;
    for (let at = 0; at < v.length; at += 1) {
      if (fromRight) matrix[line]![at]! -= factor * v[at]!;
      else matrix[at]![line]! -= factor * v[at]!;
    }
  }
}
