/** Rules of shapes that many operations share: axes, broadcasting, sizes that may be known only when the model runs. */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { refuse, shapeText } from './record.ts';
import type { SizeLike, SymbolicTensor } from './types.ts';

/** An axis counted from the front. Throws where there is no such axis. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || counted < 0 || counted >= rank) {
    refuse(op, `axis ${axis} does not exist in a tensor of ${rank} axes`);
  }
  return counted;
}

/** Axes counted from the front, ascending, each once; null means all. */
export function normalizeAxes(op: string, axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === 'number' ? [axes] : axes;
  return [...new Set(list.map(axis => normalizeAxis(op, axis, rank)))].sort((a, b) => a - b);
}

/** NumPy's broadcasting; an unknown size gives way to a known one other than 1. */
export function broadcastShapes(op: string, ...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(shape => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map<Dim>(shape => (axis < rank - shape.length ? 1 : shape[axis - (rank - shape.length)]!));
    return sizes.reduce((left, right) => broadcastSize(left, right, () => mismatch(op, shapes)));
  });
}

function broadcastSize(left: Dim, right: Dim, fail: () => never): Dim {
  if (left === right || right === 1) return left;
  if (left === 1) return right;
  if (left === null) return right;
  return right === null ? left : fail();
}

function mismatch(op: string, shapes: readonly Shape[]): never {
  return refuse(op, `shapes ${shapes.map(shapeText).join(' and ')} do not broadcast together`);
}

/** Product of sizes, or null where one is unknown (and none is 0). */
export function product(sizes: Shape): Dim {
  if (sizes.includes(0)) return 0;
  return sizes.reduce<Dim>((left, right) => (left === null || right === null ? null : left * right), 1);
}

/** Sizes split into those known now and the scalar tensors that tell the others (`null` in `known`) in order. */
export interface SplitSizes {
  readonly known: readonly Dim[];
  readonly dynamic: readonly SymbolicTensor[];
}

/** Sorts sizes; constants among the tensors become numbers. */
export function splitSizes(sizes: readonly SizeLike[]): SplitSizes {
  const settled = sizes.map(size => knownSize(size) ?? size);
  return {
    known: settled.map(size => (typeof size === 'number' ? size : null)),
    dynamic: settled.filter(size => typeof size !== 'number'),
  };
}

/** The number behind a size, where it is one already. */
export function knownSize(size: SizeLike): number | null {
  if (typeof size === 'number') return size;
  if (size.node.op !== 'constant') return null;
  const value = size.node.attributes.value as { data: ArrayLike<number | bigint> };
  return value.data.length === 1 ? Number(value.data[0]) : null;
}

/** True where `size` is what `shape(x)[axis]` gave. */
export function isSizeOf(size: SizeLike, x: SymbolicTensor, axis: number): boolean {
  if (typeof size === 'number' || size.node.op !== 'dim') return false;
  const { node } = size;
  return node.inputs[0]!.node === x.node && node.inputs[0]!.index === x.index && node.attributes.axis === axis;
}
