/** Distinct elements, elements that are not 0, and reductions of groups: results whose sizes the data decide. */

import { addSize } from './arrange.ts';
import { add, less, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { getItem, type ScatterReduction, scatterUpdate } from './index-by.ts';
import { record, recordAll } from './record.ts';
import { max } from './reduce.ts';
import { concatenate, expandDims, full, ravel, shape, split, squeeze } from './shape.ts';
import { normalizeAxis } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

/** Positions of the elements that are not 0: one vector of indices for each axis. */
export function nonzero(x: TensorLike): readonly SymbolicTensor[] {
  const given = toTensor(x);
  const rank = Math.max(given.shape.length, 1);
  const found = record(
    'nonzero',
    [given.shape.length === 0 ? ravel(given) : given],
    {},
    { shape: [rank, null], dtype: 'int32' },
  );
  return rank === 1 ? [squeeze(found, { axis: 0 })] : split(found, rank).map(part => squeeze(part, { axis: 0 }));
}

interface UniqueOptions {
  readonly sorted?: boolean;
  readonly returnIndex?: boolean;
  readonly returnInverse?: boolean;
  readonly returnCounts?: boolean;
  readonly axis?: number | null;
  readonly size?: number | null;
  readonly fillValue?: number | null;
}

/** Distinct elements (or slices along `axis`), and on demand where each first stands, which each is, how often. */
export function unique(
  x: TensorLike,
  {
    sorted = true,
    returnIndex = false,
    returnInverse = false,
    returnCounts = false,
    axis = null,
    size = null,
    fillValue = null,
  }: UniqueOptions = {},
): SymbolicTensor | readonly SymbolicTensor[] {
  const given = axis === null ? ravel(x) : toTensor(x);
  const along = axis === null ? 0 : normalizeAxis('unique', axis, given.shape.length);
  const count = { shape: [size], dtype: 'int32' as const };
  const outputs = recordAll('unique', [given], { axis: along, sorted, size, fillValue: fillValue ?? null }, [
    { shape: given.shape.map((dim, at) => (at === along ? size : dim)), dtype: given.dtype },
    count,
    { shape: [given.shape[along]!], dtype: 'int32' },
    count,
  ]);
  const wanted = [true, returnIndex, returnInverse, returnCounts];
  const results = outputs.filter((_, at) => wanted[at]);
  return results.length === 1 ? results[0]! : results;
}

interface SegmentOptions {
  readonly numSegments?: SizeLike | null;
  readonly sorted?: boolean;
}

const starts: { readonly [reduction: string]: number } = {
  add: 0,
  mul: 1,
  max: -3.4028234663852886e38,
  min: 3.4028234663852886e38,
};
const wholeStarts: { readonly [reduction: string]: number } = { ...starts, max: -2147483648, min: 2147483647 };

/** Groups rows of `data` by number; rows with a negative number are left out, groups without rows keep the start value. */
function segments(
  reduction: ScatterReduction & string,
  data: TensorLike,
  segmentIds: TensorLike,
  { numSegments = null }: SegmentOptions,
): SymbolicTensor {
  const rows = toTensor(data);
  const ids = castTensor(toTensor(segmentIds), 'int32');
  const count = numSegments ?? add(max(ids), 1);
  const start = (rows.dtype.includes('float') ? starts : wholeStarts)[reduction]!;
  const rest = shape(rows).slice(1);
  const empty = full([addSize(count, 1), ...rest], toTensor(start, rows.dtype));
  const places = where(less(ids, 0), count as TensorLike, ids);
  const grouped = scatterUpdate(empty, expandDims(places, 1), rows, { reduction });
  return getItem(grouped, [{ stop: -1 }]);
}

export const segmentSum = (data: TensorLike, ids: TensorLike, options: SegmentOptions = {}): SymbolicTensor =>
  segments('add', data, ids, options);
export const segmentMax = (data: TensorLike, ids: TensorLike, options: SegmentOptions = {}): SymbolicTensor =>
  segments('max', data, ids, options);
export const segmentMin = (data: TensorLike, ids: TensorLike, options: SegmentOptions = {}): SymbolicTensor =>
  segments('min', data, ids, options);
export const segmentProd = (data: TensorLike, ids: TensorLike, options: SegmentOptions = {}): SymbolicTensor =>
  segments('mul', data, ids, options);

/** Cross-correlation of two vectors (numpy.correlate). */
export function correlate(
  x1: TensorLike,
  x2: TensorLike,
  { mode = 'valid' }: { mode?: 'valid' | 'same' | 'full' } = {},
): SymbolicTensor {
  const [a, b] = [toTensor(x1, 'float32'), toTensor(x2, 'float32')];
  const [n, m] = [a.shape[0]!, b.shape[0]!];
  const windows = (x: SymbolicTensor, length: number) =>
    record(
      'conv',
      [expandDims(x, [0, 2]), expandDims(b, [1, 2])],
      {
        strides: [1],
        padding: [[0, 0]],
        dilations: [1],
        groups: 1,
        channelsFirst: false,
      },
      { shape: [1, length, 1], dtype: 'float32' },
    );
  if (mode === 'valid') return squeeze(windows(a, n - m + 1), { axis: [0, 2] });
  const zeros = full([m - 1], 0, { dtype: 'float32' });
  const whole = squeeze(windows(concatenate([zeros, a, zeros]), n + m - 1), { axis: [0, 2] });
  if (mode === 'full') return whole;
  const length = Math.max(n, m);
  const start = Math.floor((n + m - 1 - length) / 2);
  return getItem(whole, [{ start, stop: start + length }]);
}
