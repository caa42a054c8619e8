/** Linear algebra on the last two axes, and matrices made of diagonals. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { knownElements } from '../value.ts';

const swapped = (x: SymbolicTensor) => ops.swapaxes(x, -1, -2);

/** The matrix, turned over where `adjoint` says so. */
function adjointOf(node: OpView, x: SymbolicTensor): SymbolicTensor {
  return node.attributes.bool('adjoint', false) ? swapped(x) : x;
}

/** U·Σ·Vᴴ; TensorFlow gives V itself. Without vectors they are empty. */
const svd: Lowering = node => {
  const fullMatrices = node.attributes.bool('full_matrices', false);
  const [u, s, vh] = ops.svd(node.x(0), { fullMatrices }) as readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor];
  return [s, u, swapped(vh)];
};

const triangular: Lowering = node => {
  const lower = node.attributes.bool('lower', true);
  const flip = node.attributes.bool('adjoint', false);
  return ops.solveTriangular(flip ? swapped(node.x(0)) : node.x(0), node.x(1), { lower: lower !== flip });
};

/** A vector for each row put on the diagonal of a square. */
export const diagonalMatrix: Lowering = node => {
  const x = node.x(0);
  const size = ops.shape(x).at(-1)!;
  return ops.multiply(ops.expandDims(x, -1), ops.eye(size, { dtype: x.dtype }));
};

/** The second and third versions know other diagonals than the main one, and other sizes than its own: these are refused. */
const mainOnly =
  (lower: Lowering, k: number): Lowering =>
  (node, context) => {
    const sizes = node.inputs.slice(k + 1, -1).map((_, at) => knownElements(node.value(k + 1 + at))?.[0]);
    const isMain = knownElements(node.value(k))?.every(value => value === 0) === true;
    if (!isMain || sizes.some(size => size !== -1 && size !== undefined))
      throw unsupported(node.where, `${node.op} of other diagonals than the main one`);
    return lower(node, context);
  };

const diagonalPart: Lowering = node => ops.diagonal(node.x(0), { axis1: -2, axis2: -1 });

const setDiagonal: Lowering = node => {
  const [x, line] = [node.x(0), node.x(1)];
  const [rows, columns] = ops.shape(x).slice(-2);
  const places = [rows!, columns!].map(size => ops.arange(0, { stop: size, dtype: 'int32' }));
  const on = ops.equal(ops.expandDims(places[0]!, 1), ops.expandDims(places[1]!, 0));
  return ops.where(on, ops.expandDims(line, -1), x);
};

export const matrices: LoweringTable = {
  Cholesky: node => ops.cholesky(node.x(0)),
  MatrixInverse: node => ops.inv(adjointOf(node, node.x(0))),
  MatrixDeterminant: node => ops.det(node.x(0)),
  LogMatrixDeterminant: { outputs: ['sign', 'log_abs_determinant'], lower: node => ops.slogdet(node.x(0)) },
  MatrixSolve: node => ops.solve(adjointOf(node, node.x(0)), node.x(1)),
  MatrixTriangularSolve: triangular,
  Qr: {
    outputs: ['q', 'r'],
    lower: node => ops.qr(node.x(0), { mode: node.attributes.bool('full_matrices', false) ? 'complete' : 'reduced' }),
  },
  Svd: { outputs: ['s', 'u', 'v'], lower: svd },
  SelfAdjointEigV2: { outputs: ['e', 'v'], lower: node => ops.eigh(node.x(0)) },
  MatrixDiag: diagonalMatrix,
  MatrixDiagV2: mainOnly(diagonalMatrix, 1),
  MatrixDiagV3: mainOnly(diagonalMatrix, 1),
  MatrixDiagPart: diagonalPart,
  MatrixDiagPartV2: mainOnly(diagonalPart, 1),
  MatrixDiagPartV3: mainOnly(diagonalPart, 1),
  MatrixSetDiag: setDiagonal,
  MatrixSetDiagV2: setDiagonal,
  MatrixSetDiagV3: setDiagonal,
};
