/** Operations that change the shape of a tensor, or ask for it, and leave its numbers alone. */

import type { DType } from '../numbers/dtype.ts';
import { type Dim, isStatic, type Shape } from '../numbers/tensor.ts';
import { castTensor, commonDtype, toTensor } from './convert.ts';
import { record, recordAll, refined, refuse, shapeText } from './record.ts';
import { broadcastShapes, isSizeOf, normalizeAxes, normalizeAxis, product, splitSizes } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

/** Sizes of the axes: numbers where they are known, scalar int32 tensors where they are known only when the model runs. */
export function shape(x: TensorLike): readonly SizeLike[] {
  const given = toTensor(x);
  return given.shape.map((size, axis) => size ?? record('dim', [given], { axis }, { shape: [], dtype: 'int32' }));
}

/** Number of axes. */
export function ndim(x: TensorLike): number {
  return toTensor(x).shape.length;
}

/** Number of elements. */
export function size(x: TensorLike): SizeLike {
  const given = toTensor(x);
  const count = product(given.shape);
  return count ?? record('size', [given], {}, { shape: [], dtype: 'int32' });
}

/** dtype of a tensor. */
export function dtype(x: TensorLike): DType {
  return toTensor(x).dtype;
}

/** Same elements in row-major order under another shape; one size may be -1 and is then found. */
export function reshape(x: TensorLike, newshape: SizeLike | readonly SizeLike[]): SymbolicTensor {
  const given = toTensor(x);
  const sizes = typeof newshape === 'object' && !('node' in newshape) ? newshape : [newshape];
  const { known, dynamic } = splitSizes(sizes);
  if (known.filter(size => size === -1).length > 1) refuse('reshape', `more than one -1 in ${shapeText(known)}`);
  const found = inferReshape(given, sizes, known);
  if (isStatic(found)) return record('reshape', [given], { shape: found }, { shape: found, dtype: given.dtype });
  return record('reshape', [given, ...dynamic], { shape: known }, { shape: found, dtype: given.dtype });
}

/** The sizes that a reshape must come to, as far as they can be told. */
function inferReshape(x: SymbolicTensor, sizes: readonly SizeLike[], known: Shape): Shape {
  // A size that is an unknown size of x takes that axis out of the account on both sides.
  const left = [...x.shape];
  const settled = sizes.map((size, position) => {
    const axis = left.findIndex((dim, at) => dim === null && isSizeOf(size, x, at));
    if (axis < 0) return known[position]!;
    left[axis] = 1;
    return 'x' as const;
  });
  const open = settled.filter(size => size === -1 || size === null).length;
  const total = product(left);
  const rest = product(settled.filter(size => typeof size === 'number' && size !== -1) as number[])!;
  if (total !== null && (open === 0 ? total !== rest : rest === 0 ? total !== 0 : total % rest !== 0)) {
    refuse('reshape', `${shapeText(x.shape)} does not fit into ${shapeText(known)}`);
  }
  return settled.map<Dim>(size => {
    if (size === 'x') return null;
    if (size !== -1 && size !== null) return size;
    return open === 1 && total !== null && rest !== 0 ? total / rest : null;
  });
}

/** All elements on one axis. */
export function ravel(x: TensorLike): SymbolicTensor {
  return reshape(x, [-1]);
}

/** Axes in another order; without `axes`, reversed. */
export function transpose(x: TensorLike, { axes = null }: { axes?: readonly number[] | null } = {}): SymbolicTensor {
  const given = toTensor(x);
  const rank = given.shape.length;
  const order = (axes ?? given.shape.map((_, axis) => rank - 1 - axis)).map(axis =>
    normalizeAxis('transpose', axis, rank),
  );
  if (new Set(order).size !== rank || order.length !== rank) {
    refuse('transpose', `axes ${order.join(', ')} are not an order of ${rank} axes`);
  }
  if (order.every((axis, at) => axis === at)) return given;
  return record(
    'transpose',
    [given],
    { axes: order },
    { shape: order.map(axis => given.shape[axis]!), dtype: given.dtype },
  );
}

/** Two axes exchanged. */
export function swapaxes(x: TensorLike, axis1: number, axis2: number): SymbolicTensor {
  const given = toTensor(x);
  const order = given.shape.map((_, axis) => axis);
  const [first, second] = [axis1, axis2].map(axis => normalizeAxis('swapaxes', axis, order.length)) as [number, number];
  order[first] = second;
  order[second] = first;
  return transpose(given, { axes: order });
}

