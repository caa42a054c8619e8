/** Taking parts of tensors and putting parts into them. */

import type { DType } from '../numbers/dtype.ts';
import type { Dim } from '../numbers/tensor.ts';
import { add, less, multiply, where } from './binary.ts';
import { castTensor, commonDtype, isSymbolic, toTensor } from './convert.ts';
import { record, refined, refuse } from './record.ts';
import { concatenate, expandDims, ravel, reshape, shape, squeeze } from './shape.ts';
import { normalizeAxes, normalizeAxis, splitSizes } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

/** Python's `start:stop:step`, null for what is left out. */
export interface SliceKey {
  readonly start?: SizeLike | null;
  readonly stop?: SizeLike | null;
  readonly step?: number | null;
}

/** One part of what stands between the brackets of `x[...]`. `'...'` is the ellipsis, null a new axis. */
export type IndexKey = number | SliceKey | null | '...' | SymbolicTensor;

/** Largest whole number that fits all runtimes' index arithmetic; stands for "to the end". */
const END = 2147483647;

/** Part of `x` along `axes`, as Python slices: negative bounds count from the end, what lies outside is cut off. */
export function stridedSlice(
  x: TensorLike,
  {
    axes,
    starts,
    stops,
    steps,
  }: {
    axes: readonly number[];
    starts: readonly (SizeLike | null)[];
    stops: readonly (SizeLike | null)[];
    steps?: readonly number[];
  },
): SymbolicTensor {
  const given = toTensor(x);
  const along = axes.map(axis => normalizeAxis('slice', axis, given.shape.length));
  const strides = axes.map((_, at) => steps?.[at] ?? 1);
  if (strides.includes(0)) refuse('slice', 'a step of 0');
  const begin = splitSizes(starts.map((start, at) => start ?? (strides[at]! > 0 ? 0 : END)));
  const end = splitSizes(stops.map((stop, at) => stop ?? (strides[at]! > 0 ? END : -END - 1)));
  const found = [...given.shape];
  along.forEach((axis, at) => {
    found[axis] = slicedSize(given.shape[axis]!, begin.known[at]!, end.known[at]!, strides[at]!);
  });
  const whole = along.every(
    (axis, at) =>
      strides[at] === 1 &&
      begin.known[at] === 0 &&
      (end.known[at] === END || (found[axis] !== null && found[axis] === given.shape[axis])),
  );
  if (whole) return given;
  const attributes = { axes: along, starts: begin.known, ends: end.known, steps: strides };
  return record('slice', [given, ...begin.dynamic, ...end.dynamic], attributes, { shape: found, dtype: given.dtype });
}

/** How many elements `start:stop:step` takes of `size`; null where that is not known. */
function slicedSize(size: Dim, start: Dim, stop: Dim, step: number): Dim {
  if (start === null || stop === null) return null;
  if (size === null) {
    // Bounds on one side of zero tell the count only if the axis is long enough, which nobody promises; x[:, :1] and x[:, -1:] are the exceptions that matter.
    return null;
  }
  const clamp = (bound: number) => {
    const from = bound < 0 ? bound + size : bound;
    return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
  };
  return Math.max(0, Math.ceil((clamp(stop) - clamp(start)) / step));
}

/** `x[key]` with Python's rules for numbers, slices, the ellipsis, new axes and one tensor of indices. */
export function getItem(x: TensorLike, key: IndexKey | readonly IndexKey[]): SymbolicTensor {
  const given = toTensor(x);
  const keys = expandEllipsis(Array.isArray(key) ? (key as IndexKey[]) : [key as IndexKey], given.shape.length);
  let axis = 0;
  let result = sliceByKeys(given, keys);
  for (const part of keys) {
    if (part === null) result = expandDims(result, axis);
    if (typeof part === 'number') {
      result = squeeze(result, { axis });
      continue;
    }
    if (isSymbolic(part)) {
      result = take(result, part, { axis });
      axis += part.shape.length;
      continue;
    }
    axis += 1;
  }
  return result;
}

function expandEllipsis(keys: readonly IndexKey[], rank: number): Exclude<IndexKey, '...'>[] {
  const taken = keys.filter(key => key !== null && key !== '...').length;
  if (taken > rank) refuse('getItem', `${taken} indices for ${rank} axes`);
  const rest = new Array<SliceKey>(rank - taken).fill({});
  const at = keys.indexOf('...');
  const full = at < 0 ? [...keys, ...rest] : [...keys.slice(0, at), ...rest, ...keys.slice(at + 1)];
  if (full.includes('...')) refuse('getItem', 'more than one ellipsis');
  return full as Exclude<IndexKey, '...'>[];
}

