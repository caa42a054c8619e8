/** Zeros around tensors, by its one layer for that: ZeroPadding2D over two axes at a time. */

import { type Builder, type Made, reshape, sizesOf, unsayable } from './graph.ts';

/** `borders` are for the axes before the last, which holds channels. */
export function zeroBorders(graph: Builder, x: Made, borders: readonly (readonly [number, number])[]): Made {
  if (borders.every(([before, after]) => before === 0 && after === 0)) return x;
  if (borders.length === 1) return single(graph, x, borders[0] as readonly [number, number]);
  if (borders.length === 2) return pair(graph, x, borders);
  return triple(graph, x, borders);
}

function pair(graph: Builder, x: Made, borders: readonly (readonly [number, number])[]): Made {
  const sample = x.sample.map((size, axis) => {
    const [before, after] = borders[axis] ?? [0, 0];
    return size === null ? null : size + before + after;
  });
  const padding = borders.map(([before, after]) => [before, after]);
  return graph.add('ZeroPadding2D', { padding, data_format: 'channels_last' }, [x], sample);
}

function single(graph: Builder, x: Made, border: readonly [number, number]): Made {
  const [steps, channels] = x.sample as [number | null, number];
  const wide = pair(graph, reshape(graph, x, [steps, 1, channels]), [border, [0, 0]]);
  return reshape(graph, wide, [wide.sample[0] ?? null, channels]);
}

/** The last of three by itself, with the first two folded into one. */
function triple(graph: Builder, x: Made, borders: readonly (readonly [number, number])[]): Made {
  if (borders.length !== 3) return unsayable('borders of more than three axes');
  const [depth, height, width, channels] = sizesOf(x) as [number, number, number, number];
  const lastOne = pair(graph, reshape(graph, x, [depth * height, width, channels]), [
    [0, 0],
    borders[2] as readonly [number, number],
  ]);
  const wide = lastOne.sample[1] as number;
  const firstTwo = pair(graph, reshape(graph, lastOne, [depth, height, wide * channels]), borders.slice(0, 2));
  const [deep, high] = firstTwo.sample as [number, number];
  return reshape(graph, firstTwo, [deep, high, wide, channels]);
}
