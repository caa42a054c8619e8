/** Which activations the fused recurrent operations know: found by what an activation records, not by what it is called. */

import { record } from '../../ops/record.ts';
import type { GateActivation } from '../../ops/recurrent.ts';
import type { ActivationFunction } from '../fields.ts';

const plain = ['tanh', 'sigmoid', 'relu', 'softsign', 'softplus'] as const;

/** The activation as fused operations take it, or null where it is none of theirs. */
export function gateActivation(activation: ActivationFunction): GateActivation | null {
  const x = record('parameter', [], {}, { shape: [null, 1], dtype: 'float32' });
  const y = activation(x);
  if (y === x) return { name: 'linear' };
  const { op, inputs, attributes } = y.node;
  if (inputs.length !== 1 || inputs[0] !== x) return null;
  const simple = plain.find(name => name === op);
  if (simple) return { name: simple };
  const alpha = attributes.alpha as number;
  if (op === 'hardSigmoid') return { name: op, alpha, beta: attributes.beta as number };
  return op === 'elu' || op === 'leakyRelu' ? { name: op, alpha } : null;
}