/** Applies slices and numbers (as slices of one) in a single node. */
function sliceByKeys(x: SymbolicTensor, keys: readonly Exclude<IndexKey, '...'>[]): SymbolicTensor {
  const axes: number[] = [];
  const starts: (SizeLike | null)[] = [];
  const stops: (SizeLike | null)[] = [];
  const steps: number[] = [];
  keys
    .filter(key => key !== null)
    .forEach((key, axis) => {
      if (isSymbolic(key)) return;
      const slice: SliceKey = typeof key === 'number' ? { start: key, stop: key === -1 ? null : key + 1 } : key;
      if (slice.start == null && slice.stop == null && (slice.step ?? 1) === 1) return;
      const size = x.shape[axis]!;
      if (typeof key === 'number' && size !== null && (key >= size || key < -size))
        refuse('getItem', `index ${key} is outside of axis ${axis} with size ${size}`);
      axes.push(axis);
      starts.push(slice.start ?? null);
      stops.push(slice.stop ?? null);
      steps.push(slice.step ?? 1);
    });
  const sliced = axes.length === 0 ? x : stridedSlice(x, { axes, starts, stops, steps });
  const ones = keys.filter(key => key !== null).flatMap((key, axis) => (typeof key === 'number' ? [axis] : []));
  return refined(
    sliced,
    sliced.shape.map((_, axis) => (ones.includes(axis) ? 1 : null)),
  );
}

/** The block of the given shape that begins at `startIndices` (numbers, or an integer tensor of one axis). */
export function slice(
  inputs: TensorLike,
  startIndices: readonly SizeLike[] | SymbolicTensor,
  shape: readonly SizeLike[],
): SymbolicTensor {
  const given = toTensor(inputs);
  const starts: SizeLike[] = isSymbolic(startIndices)
    ? given.shape.map((_, axis) =>
        squeeze(stridedSlice(startIndices, { axes: [0], starts: [axis], stops: [axis + 1] }), { axis: 0 }),
      )
    : [...startIndices];
  const stops = starts.map((start, axis) => {
    const size = shape[axis]!;
    if (size === -1) return null;
    return typeof start === 'number' && typeof size === 'number' ? start + size : add(start, size);
  });
  const sliced = stridedSlice(given, { axes: given.shape.map((_, axis) => axis), starts, stops });
  const known = sliced.shape.map(
    (size, axis) => size ?? (typeof shape[axis] === 'number' && shape[axis] !== -1 ? shape[axis] : null),
  );
  return refined(sliced, known);
}

/** Elements in reversed order along `axis` (all axes where null). */
export function flip(
  x: TensorLike,
  { axis = null }: { axis?: number | readonly number[] | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const axes = normalizeAxes('flip', axis, given.shape.length);
  if (axes.length === 0) return given;
  const nothing = axes.map(() => null);
  const steps = axes.map(() => -1);
  return refined(stridedSlice(given, { axes, starts: nothing, stops: nothing, steps }), given.shape);
}

/** Slices of `x` along `axis` at `indices`; negative indices count from the end. Without axis, of the flattened tensor. */
export function take(
  x: TensorLike,
  indices: TensorLike,
  { axis = null }: { axis?: number | null } = {},
): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const at = toTensor(indices);
  const wanted = at.dtype === 'int64' ? at : castTensor(at, 'int32');
  const along = axis === null ? 0 : normalizeAxis('take', axis, given.shape.length);
  const found = [...given.shape.slice(0, along), ...wanted.shape, ...given.shape.slice(along + 1)];
  return record('gather', [given, wanted], { axis: along }, { shape: found, dtype: given.dtype });
}

/** For each position of `indices` (same rank as `x`), the element of `x` that lies there along `axis`. */
export function takeAlongAxis(
  x: TensorLike,
  indices: TensorLike,
  { axis = null }: { axis?: number | null } = {},
): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const at = axis === null ? ravel(indices) : toTensor(indices);
  const along = axis === null ? 0 : normalizeAxis('takeAlongAxis', axis, given.shape.length);
  const wanted = at.dtype === 'int64' ? at : castTensor(at, 'int32');
  const found = wanted.shape.map((size, other) => (other === along || size !== 1 ? size : given.shape[other]!));
  return record('takeAlongAxis', [given, wanted], { axis: along }, { shape: found, dtype: given.dtype });
}

/** Elements (or slices) of `x` at index vectors along the last axis of `indices`. */
export function gatherNd(
  x: TensorLike,
  indices: TensorLike,
  { batchDims = 0 }: { batchDims?: number } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const at = castTensor(toTensor(indices), 'int64');
  const depth = at.shape.at(-1);
  if (depth === null || depth === undefined) refuse('gatherNd', 'the last axis of the indices has no known size');
  const found = [...at.shape.slice(0, -1), ...given.shape.slice(batchDims + depth)];
  return record('gatherNd', [given, at], { batchDims }, { shape: found, dtype: given.dtype });
}

export type ScatterReduction = 'add' | 'max' | 'min' | 'mul' | null;

