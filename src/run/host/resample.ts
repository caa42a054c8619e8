/** Host kernel of resampling: axis after axis, which comes to the same. */

import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Shape } from '../../numbers/tensor.ts';
import { type Kernel, type Kernels, result, settleSizes } from './kernel.ts';

interface Resampling {
  readonly sizes: Shape;
  readonly mode: 'nearest' | 'linear';
  readonly place: 'middle' | 'corner';
  readonly channelsFirst: boolean;
}

/** The two cells that make each output cell, and the share of the second. */
function cellsOf(from: number, to: number, { mode, place }: Resampling): (readonly [number, number, number])[] {
  const within = (cell: number) => Math.min(Math.max(cell, 0), from - 1);
  return Array.from({ length: to }, (_, cell) => {
    const at = place === 'middle' ? ((cell + 0.5) * from) / to - 0.5 : (cell * from) / to;
    if (mode === 'nearest') {
      const nearest = within(Math.floor(place === 'middle' ? at + 0.5 : at));
      return [nearest, nearest, 0] as const;
    }
    const low = Math.floor(at);
    return [within(low), within(low + 1), at - low] as const;
  });
}

const resample: Kernel = (node, [x, ...dynamic]) => {
  const resampling = node.attributes as unknown as Resampling;
  const first = resampling.channelsFirst ? 2 : 1;
  const sizes = settleSizes(resampling.sizes, dynamic).slice(first, first + x!.shape.length - 2);
  let shape = [...x!.shape];
  let values = Float64Array.from(unpackNumbers(x!));
  sizes.forEach((to, index) => {
    const axis = first + index;
    const cells = cellsOf(shape[axis]!, to, resampling);
    values = alongAxis(values, shape, axis, cells);
    shape = shape.map((size, at) => (at === axis ? to : size));
  });
  return [result(node, shape, values)];
};

function alongAxis(
  values: Float64Array,
  shape: readonly number[],
  axis: number,
  cells: readonly (readonly [number, number, number])[],
): Float64Array<ArrayBuffer> {
  const [outer, inner] = [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis + 1))];
  const made = new Float64Array(outer * cells.length * inner);
  for (let row = 0; row < outer; row += 1) {
    cells.forEach(([low, high, share], cell) => {
      const [left, right] = [low, high].map(at => (row * shape[axis]! + at) * inner) as [number, number];
      const to = (row * cells.length + cell) * inner;
      for (let at = 0; at < inner; at += 1) {
        const value = values[left + at]!;
        made[to + at] = share === 0 ? value : value + (values[right + at]! - value) * share;
      }
    });
  }
  return made;
}

export const resampleKernels: Kernels = { resample };
