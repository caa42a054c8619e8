/** Activation functions, and losses made of them. Attributes hold their numbers; softmaxes go over the last axis. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, unsupported } from '../define.ts';

const activation =
  (make: (x: SymbolicTensor) => SymbolicTensor): Lowering =>
  node =>
    make(node.x(0));

/** The cross entropy of each sample, and what training sends back: probabilities less labels. */
function crossEntropy(logits: SymbolicTensor, labels: SymbolicTensor): readonly SymbolicTensor[] {
  const loss = ops.negative(ops.sum(ops.multiply(labels, ops.logSoftmax(logits)), { axis: -1 }));
  return [loss, ops.subtract(ops.softmax(logits), labels)];
}

const sparseCrossEntropy: Lowering = node => {
  const logits = node.x(0);
  const classes = logits.shape.at(-1);
  if (typeof classes !== 'number') throw unsupported(node.where, `${node.op} over an unknown number of classes`);
  return crossEntropy(logits, ops.oneHot(node.x(1), classes, { dtype: logits.dtype }));
};

const entropyOutputs = ['loss', 'backprop'];

export const activations: LoweringTable = {
  Relu: activation(ops.relu),
  Relu6: activation(ops.relu6),
  Elu: activation(x => ops.elu(x)),
  Selu: activation(ops.selu),
  LeakyRelu: node => ops.leakyRelu(node.x(0), { negativeSlope: node.attributes.float('alpha', 0.2) }),
  Sigmoid: activation(ops.sigmoid),
  Tanh: activation(ops.tanh),
  Softplus: activation(ops.softplus),
  Softsign: activation(ops.softsign),
  Softmax: activation(x => ops.softmax(x)),
  LogSoftmax: activation(x => ops.logSoftmax(x)),
  SoftmaxCrossEntropyWithLogits: {
    outputs: entropyOutputs,
    lower: node => crossEntropy(node.x(0), node.x(1)),
  },
  SparseSoftmaxCrossEntropyWithLogits: { outputs: entropyOutputs, lower: sparseCrossEntropy },
};
