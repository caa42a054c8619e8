/** Sorting, ranking, searching among sorted numbers, running sums. */

import type { DType } from '../numbers/dtype.ts';
import {
  add,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  maximum,
  multiply,
  subtract,
  where,
} from './binary.ts';
import { scan } from './control.ts';
import { castTensor, toCommon, toTensor } from './convert.ts';
import { cast, ceil, floor, isnan, logicalNot } from './elementwise.ts';
import { arange, flip, stridedSlice, takeAlongAxis } from './index-by.ts';
import { toFloating } from './promote.ts';
import { record, recordAll, refuse } from './record.ts';
import { any, sum } from './reduce.ts';
import { expandDims, moveaxis, ravel, reshape, shape, squeeze, zerosLike } from './shape.ts';
import { normalizeAxes, normalizeAxis, splitSizes } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

function ranked(x: SymbolicTensor, k: SizeLike, axis: number, largest: boolean): readonly SymbolicTensor[] {
  const { known, dynamic } = splitSizes([k]);
  const found = x.shape.map((size, at) => (at === axis ? known[0]! : size));
  const outputs = [
    { shape: found, dtype: x.dtype },
    { shape: found, dtype: 'int32' as DType },
  ];
  return recordAll('topK', [x, ...dynamic], { k: known[0]!, axis, largest }, outputs);
}

/** The `k` largest along the last axis, largest first, and their positions; of equals the first ones. */
export function topK(
  x: TensorLike,
  k: SizeLike,
  _options: { sorted?: boolean } = {},
): readonly [SymbolicTensor, SymbolicTensor] {
  const given = toTensor(x);
  if (given.shape.length === 0) refuse('topK', 'takes no scalar');
  const size = given.shape.at(-1)!;
  if (typeof k === 'number' && size !== null && k > size) refuse('topK', `wants ${k} of ${size} elements`);
  return ranked(given, k, given.shape.length - 1, true) as [SymbolicTensor, SymbolicTensor];
}

/** In ascending order along `axis` (null: of all elements). */
export function sort(x: TensorLike, { axis = -1 }: { axis?: number | null } = {}): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const along = normalizeAxis('sort', axis ?? -1, given.shape.length);
  return ranked(given, shape(given)[along]!, along, false)[0]!;
}

/** Positions that would bring `x` into ascending order; equals keep theirs. */
export function argsort(x: TensorLike, { axis = -1 }: { axis?: number | null } = {}): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const along = normalizeAxis('argsort', axis ?? -1, given.shape.length);
  return ranked(given, shape(given)[along]!, along, false)[1]!;
}

/** Positions that put the `kth` element where sorting would; a full sort does that too. */
export function argpartition(x: TensorLike, _kth: number, { axis = -1 }: { axis?: number } = {}): SymbolicTensor {
  return argsort(x, { axis });
}

/** Whether the target class is among the `k` best predictions. */
export function inTopK(targets: TensorLike, predictions: TensorLike, k: number): SymbolicTensor {
  const scores = toTensor(predictions);
  const wanted = takeAlongAxis(scores, expandDims(cast(targets, 'int32'), -1), { axis: -1 });
  const better = sum(cast(greater(scores, wanted), 'int32'), { axis: -1 });
  return less(better, k);
}

function running(op: 'cumsum' | 'cumprod', x: TensorLike, axis: number | null, dtype: DType | null): SymbolicTensor {
  const given = axis === null ? ravel(x) : toTensor(x);
  const along = normalizeAxis(op, axis ?? 0, given.shape.length);
  const wanted = dtype ?? (given.dtype === 'bool' ? 'int32' : given.dtype);
  const numbers = castTensor(given, wanted);
  if (op === 'cumsum') return record('cumsum', [numbers], { axis: along }, numbers);
  const first = stridedSlice(numbers, { axes: [along], starts: [0], stops: [1] });
  const start = add(
    reshape(
      zerosLike(first),
      shape(first).filter((_, at) => at !== along),
    ),
    1,
  );
  return scan(([total], [item]) => [[multiply(total!, item!)], [multiply(total!, item!)]], [start], [numbers], {
    axis: along,
  })[1][0]!;
}

/** Running sums along `axis` (null: over all elements). */
export function cumsum(
  x: TensorLike,
  { axis = null, dtype = null }: { axis?: number | null; dtype?: DType | null } = {},
): SymbolicTensor {
  return running('cumsum', x, axis, dtype);
}

/** Running products along `axis` (null: over all elements). */
export function cumprod(
  x: TensorLike,
  { axis = null, dtype = null }: { axis?: number | null; dtype?: DType | null } = {},
): SymbolicTensor {
  return running('cumprod', x, axis, dtype);
}