/** Axes moved from `source` to `destination`; the others keep their order. */
export function moveaxis(
  x: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): SymbolicTensor {
  const given = toTensor(x);
  const rank = given.shape.length;
  const [from, to] = [source, destination].map(axes =>
    [axes].flat().map(axis => normalizeAxis('moveaxis', axis as number, rank)),
  ) as [number[], number[]];
  const rest = given.shape.map((_, axis) => axis).filter(axis => !from.includes(axis));
  const order = given.shape.map((_, at) => (to.includes(at) ? from[to.indexOf(at)]! : rest.shift()!));
  return transpose(given, { axes: order });
}

/** New axes of size 1, at these places of the result. */
export function expandDims(x: TensorLike, axis: number | readonly number[]): SymbolicTensor {
  const given = toTensor(x);
  const added = [axis].flat() as number[];
  const rank = given.shape.length + added.length;
  const axes = normalizeAxes('expandDims', added, rank);
  const old = [...given.shape];
  const found = Array.from({ length: rank }, (_, at) => (axes.includes(at) ? 1 : old.shift()!));
  return record('expandDims', [given], { axes }, { shape: found, dtype: given.dtype });
}

/** Axes of size 1 removed; without `axis`, all that are known to be 1. */
export function squeeze(
  x: TensorLike,
  { axis = null }: { axis?: number | readonly number[] | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const ones = given.shape.flatMap((size, at) => (size === 1 ? [at] : []));
  const axes = axis === null ? ones : normalizeAxes('squeeze', axis, given.shape.length);
  const wide = axes.find(at => given.shape[at] !== 1 && given.shape[at] !== null);
  if (wide !== undefined) refuse('squeeze', `axis ${wide} has size ${given.shape[wide]}, not 1`);
  if (axes.length === 0) return given;
  return record(
    'squeeze',
    [given],
    { axes },
    { shape: given.shape.filter((_, at) => !axes.includes(at)), dtype: given.dtype },
  );
}

/** Repeats along axes of size 1 until the shape is `shape`. */
export function broadcastTo(x: TensorLike, shape: readonly SizeLike[]): SymbolicTensor {
  const given = toTensor(x);
  const { known, dynamic } = splitSizes(shape);
  const found = broadcastShapes('broadcastTo', given.shape, known);
  if (
    isStatic(given.shape) &&
    isStatic(known) &&
    given.shape.length === known.length &&
    given.shape.every((size, at) => size === known[at])
  )
    return given;
  return record('broadcastTo', [given, ...dynamic], { shape: known }, { shape: found, dtype: given.dtype });
}

/** The tensor repeated `repeats` times along each axis. */
export function tile(x: TensorLike, repeats: SizeLike | readonly SizeLike[]): SymbolicTensor {
  let given = toTensor(x);
  let counts = (Array.isArray(repeats) ? repeats : [repeats]) as readonly SizeLike[];
  const missing = counts.length - given.shape.length;
  if (missing > 0)
    given = expandDims(
      given,
      Array.from({ length: missing }, (_, axis) => axis),
    );
  if (missing < 0) counts = [...new Array<number>(-missing).fill(1), ...counts];
  const { known, dynamic } = splitSizes(counts);
  if (known.every(count => count === 1)) return given;
  const found = given.shape.map((size, axis) => product([size, known[axis]!]));
  return record('tile', [given, ...dynamic], { repeats: known }, { shape: found, dtype: given.dtype });
}

/** Each element (or slice along `axis`) repeated, in place. */
export function repeat(
  x: TensorLike,
  repeats: SizeLike,
  { axis = null }: { axis?: number | null } = {},
): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const along = axis === null ? 0 : normalizeAxis('repeat', axis, given.shape.length);
  const counts = [...given.shape.map(() => 1 as SizeLike), 1];
  counts[along + 1] = repeats;
  const repeated = tile(expandDims(given, along + 1), counts);
  const sizes = shape(given);
  const target = sizes.map((size, at) => (at === along ? -1 : size));
  const settled = product([given.shape[along]!, typeof repeats === 'number' ? repeats : null]);
  return refined(
    reshape(repeated, target),
    given.shape.map((size, at) => (at === along ? settled : size)),
  );
}

/** Tensors one after another along `axis`, in their common dtype. */
export function concatenate(xs: readonly TensorLike[], { axis = 0 }: { axis?: number } = {}): SymbolicTensor {
  if (xs.length === 0) refuse('concatenate', 'there is nothing to put together');
  const dtype = commonDtype('concatenate', ...xs);
  const tensors = xs.map(x => toTensor(x, dtype));
  const first = tensors[0]!;
  const along = normalizeAxis('concatenate', axis, first.shape.length);
  if (tensors.length === 1) return first;
  const found = first.shape.map((_, at) => {
    const sizes = tensors.map(tensor => tensor.shape[at] ?? null);
    if (at === along) return sizes.includes(null) ? null : sizes.reduce<number>((total, size) => total + size!, 0);
    const known = [...new Set(sizes.filter(size => size !== null))];
    if (known.length > 1)
      refuse(
        'concatenate',
        `shapes ${tensors.map(tensor => shapeText(tensor.shape)).join(', ')} differ beside axis ${along}`,
      );
    return known[0] ?? null;
  });
  if (tensors.some(tensor => tensor.shape.length !== first.shape.length)) {
    refuse('concatenate', `tensors of different ranks: ${tensors.map(tensor => shapeText(tensor.shape)).join(', ')}`);
  }
  return record('concatenate', tensors, { axis: along }, { shape: found, dtype });
}

