/** Host kernels of decompositions and linear systems, in double precision, matrix by matrix. */

import { unpackNumbers } from '../../numbers/pack.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { eigenGeneral, eigenSymmetric, singularValues } from './eigen.ts';
import { type Kernel, type Kernels, result } from './kernel.ts';
import { factorLu, fromRows, householderQr, type Matrix, substitute, toRows, transposed } from './matrix.ts';

/** The matrices of a tensor, one after another. */
function matricesOf(x: Tensor): Matrix[] {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const values = unpackNumbers(x);
  const size = rows * columns;
  const count = size === 0 ? 0 : values.length / size;
  return Array.from({ length: count }, (_, at) => toRows(values, rows, columns, at * size));
}

/** Applies `compute` to every matrix and puts each of its results together under the batch axes. */
function eachMatrix(
  compute: (matrix: Matrix, attributes: Parameters<Kernel>[0]['attributes']) => readonly (readonly number[])[],
  shapes: (shape: readonly number[], node: Parameters<Kernel>[0]) => readonly number[][],
): Kernel {
  return (node, [x]) => {
    const batch = x!.shape.slice(0, -2);
    const results = matricesOf(x!).map(matrix => compute(matrix, node.attributes));
    return shapes(x!.shape.slice(-2), node).map((shape, at) =>
      result(
        node,
        [...batch, ...shape],
        results.flatMap(parts => parts[at]! as number[]),
        at,
      ),
    );
  };
}

function choleskyOf(a: Matrix): Matrix {
  const n = a.length;
  const lower = a.map(row => row.map(() => 0));
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let total = a[i]![j]!;
      for (let k = 0; k < j; k += 1) total -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(total) : total / lower[j]![j]!;
    }
  }
  return lower;
}

const cholesky = eachMatrix(
  matrix => [fromRows(choleskyOf(matrix))],
  shape => [[...shape]],
);

const lu = eachMatrix(
  matrix => {
    const { packed, order, sign } = factorLu(matrix);
    return [fromRows(packed), order.map((_, row) => order.indexOf(row)), [sign]];
  },
  ([rows, columns]) => [[rows!, columns!], [rows!], []],
);

/** The batches of two tensors side by side, the shorter one repeated. */
function solveEach(compute: (a: Matrix, b: Matrix, attributes: Parameters<Kernel>[0]['attributes']) => Matrix): Kernel {
  return (node, [a, b]) => {
    const [left, right] = [matricesOf(a!), matricesOf(b!)];
    const count = Math.max(left.length, right.length);
    const solved = Array.from({ length: count }, (_, at) =>
      compute(left[at % left.length]!, right[at % right.length]!, node.attributes),
    );
    const batch = left.length >= right.length ? a!.shape.slice(0, -2) : b!.shape.slice(0, -2);
    return [result(node, [...batch, a!.shape.at(-1)!, b!.shape.at(-1)!], solved.flatMap(fromRows))];
  };
}

const solve = solveEach((a, b) => {
  const { packed, order } = factorLu(a);
  const permuted = order.map(row => b[row]!);
  return substitute(packed, substitute(packed, permuted, { lower: true, unit: true }), { lower: false, unit: false });
});

const solveTriangular = solveEach((a, b, { lower }) => substitute(a, b, { lower: lower as boolean, unit: false }));

const qr: Kernel = (node, [x]) => {
  const complete = node.attributes.mode === 'complete';
  const batch = x!.shape.slice(0, -2);
  const [rows, columns] = x!.shape.slice(-2) as [number, number];
  const inner = complete ? rows : Math.min(rows, columns);
  const parts = matricesOf(x!).map(matrix => {
    const { q, r } = householderQr(matrix);
    return { q: q.map(row => row.slice(0, inner)), r: r.slice(0, inner) };
  });
  return [
    result(
      node,
      [...batch, rows, inner],
      parts.flatMap(({ q }) => fromRows(q)),
    ),
    result(
      node,
      [...batch, inner, columns],
      parts.flatMap(({ r }) => fromRows(r)),
      1,
    ),
  ];
};

const eigh = eachMatrix(
  matrix => {
    const { values, vectors } = eigenSymmetric(matrix);
    return [values, fromRows(vectors)];
  },
  ([n]) => [[n!], [n!, n!]],
);

const eig: Kernel = (node, [x]) => {
  const batch = x!.shape.slice(0, -2);
  const n = x!.shape.at(-1)!;
  const found = matricesOf(x!).map(eigenGeneral);
  return [
    result(
      node,
      [...batch, n],
      found.flatMap(({ values }) => values.flat()),
    ),
    result(
      node,
      [...batch, n, n],
      found.flatMap(({ vectors }) => vectors.flat(2)),
      1,
    ),
  ];
};

const svd: Kernel = (node, [x]) => {
  const full = node.attributes.fullMatrices as boolean;
  const batch = x!.shape.slice(0, -2);
  const [rows, columns] = x!.shape.slice(-2) as [number, number];
  const inner = Math.min(rows, columns);
  const parts = matricesOf(x!).map(matrix => {
    const { u, s, v } = singularValues(matrix);
    return { u: full ? completed(u) : u, s, vt: transposed(full ? completed(v) : v) };
  });
  return [
    result(
      node,
      [...batch, rows, full ? rows : inner],
      parts.flatMap(({ u }) => fromRows(u)),
    ),
    result(
      node,
      [...batch, inner],
      parts.flatMap(({ s }) => s),
      1,
    ),
    result(
      node,
      [...batch, full ? columns : inner, columns],
      parts.flatMap(({ vt }) => fromRows(vt)),
      2,
    ),
  ];
};

/** Orthonormal columns made into a square orthogonal matrix. */
function completed(columns: Matrix): Matrix {
  const size = columns.length;
  const given = columns[0]?.length ?? 0;
  if (given === size) return columns;
  const { q } = householderQr(columns);
  // The first columns are kept as they are; what the reflections add is orthogonal to them.
  return q.map((row, at) => [...columns[at]!, ...row.slice(given)]);
}

export const linalgKernels: Kernels = { cholesky, lu, solve, solveTriangular, qr, eigh, eig, svd };