/** Differences of neighbours along `axis`, `n` times over. */
export function diff(a: TensorLike, { n = 1, axis = -1 }: { n?: number; axis?: number } = {}): SymbolicTensor {
  const given = toTensor(a);
  const along = normalizeAxis('diff', axis, given.shape.length);
  let result = given;
  for (let round = 0; round < n; round += 1) {
    const later = stridedSlice(result, { axes: [along], starts: [1], stops: [null] });
    const earlier = stridedSlice(result, { axes: [along], starts: [0], stops: [-1] });
    result = given.dtype === 'bool' ? record('notEqual', [later, earlier], {}, later) : subtract(later, earlier);
  }
  return result;
}

/** Where each value would have to stand among sorted numbers. */
export function searchsorted(
  sortedSequence: TensorLike,
  values: TensorLike,
  { side = 'left' }: { side?: 'left' | 'right' } = {},
): SymbolicTensor {
  const [sorted, wanted] = toCommon('searchsorted', sortedSequence, values) as [SymbolicTensor, SymbolicTensor];
  if (sorted.shape.length !== 1) refuse('searchsorted', 'the sorted sequence must have one axis');
  const each = expandDims(wanted, -1);
  const below = side === 'left' ? less(sorted, each) : lessEqual(sorted, each);
  return sum(castTensor(below, 'int32'), { axis: -1 });
}

/** The bin of each value: how many of the ascending `bins` are at or below it. */
export function digitize(x: TensorLike, bins: TensorLike): SymbolicTensor {
  return searchsorted(bins, x, { side: 'right' });
}

interface QuantileOptions {
  readonly axis?: number | readonly number[] | null;
  readonly method?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest';
  readonly keepdims?: boolean;
}

/** The values below which the fraction(s) `q` of the elements lie; several fractions make a first axis. */
export function quantile(x: TensorLike, q: TensorLike, options: QuantileOptions = {}): SymbolicTensor {
  return quantileOf(x, q, options, false);
}

/** The same of the elements that are not NaN. */
export function nanquantile(x: TensorLike, q: TensorLike, options: QuantileOptions = {}): SymbolicTensor {
  return quantileOf(x, q, options, true);
}

function quantileOf(
  x: TensorLike,
  q: TensorLike,
  { axis = null, method = 'linear', keepdims = false }: QuantileOptions,
  overNan: boolean,
): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const rank = real.shape.length;
  const axes = normalizeAxes('quantile', axis, rank);
  const moved = moveaxis(
    real,
    axes,
    axes.map((_, at) => rank - axes.length + at),
  );
  const flat = reshape(moved, [...shape(moved).slice(0, rank - axes.length), -1]);
  const fractions = toTensor(q, real.dtype);
  const asked = reshape(fractions, [-1]);
  const missing = isnan(flat);
  const sorted = sort(overNan ? where(missing, Number.POSITIVE_INFINITY, flat) : flat);
  const present = castTensor(logicalNot(missing), real.dtype);
  const all = sum(castTensor(logicalNot(missing), real.dtype), { axis: -1, keepdims: true });
  const count = overNan ? all : sum(add(multiply(present, 0), 1), { axis: -1, keepdims: true });
  const pick = (index: SymbolicTensor) => takeAlongAxis(sorted, castTensor(index, 'int32'), { axis: -1 });
  const found = between(pick, multiply(asked, maximum(subtract(count, 1), 0)), method, real.dtype);
  const settled = overNan ? where(equal(count, 0), Number.NaN, found) : found;
  const placed = fractions.shape.length === 1 ? moveaxis(settled, -1, 0) : squeeze(settled, { axis: -1 });
  if (!keepdims) return placed;
  return axes.reduce((result, at) => expandDims(result, at + fractions.shape.length), placed);
}

/** The element at a fractional place, or what the method makes of its neighbours. */
function between(
  pick: (index: SymbolicTensor) => SymbolicTensor,
  place: SymbolicTensor,
  method: NonNullable<QuantileOptions['method']>,
  dtype: DType,
): SymbolicTensor {
  if (method === 'nearest') return pick(record('round', [place], {}, place));
  const [low, high] = [floor(place), ceil(place)];
  if (method === 'lower') return pick(low);
  if (method === 'higher') return pick(high);
  const share = method === 'midpoint' ? castTensor(toTensor(0.5), dtype) : subtract(place, low);
  const [a, b] = [pick(low), pick(high)];
  const mixed = add(a, multiply(subtract(b, a), share));
  return where(equal(low, high), a, mixed);
}

/** The same in hundredths. */
export function percentile(x: TensorLike, q: TensorLike, options: QuantileOptions = {}): SymbolicTensor {
  return quantile(x, multiply(toTensor(q, 'float32'), 0.01), options);
}

/** The middle element, or the mean of the two middle ones. */
export function median(x: TensorLike, options: Omit<QuantileOptions, 'method'> = {}): SymbolicTensor {
  return quantile(x, 0.5, options);
}

