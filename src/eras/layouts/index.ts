/** All steps that bring stored weights to today's layout, in the order in which they apply. */

import type { TensorRef } from '../../model/types.ts';
import type { Era } from '../era.ts';
import { cudnn } from './cudnn.ts';
import { keras1Kernels } from './keras1-kernels.ts';
import { theanoFlip } from './theano-flip.ts';
import type { LayerWeights, LayoutStep, LayoutTarget } from './types.ts';

export { joinGates } from './keras1-gates.ts';
export type { LayerWeights, LayoutTarget } from './types.ts';

const steps: readonly LayoutStep[] = [keras1Kernels, theanoFlip, cudnn];

/** The weights of one layer in today's layout. What changed says so in each tensor's `conversions`. */
export function todaysLayout(weights: LayerWeights, target: LayoutTarget, era: Era): LayerWeights {
  return steps.reduce((current, step) => step.apply(current, target, era) ?? current, weights);
}

/** Whether a stored tensor may be that variable, before or after a step: the same count of elements, or CuDNN's biases. */
export function mayBecome(tensor: TensorRef, variable: string, shape: readonly number[] | null): boolean {
  if (shape === null) return true;
  const stored = count(tensor.shape);
  const needed = count(shape);
  return stored === needed || (variable === 'bias' && stored === 2 * needed);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
