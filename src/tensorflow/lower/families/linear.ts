/** Products of matrices, and biases. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { castTo, type Lowering, type LoweringTable } from '../define.ts';

const flipped = (x: SymbolicTensor, flip: boolean) => (flip ? ops.swapaxes(x, -1, -2) : x);

const product =
  (left: string, right: string): Lowering =>
  node => {
    const a = flipped(node.x(0), node.attributes.bool(left, false));
    const b = flipped(node.x(1), node.attributes.bool(right, false));
    return castTo(node, ops.matmul(a, b), node.attributes.has('Tout') ? 'Tout' : 'T');
  };

/** The bias lies along the channels: last, or second with NCHW. */
const biasAdd: Lowering = node => {
  const [x, bias] = [node.x(0), node.x(1)];
  if (node.attributes.text('data_format', 'NHWC') !== 'NCHW') return ops.add(x, bias);
  const spread = x.shape.map((_, axis) => (axis === 1 ? -1 : 1));
  return ops.add(x, ops.reshape(bias, spread));
};

export const linear: LoweringTable = {
  MatMul: product('transpose_a', 'transpose_b'),
  SparseMatMul: product('transpose_a', 'transpose_b'),
  BatchMatMul: product('adj_x', 'adj_y'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  BatchMatMulV3: product('adj_x', 'adj_y'),
  Einsum: node => ops.einsum(node.attributes.text('equation'), ...node.xs()),
  BiasAdd: biasAdd,
  BiasAddV1: node => ops.add(node.x(0), node.x(1)),
  Cross: node => ops.cross(node.x(0), node.x(1)),
};
