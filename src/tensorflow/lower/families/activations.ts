/** Activation functions. Attributes hold their numbers; softmaxes go over the last axis. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import type { Lowering, LoweringTable } from '../define.ts';

const activation =
  (make: (x: SymbolicTensor) => SymbolicTensor): Lowering =>
  node =>
    make(node.x(0));

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
};