/** How often each number from 0 on occurs (or the sum of its weights); `minlength` must cover all that can. */
export function bincount(
  x: TensorLike,
  { weights = null, minlength = 0 }: { weights?: TensorLike | null; minlength?: SizeLike } = {},
): SymbolicTensor {
  const given = cast(x, 'int32');
  const bins = expandDims(given, -1);
  const largest = record('max', [ravel(given)], { axes: [0], keepdims: false }, { shape: [], dtype: 'int32' });
  const classes = arange(maximum(add(largest, 1), minlength));
  const hits = equal(bins, classes);
  const weighed = weights === null ? castTensor(hits, 'int32') : where(hits, expandDims(toTensor(weights), -1), 0);
  return sum(weighed, { axis: given.shape.length - 1 });
}

/** Counts in even bins over a range, and the edges of the bins. */
export function histogram(
  x: TensorLike,
  { bins = 10, range = null }: { bins?: number; range?: readonly [number, number] | null } = {},
): readonly [SymbolicTensor, SymbolicTensor] {
  const given = ravel(cast(x, 'float32'));
  const [low, high] = range ?? [
    record('min', [given], { axes: [0], keepdims: false }, { shape: [], dtype: 'float32' }),
    record('max', [given], { axes: [0], keepdims: false }, { shape: [], dtype: 'float32' }),
  ];
  const steps = toTensor(
    Array.from({ length: bins + 1 }, (_, at) => at / bins),
    'float32',
  );
  const edges = add(low, multiply(subtract(high, low), steps));
  const inside = stridedSlice(edges, { axes: [0], starts: [1], stops: [-1] });
  const kept = logicalAnd(greaterEqual(given, low), lessEqual(given, high));
  const place = where(kept, searchsorted(inside, given, { side: 'right' }), -1);
  const counts = sum(castTensor(equal(expandDims(place, 1), arange(bins)), 'float32'), { axis: 0 });
  return [counts, edges];
}

/** True where an element of `x1` is one of `x2`. */
export function isin(
  x1: TensorLike,
  x2: TensorLike,
  { invert = false }: { assumeUnique?: boolean; invert?: boolean } = {},
): SymbolicTensor {
  const found = any(equal(expandDims(x1, -1), ravel(x2)), { axis: -1 });
  return invert ? record('logicalNot', [found], {}, found) : found;
}

/**
 * Softmax's sparse kin, many entries exactly 0, as Keras 3 computes it (backend/tensorflow/nn.py, 3.8 to 3.15): its
 * threshold adds up the running sums of the support, where the published one takes the last of them.
 */
export function sparsemax(x: TensorLike, { axis = -1 }: { axis?: number } = {}): SymbolicTensor {
  const given = toTensor(x);
  const along = normalizeAxis('sparsemax', axis, given.shape.length);
  const moved = moveaxis(castTensor(given, toFloating(given.dtype)), along, -1);
  const ordered = flip(sort(moved), { axis: -1 });
  const totals = cumsum(ordered, { axis: -1 });
  const size = shape(moved).at(-1)!;
  const ranks = castTensor(
    typeof size === 'number' ? arange(1, { stop: size + 1 }) : add(arange(size), 1),
    moved.dtype,
  );
  const supported = greater(add(multiply(ranks, ordered), 1), totals);
  const count = sum(castTensor(supported, moved.dtype), { axis: -1, keepdims: true });
  const reached = sum(where(supported, totals, 0), { axis: -1, keepdims: true });
  const threshold = record('divide', [subtract(reached, 1), count], {}, { shape: reached.shape, dtype: moved.dtype });
  return moveaxis(maximum(subtract(moved, threshold), 0), -1, along);
}

/** Area under a curve by trapezoids. */
export function trapezoid(
  y: TensorLike,
  { x = null, dx = 1, axis = -1 }: { x?: TensorLike | null; dx?: number; axis?: number } = {},
): SymbolicTensor {
  const given = castTensor(toTensor(y), 'float32');
  const along = normalizeAxis('trapezoid', axis, given.shape.length);
  const ends = [
    stridedSlice(given, { axes: [along], starts: [1], stops: [null] }),
    stridedSlice(given, { axes: [along], starts: [0], stops: [-1] }),
  ];
  const heights = multiply(add(ends[0]!, ends[1]!), 0.5);
  if (x === null) return sum(multiply(heights, dx), { axis: along });
  const widths = diff(castTensor(toTensor(x), 'float32'), { axis: toTensor(x).shape.length === 1 ? 0 : along });
  const spread =
    widths.shape.length === 1
      ? reshape(
          widths,
          given.shape.map((_, at) => (at === along ? -1 : 1)),
        )
      : widths;
  return sum(multiply(heights, spread), { axis: along });
}
