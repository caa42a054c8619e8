/** ParametricSoftplus and SReLU of Keras 1: activations with weights (keras/layers/advanced_activations.py of 1.2.2). */

import type { Shape } from '../../numbers/tensor.ts';
import { defineLayer } from '../define.ts';
import { json } from '../fields.ts';

/** The shape of one weight: the input's without the batch axis, 1 along shared axes (counted from 1). */
function weightShape(input: Shape, shared: unknown): Shape {
  const axes = (Array.isArray(shared) ? shared : [shared]).filter(axis => typeof axis === 'number');
  return input.slice(1).map((size, at) => (axes.includes(at + 1) ? 1 : size));
}

const parametricSoftplus = defineLayer({
  name: 'ParametricSoftplus',
  config: { sharedAxes: json() },
  weights: ({ sharedAxes }, [x]) => ({ alphas: weightShape(x!, sharedAxes), betas: weightShape(x!, sharedAxes) }),
  outputShape: (_config, [x]) => x!,
  mask: 'pass',
  call: (_config, { alphas, betas }, [x], ops) => ops.multiply(alphas!, ops.softplus(ops.multiply(betas!, x!))),
});

/** Three straight lines; the right threshold lies |tRight| to the right of the left one. */
const sRelu = defineLayer({
  name: 'SReLU',
  config: { sharedAxes: json() },
  weights: ({ sharedAxes }, [x]) => {
    const shape = weightShape(x!, sharedAxes);
    return { tLeft: shape, aLeft: shape, tRight: shape, aRight: shape };
  },
  outputShape: (_config, [x]) => x!,
  mask: 'pass',
  call: (_config, { tLeft, aLeft, tRight, aRight }, [x], ops) => {
    const right = ops.add(tLeft!, ops.abs(tRight!));
    const line = (threshold: typeof right, slope: typeof right) =>
      ops.add(threshold, ops.multiply(slope, ops.subtract(x!, threshold)));
    const upper = ops.where(ops.greaterEqual(x!, right), line(right, aRight!), x!);
    return ops.where(ops.lessEqual(x!, tLeft!), line(tLeft!, aLeft!), upper);
  },
});

export default [parametricSoftplus, sRelu];