/** `inputs` with `updates` put (or added …) at the index vectors in `indices`. */
export function scatterUpdate(
  inputs: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { reduction = null }: { reduction?: ScatterReduction } = {},
): SymbolicTensor {
  const given = toTensor(inputs);
  const at = castTensor(toTensor(indices), 'int64');
  return record('scatterNd', [given, at, toTensor(updates, given.dtype)], { reduction }, given);
}

/** Zeros of the given shape with `values` added at the index vectors in `indices`. */
export function scatter(indices: TensorLike, values: TensorLike, shape: readonly SizeLike[]): SymbolicTensor {
  const given = toTensor(values);
  const { known, dynamic } = splitSizes(shape);
  const zero = toTensor(0, given.dtype);
  const empty = record('broadcastTo', [zero, ...dynamic], { shape: known }, { shape: known, dtype: given.dtype });
  return scatterUpdate(empty, indices, given, { reduction: 'add' });
}

/** `inputs` with the block `updates` put at `startIndices`. */
export function sliceUpdate(
  inputs: TensorLike,
  startIndices: readonly number[] | SymbolicTensor,
  updates: TensorLike,
): SymbolicTensor {
  const given = toTensor(inputs);
  const block = toTensor(updates, given.dtype);
  const axes = given.shape.map((_, axis) => axis);
  const starts = isSymbolic(startIndices) ? castTensor(startIndices, 'int64') : toTensor(startIndices, 'int64');
  const sizes = shape(block);
  const grids = axes.map(axis => {
    const from = squeeze(stridedSlice(starts, { axes: [0], starts: [axis], stops: [axis + 1] }), { axis: 0 });
    const line = add(arange(0, { stop: sizes[axis]!, dtype: 'int64' }), from);
    const placed = axes.map(other => (other === axis ? -1 : 1));
    const spread = reshape(line, placed);
    const target = splitSizes(sizes);
    return expandDims(
      record(
        'broadcastTo',
        [spread, ...target.dynamic],
        { shape: target.known },
        { shape: block.shape, dtype: 'int64' },
      ),
      axes.length,
    );
  });
  return scatterUpdate(given, concatenate(grids, { axis: axes.length }), block);
}

/** Numbers from `start` up to (not with) `stop`. With one argument, from 0 to it. */
export function arange(
  start: SizeLike,
  {
    stop = null,
    step = 1,
    dtype = null,
  }: { stop?: SizeLike | null; step?: SizeLike | null; dtype?: DType | null } = {},
): SymbolicTensor {
  const [from, to, by] = stop === null ? [0, start, step ?? 1] : [start, stop, step ?? 1];
  const found = dtype ?? commonDtype('arange', from, to, by);
  const bounds = [from, to, by];
  const count = bounds.every(bound => typeof bound === 'number')
    ? Math.max(0, Math.ceil(((to as number) - (from as number)) / (by as number)))
    : null;
  if (count !== null && count <= 4096) {
    return toTensor(
      Array.from({ length: count }, (_, at) => (from as number) + at * (by as number)),
      found,
    );
  }
  const work: DType =
    found === 'float64' || found === 'int64' || found === 'int32'
      ? found
      : found.startsWith('int') || found.startsWith('uint')
        ? 'int64'
        : 'float32';
  const range = record(
    'arange',
    bounds.map(bound => toTensor(bound, work)),
    {},
    { shape: [count], dtype: work },
  );
  return castTensor(range, found);
}

/** 1 at the class of each element, 0 elsewhere, along a new axis; classes outside of the range give zeros. */
export function oneHot(
  x: TensorLike,
  numClasses: number,
  { axis = -1, dtype = 'float32' }: { axis?: number; dtype?: DType | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const whole = given.dtype === 'int64' ? given : castTensor(given, 'int32');
  const rank = given.shape.length + 1;
  const at = normalizeAxis('oneHot', axis, rank);
  const classes = reshape(
    arange(0, { stop: numClasses, dtype: whole.dtype }),
    Array.from({ length: rank }, (_, other) => (other === at ? numClasses : 1)),
  );
  const wide = expandDims(whole, at);
  const matches = record(
    'equal',
    [wide, classes],
    {},
    {
      shape: wide.shape.map((size, other) => (other === at ? numClasses : size)),
      dtype: 'bool',
    },
  );
  return castTensor(matches, dtype ?? 'float32');
}

/** The same element again for a negative index counted from the end. */
export function wrapIndices(indices: SymbolicTensor, size: SizeLike): SymbolicTensor {
  return where(less(indices, 0), add(indices, size), indices);
}

/** Flat positions of index tensors into a tensor of the given shape (row-major). */
export function ravelIndices(indices: readonly TensorLike[], sizes: readonly SizeLike[]): SymbolicTensor {
  return indices
    .slice(1)
    .reduce<SymbolicTensor>((flat, index, at) => add(multiply(flat, sizes[at + 1]!), index), toTensor(indices[0]!));
}
