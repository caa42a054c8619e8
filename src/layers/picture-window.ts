/** Windows in pictures: the largest with a target's proportions, crops and borders around the middle. */

import type { Ops } from '../ops/index.ts';
import type { SizeLike, SymbolicTensor } from '../ops/types.ts';

/** Rows and columns. */
export type Extent = readonly [SizeLike, SizeLike];

/** Sizes of the spatial axes. */
export function extentOf(x: SymbolicTensor, channelsFirst: boolean, ops: Ops): Extent {
  const sizes = ops.shape(x);
  return channelsFirst ? [sizes.at(-2)!, sizes.at(-1)!] : [sizes.at(-3)!, sizes.at(-2)!];
}

/** `length · over / under`, cut to a whole number as Keras cuts it. */
function scaled(length: SizeLike, over: number, under: number, ops: Ops): SizeLike {
  if (typeof length === 'number') return Math.trunc((length * over) / under);
  return ops.cast(ops.divide(ops.cast(ops.multiply(length, over), 'float32'), under), 'int32');
}

const smaller = (left: SizeLike, right: SizeLike, ops: Ops): SizeLike =>
  typeof left === 'number' && typeof right === 'number' ? Math.min(left, right) : ops.minimum(left, right);

const larger = (left: SizeLike, right: SizeLike, ops: Ops): SizeLike =>
  typeof left === 'number' && typeof right === 'number' ? Math.max(left, right) : ops.maximum(left, right);

/** The largest window inside with the proportions of `target`; at least one cell each way. */
export function inscribed([rows, columns]: Extent, [height, width]: readonly [number, number], ops: Ops): Extent {
  const tall = larger(smaller(rows, scaled(columns, height, width, ops), ops), 1, ops);
  const wide = larger(smaller(columns, scaled(rows, width, height, ops), ops), 1, ops);
  return [tall, wide];
}

/** The smallest window around with the proportions of `target`. */
export function circumscribed([rows, columns]: Extent, [height, width]: readonly [number, number], ops: Ops): Extent {
  return [
    larger(rows, scaled(columns, height, width, ops), ops),
    larger(columns, scaled(rows, width, height, ops), ops),
  ];
}

/** Half of what one size exceeds the other by, rounded down. */
export function margin(outer: SizeLike, inner: SizeLike, ops: Ops): SizeLike {
  if (typeof outer === 'number' && typeof inner === 'number') return Math.floor((outer - inner) / 2);
  return ops.floorDivide(ops.subtract(outer, inner), 2);
}

/** The window of the given extent around the middle. */
export function cropMiddle(x: SymbolicTensor, extent: Extent, channelsFirst: boolean, ops: Ops): SymbolicTensor {
  const whole = extentOf(x, channelsFirst, ops);
  const starts = extent.map((size, axis) => margin(whole[axis]!, size, ops));
  const stops = extent.map((size, axis) => {
    const start = starts[axis]!;
    return typeof start === 'number' && typeof size === 'number' ? start + size : ops.add(start, size);
  });
  const first = channelsFirst ? 2 : 1;
  return ops.stridedSlice(x, { axes: [first, first + 1], starts, stops, steps: [1, 1] });
}
