/** `keras.activations.*`, whose defaults changed with the eras. */

import { pyTensor, type ReferenceValue } from '../machine/values.ts';
import { ofOne } from './common.ts';
import { allow, namespaceOf } from './define.ts';

function activationNamed(name: string): ReferenceValue {
  return { kind: 'reference', path: `keras.activations.${name}`, written: `keras.activations.${name}` };
}

export const activations = namespaceOf({
  'get deserialize': allow('identifier', given => {
    const identifier = given.needed('identifier');
    if (identifier.kind !== 'string') return identifier.kind === 'none' ? activationNamed('linear') : identifier;
    return activationNamed(identifier.value);
  }),
  'linear identity': ofOne((_, x) => x, 'x'),
  relu: allow('x negative_slope max_value threshold | alpha:negative_slope', given => {
    const { ops } = given;
    const x = given.tensor('x');
    const [slope, threshold] = [given.number('negative_slope', 0), given.number('threshold', 0)];
    const kept = threshold === 0 ? ops.relu(x) : ops.where(ops.greaterEqual(x, threshold), x, ops.zerosLike(x));
    const top = given.given('max_value') ? ops.minimum(kept, given.number('max_value')) : kept;
    if (slope === 0) return pyTensor(top);
    return pyTensor(ops.subtract(top, ops.multiply(slope, ops.relu(ops.subtract(threshold, x)))));
  }),
  relu6: ofOne((ops, x) => ops.relu6(x), 'x'),
  leaky_relu: allow('x negative_slope', given =>
    pyTensor(given.ops.leakyRelu(given.tensor('x'), { negativeSlope: given.number('negative_slope', 0.2) })),
  ),
  elu: allow('x alpha', given => pyTensor(given.ops.elu(given.tensor('x'), { alpha: given.number('alpha', 1) }))),
  selu: ofOne((ops, x) => ops.selu(x), 'x'),
  softplus: ofOne((ops, x) => ops.softplus(x), 'x'),
  softsign: ofOne((ops, x) => ops.softsign(x), 'x'),
  tanh: ofOne((ops, x) => ops.tanh(x), 'x'),
  sigmoid: ofOne((ops, x) => ops.sigmoid(x), 'x'),
  // Keras 3 has slope 1/6, all before it 0.2.
  hard_sigmoid: allow('x', given => {
    const alpha = given.era.line === 'keras3' ? 1 / 6 : 0.2;
    return pyTensor(given.ops.hardSigmoid(given.tensor('x'), { alpha, beta: 0.5 }));
  }),
  exponential: ofOne((ops, x) => ops.exp(x), 'x'),
  softmax: allow('x axis', given => pyTensor(given.ops.softmax(given.tensor('x'), { axis: given.int('axis', -1) }))),
  log_softmax: allow('x axis', given =>
    pyTensor(given.ops.logSoftmax(given.tensor('x'), { axis: given.int('axis', -1) })),
  ),
  gelu: allow('x approximate', given =>
    pyTensor(given.ops.gelu(given.tensor('x'), { approximate: given.flag('approximate') })),
  ),
  'swish silu': ofOne((ops, x) => ops.silu(x), 'x'),
  mish: ofOne((ops, x) => ops.mish(x), 'x'),
  'hard_swish hard_silu': ofOne((ops, x) => ops.hardSilu(x), 'x'),
  hard_tanh: ofOne((ops, x) => ops.hardTanh(x), 'x'),
  celu: allow('x alpha', given => pyTensor(given.ops.celu(given.tensor('x'), { alpha: given.number('alpha', 1) }))),
  glu: allow('x axis', given => pyTensor(given.ops.glu(given.tensor('x'), { axis: given.int('axis', -1) }))),
  log_sigmoid: ofOne((ops, x) => ops.logSigmoid(x), 'x'),
});
