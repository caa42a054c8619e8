/**
 * Theano convolves, TensorFlow and all others correlate: the same kernel has every spatial axis the other way round
 * (convert_kernel in keras/utils/conv_utils.py; who needs it: keras/engine/topology.py, `uses_correlation`).
 */

import { reversed } from './derived.ts';
import { type LayoutStep, spatialRank } from './types.ts';

export const theanoFlip: LayoutStep = {
  name: 'theano-flip',
  apply(weights, target, era) {
    // The cell of a ConvLSTM tells its rank by its kernel: (sizes, in, out).
    const inCell = target.className === 'ConvLSTMCell' ? (weights.kernel?.shape.length ?? 2) - 2 : 0;
    const rank = spatialRank(target.className) || inCell;
    if (era.backend !== 'theano' || rank === 0) return null;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    const changed = Object.entries(weights).map(([variable, tensor]) => {
      const flips = variable.endsWith('kernel') && axes.some(axis => (tensor.shape[axis] ?? 1) > 1);
      return [
        variable,
        flips ? reversed(tensor, axes, "kernel turned round: Theano's convolution to correlation") : tensor,
      ] as const;
    });
    return Object.fromEntries(changed);
  },
};
