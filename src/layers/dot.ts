/**
 * Dot: products of two inputs summed over one axis of each, sample by sample. The other axes of the first come before
 * those of the second; two vectors give (batch, 1).
 */

import type { Shape } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { axes, bool } from './fields.ts';

/** The axis of each input, counted from the front with the batch axis. */
function axesOf(axes: readonly number[], shapes: readonly Shape[]): readonly [number, number] {
  const both = axes.length === 1 ? [axes[0]!, axes[0]!] : axes;
  const [left, right] = both.map((axis, index) => (axis < 0 ? axis + shapes[index]!.length : axis));
  return [left!, right!];
}

export default defineLayer({
  name: 'Dot',
  config: { axes: axes(), normalize: bool(false) },
  outputShape: ({ axes }, [x, y]) => {
    const [left, right] = axesOf(axes, [x!, y!]);
    const rest = [...x!.filter((_, axis) => axis !== left), ...y!.filter((_, axis) => axis !== right && axis !== 0)];
    return rest.length === 1 ? [...rest, 1] : rest;
  },
  call: ({ axes, normalize }, _weights, [x, y], ops) => {
    const [left, right] = axesOf(axes, [x!.shape, y!.shape]);
    const unit = (tensor: typeof x, axis: number) =>
      normalize ? ops.normalize(tensor!, { axis, epsilon: 1e-6 }) : tensor!;
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const first = x!.shape.map((_, axis) => (axis === 0 ? 'z' : axis === left ? 'y' : letters[axis]!));
    const second = y!.shape.map((_, axis) => (axis === 0 ? 'z' : axis === right ? 'y' : letters[axis + first.length]!));
    const rest = [
      ...first.filter(letter => letter !== 'y'),
      ...second.filter(letter => letter !== 'y' && letter !== 'z'),
    ];
    const equation = `${first.join('')},${second.join('')}->${rest.join('')}`;
    const product = ops.einsum(equation, unit(x, left), unit(y, right));
    return rest.length === 1 ? ops.expandDims(product, 1) : product;
  },
});
