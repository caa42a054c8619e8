/** Normalizations that TensorFlow has as one operation. */

import * as ops from '../../../ops/exports.ts';
import { type Lowering, type LoweringTable, unsupported } from '../define.ts';
import { isChannelsFirst } from './convolution.ts';

/** By moving averages, as at inference. Trained on batches it needs the batch's own statistics. */
const fusedBatchNorm: Lowering = node => {
  const [x, scale, offset] = [node.x(0), node.x(1), node.x(2)];
  const epsilon = node.attributes.float('epsilon', 1e-4);
  const axis = isChannelsFirst(node) ? 1 : x.shape.length - 1;
  let [mean, variance] = [node.x(3), node.x(4)];
  if (node.attributes.bool('is_training', true)) {
    const others = x.shape.flatMap((_, at) => (at === axis ? [] : [at]));
    [mean, variance] = ops.moments(x, others);
  }
  const y = ops.batchNormalization(x, mean, variance, axis, { offset, scale, epsilon });
  return [y, mean, variance, mean, variance, mean];
};

const localResponse: Lowering = node => {
  const x = node.x(0);
  const channels = x.shape.at(-1);
  if (channels === null || channels === undefined) throw unsupported(node.where, 'LRN of unknown channels');
  const radius = node.attributes.int('depth_radius', 5);
  const near = Array.from({ length: channels }, (_, row) =>
    Array.from({ length: channels }, (_, column) => (Math.abs(row - column) <= radius ? 1 : 0)),
  );
  const sums = ops.matmul(ops.multiply(x, x), ops.constant(near, x.dtype));
  const base = ops.add(node.attributes.float('bias', 1), ops.multiply(node.attributes.float('alpha', 1), sums));
  return ops.divide(x, ops.power(base, node.attributes.float('beta', 0.5)));
};

const outputs = ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2', 'reserve_space_3'];

export const normalization: LoweringTable = {
  FusedBatchNorm: { outputs, lower: fusedBatchNorm },
  FusedBatchNormV2: { outputs, lower: fusedBatchNorm },
  FusedBatchNormV3: { outputs, lower: fusedBatchNorm },
  LRN: localResponse,
};
