/** Eigenvalues and singular values by Jacobi's rotations and by QR iteration. */

import { identity, type Matrix, transposed } from './matrix.ts';

const MOST_SWEEPS = 60;

/** Eigenvalues in ascending order and eigenvectors as columns; reads the lower triangle, as LAPACK does. */
export function eigenSymmetric(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const n = matrix.length;
  const a = matrix.map((row, i) => row.map((_, j) => (i >= j ? matrix[i]![j]! : matrix[j]![i]!)));
  const vectors = identity(n);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    let off = 0;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) off += a[p]![q]! ** 2;
    if (off < 1e-300) break;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, vectors, p, q);
  }
  const order = a.map((_, at) => at).sort((i, j) => a[i]![i]! - a[j]![j]!);
  return { values: order.map(at => a[at]![at]!), vectors: vectors.map(row => order.map(at => row[at]!)) };
}

/** One rotation that makes a[p][q] zero. */
function rotate(a: Matrix, vectors: Matrix, p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const n = a.length;
  for (let k = 0; k < n; k += 1) {
    const [x, y] = [a[k]![p]!, a[k]![q]!];
    a[k]![p] = c * x - s * y;
    a[k]![q] = s * x + c * y;
  }
  for (let k = 0; k < n; k += 1) {
    const [x, y] = [a[p]![k]!, a[q]![k]!];
    a[p]![k] = c * x - s * y;
    a[q]![k] = s * x + c * y;
    const [u, v] = [vectors[k]![p]!, vectors[k]![q]!];
    vectors[k]![p] = c * u - s * v;
    vectors[k]![q] = s * u + c * v;
  }
}

/** U (columns), singular values (descending) and V (columns), by one-sided rotations. */
export function singularValues(matrix: Matrix): { u: Matrix; s: number[]; v: Matrix } {
  if (matrix.length < (matrix[0]?.length ?? 0)) {
    const { u, s, v } = singularValues(transposed(matrix));
    return { u: v, s, v: u };
  }
  const columns = transposed(matrix);
  const v = identity(columns.length);
  for (let sweep = 0; sweep < MOST_SWEEPS && orthogonalize(columns, v); sweep += 1);
  const norms = columns.map(column => Math.hypot(...column));
  const order = norms.map((_, at) => at).sort((i, j) => norms[j]! - norms[i]!);
  return {
    u: transposed(order.map(at => columns[at]!.map(value => (norms[at] === 0 ? 0 : value / norms[at]!)))),
    s: order.map(at => norms[at]!),
    v: v.map(row => order.map(at => row[at]!)),
  };
}

/** One sweep over all pairs of columns; true while any pair was not yet orthogonal. */
function orthogonalize(columns: Matrix, v: Matrix): boolean {
  let changed = false;
  for (let p = 0; p < columns.length; p += 1) {
    for (let q = p + 1; q < columns.length; q += 1) {
      const [a, b] = [columns[p]!, columns[q]!];
      const dot = a.reduce((total, value, at) => total + value * b[at]!, 0);
      const [aa, bb] = [a, b].map(x => x.reduce((total, value) => total + value * value, 0)) as [number, number];
      if (Math.abs(dot) <= 1e-15 * Math.sqrt(aa * bb)) continue;
      changed = true;
      const zeta = (bb - aa) / (2 * dot);
      const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(zeta, 1));
      const c = 1 / Math.hypot(t, 1);
      turn(a, b, c, c * t);
      for (const row of v) {
        const [x, y] = [row[p]!, row[q]!];
        row[p] = c * x - c * t * y;
        row[q] = c * t * x + c * y;
      }
    }
  }
  return changed;
}

function turn(a: number[], b: number[], c: number, s: number): void {
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at]!, b[at]!];
    a[at] = c * x - s * y;
    b[at] = s * x + c * y;
  }
}

type Complex = [number, number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];

function over(a: Complex, [c, d]: Complex): Complex {
  const norm = c * c + d * d;
  const [re, im] = times(a, [c, -d]);
  return [re / norm, im / norm];
}

/**
 * Eigenvalues and normalized eigenvectors (columns) of any square matrix: roots by shifted QR on the complex matrix,
 * vectors by inverse iteration.
 */
export function eigenGeneral(matrix: Matrix): { values: Complex[]; vectors: Complex[][] } {
  const n = matrix.length;
  const values = eigenvalues(matrix.map(row => row.map(value => [value, 0] as Complex)));
  const found = values.map(value => eigenvector(matrix, value));
  return { values, vectors: Array.from({ length: n }, (_, i) => found.map(vector => vector[i]!)) };
}