/** Tensors of one shape along a new axis. */
export function stack(xs: readonly TensorLike[], { axis = 0 }: { axis?: number } = {}): SymbolicTensor {
  const dtype = commonDtype('stack', ...xs);
  return concatenate(
    xs.map(x => expandDims(toTensor(x, dtype), axis)),
    { axis },
  );
}

/** Parts along `axis`: that many equal ones, or cut before the given indices. */
export function split(
  x: TensorLike,
  indicesOrSections: number | readonly number[],
  { axis = 0 }: { axis?: number } = {},
): readonly SymbolicTensor[] {
  const given = toTensor(x);
  const along = normalizeAxis('split', axis, given.shape.length);
  const total = given.shape[along]!;
  if (total === null) return splitUnknown(given, indicesOrSections, along);
  let sizes: number[];
  if (typeof indicesOrSections === 'number') {
    if (total % indicesOrSections !== 0) refuse('split', `size ${total} does not divide into ${indicesOrSections}`);
    sizes = new Array<number>(indicesOrSections).fill(total / indicesOrSections);
  } else {
    const cuts = [0, ...indicesOrSections.map(cut => Math.min(cut < 0 ? cut + total : cut, total)), total];
    sizes = cuts.slice(1).map((cut, at) => Math.max(cut - cuts[at]!, 0));
  }
  const part = (size: Dim) => ({
    shape: given.shape.map((old, at) => (at === along ? size : old)),
    dtype: given.dtype,
  });
  if (sizes.length === 1) return [given];
  return recordAll('split', [given], { axis: along, sizes }, sizes.map(part));
}

function splitUnknown(x: SymbolicTensor, parts: number | readonly number[], axis: number): readonly SymbolicTensor[] {
  if (typeof parts !== 'number')
    return refuse('split', `axis ${axis} has a size that is known only when the model runs`);
  const spec = { shape: x.shape, dtype: x.dtype };
  return recordAll('split', [x], { axis, sections: parts }, new Array(parts).fill(spec));
}

/** The tensors along `axis`, that axis removed. */
export function unstack(
  x: TensorLike,
  { num = null, axis = 0 }: { num?: number | null; axis?: number } = {},
): readonly SymbolicTensor[] {
  const given = toTensor(x);
  const along = normalizeAxis('unstack', axis, given.shape.length);
  const count = num ?? given.shape[along] ?? refuse('unstack', `the size of axis ${axis} is not known`);
  return split(given, count, { axis: along }).map(part => squeeze(part, { axis: along }));
}

/** A tensor full of `value`. */
export function full(
  shape: SizeLike | readonly SizeLike[],
  fillValue: TensorLike,
  { dtype = null }: { dtype?: DType | null } = {},
): SymbolicTensor {
  const value = toTensor(fillValue, dtype ?? (typeof fillValue === 'number' ? 'float32' : undefined));
  return broadcastTo(value, (Array.isArray(shape) ? shape : [shape]) as readonly SizeLike[]);
}

export function zeros(
  shape: SizeLike | readonly SizeLike[],
  { dtype = 'float32' }: { dtype?: DType | null } = {},
): SymbolicTensor {
  return full(shape, 0, { dtype: dtype ?? 'float32' });
}

export function ones(
  shape: SizeLike | readonly SizeLike[],
  { dtype = 'float32' }: { dtype?: DType | null } = {},
): SymbolicTensor {
  return full(shape, 1, { dtype: dtype ?? 'float32' });
}

/** A tensor of the shape of `x`, full of `fillValue`. */
export function fullLike(
  x: TensorLike,
  fillValue: TensorLike,
  { dtype = null }: { dtype?: DType | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  return broadcastTo(castTensor(toTensor(fillValue, dtype ?? given.dtype), dtype ?? given.dtype), shape(given));
}

export function zerosLike(x: TensorLike, options: { dtype?: DType | null } = {}): SymbolicTensor {
  return fullLike(x, 0, options);
}

export function onesLike(x: TensorLike, options: { dtype?: DType | null } = {}): SymbolicTensor {
  return fullLike(x, 1, options);
}

/** Tensors whose numbers do not matter: zeros. */
export const empty = zeros;
export const emptyLike = zerosLike;