function eigenvalues(a: Complex[][]): Complex[] {
  const values: Complex[] = [];
  let size = a.length;
  for (let round = 0; size > 0 && round < 500 * a.length; round += 1) {
    const scale = size > 1 ? length(a[size - 1]![size - 2]!) : 0;
    const near = size > 1 ? length(a[size - 1]![size - 1]!) + length(a[size - 2]![size - 2]!) : 1;
    if (size === 1 || scale <= 1e-15 * near) {
      values.unshift(a[size - 1]![size - 1]!);
      size -= 1;
      continue;
    }
    qrStep(a, size, shiftOf(a, size, round));
  }
  return values;
}

const length = ([re, im]: Complex) => Math.hypot(re, im);

/** The eigenvalue of the last 2×2 corner that is nearer to its corner; now and then another, to break cycles. */
function shiftOf(a: Complex[][], size: number, round: number): Complex {
  const [p, q, r, s] = [
    a[size - 2]![size - 2]!,
    a[size - 2]![size - 1]!,
    a[size - 1]![size - 2]!,
    a[size - 1]![size - 1]!,
  ];
  if (round % 11 === 10) return [length(r) + length(s), length(q)];
  const half: Complex = [(p[0] - s[0]) / 2, (p[1] - s[1]) / 2];
  const root = squareRoot([times(half, half)[0] + times(q, r)[0], times(half, half)[1] + times(q, r)[1]]);
  const candidates = [1, -1].map(sign => [s[0] + half[0] + sign * root[0], s[1] + half[1] + sign * root[1]] as Complex);
  return length(minus(candidates[0]!, s)) < length(minus(candidates[1]!, s)) ? candidates[0]! : candidates[1]!;
}

function squareRoot([re, im]: Complex): Complex {
  const size = Math.hypot(re, im);
  const a = Math.sqrt((size + Math.abs(re)) / 2);
  if (a === 0) return [0, 0];
  return re >= 0 ? [a, im / (2 * a)] : [Math.abs(im) / (2 * a), im < 0 ? -a : a];
}

/** One QR step by Gram and Schmidt on the leading block: A - σ = Q·R, then R·Q + σ. */
function qrStep(a: Complex[][], size: number, shift: Complex): void {
  const q: Complex[][] = [];
  const r: Complex[][] = Array.from({ length: size }, () => Array.from({ length: size }, () => [0, 0] as Complex));
  for (let j = 0; j < size; j += 1) {
    const column = Array.from({ length: size }, (_, i) => (i === j ? minus(a[i]![j]!, shift) : a[i]![j]!));
    for (let pass = 0; pass < 2; pass += 1) {
      for (let k = 0; k < j; k += 1) {
        const dot = q[k]!.reduce<Complex>(
          (total, value, i) => plus(total, times([value[0], -value[1]], column[i]!)),
          [0, 0],
        );
        r[k]![j] = plus(r[k]![j]!, dot);
        for (let i = 0; i < size; i += 1) column[i] = minus(column[i]!, times(dot, q[k]![i]!));
      }
    }
    const norm = Math.hypot(...column.map(length));
    r[j]![j] = [norm, 0];
    q.push(column.map(value => (norm === 0 ? [0, 0] : [value[0] / norm, value[1] / norm])));
  }
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      let total: Complex = i === j ? shift : [0, 0];
      for (let k = i; k < size; k += 1) total = plus(total, times(r[i]![k]!, q[j]![k]!));
      a[i]![j] = total;
    }
  }
}

const plus = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];

/** Solves (A - λ)·x = b from a start vector twice; the matrix is all but singular, which makes x the eigenvector. */
function eigenvector(matrix: Matrix, value: Complex): Complex[] {
  const n = matrix.length;
  const norm = Math.max(1e-300, ...matrix.flat().map(Math.abs));
  const shifted: Complex = [value[0] + norm * 1e-14, value[1]];
  let x: Complex[] = Array.from({ length: n }, (_, at) => [1 / (at + 1), 0.3 / (at + 2)]);
  for (let round = 0; round < 3; round += 1) {
    const solved = solveComplex(matrix, shifted, x);
    const size = Math.hypot(...solved.map(length));
    x = solved.map(([re, im]) => [re / size, im / size]);
  }
  return x;
}

function solveComplex(matrix: Matrix, shift: Complex, b: readonly Complex[]): Complex[] {
  const n = matrix.length;
  const a = matrix.map((row, i) => [
    ...row.map((value, j) => (i === j ? minus([value, 0], shift) : ([value, 0] as Complex))),
    b[i]!,
  ]);
  for (let k = 0; k < n; k += 1) {
    const pivot = a.slice(k).reduce((best, row, at) => (length(row[k]!) > length(a[best]![k]!) ? k + at : best), k);
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    if (length(a[k]![k]!) === 0) a[k]![k] = [1e-300, 0];
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = over(a[i]![k]!, a[k]![k]!);
      for (let j = k; j <= n; j += 1) a[i]![j] = minus(a[i]![j]!, times(factor, a[k]![j]!));
    }
  }
  return a.map((row, i) => over(row[n]!, row[i]!));
}
