/**
 * Operations on strings as TensorFlow's graphs have them, element by element and cutting strings into rows of any length.
 * The host computes them.
 */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { toTensor } from './convert.ts';
import { record, recordAll } from './record.ts';
import { broadcastShapes } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** Letters to lower or upper case: ASCII's only, or all of Unicode's. */
export function changeCase(
  x: TensorLike,
  to: 'lower' | 'upper',
  { unicode = false }: { unicode?: boolean } = {},
): SymbolicTensor {
  const given = toTensor(x);
  return record('changeCase', [given], { to, unicode }, given);
}

/** White space at both ends removed. */
export function stripSpace(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return record('stripSpace', [given], {}, given);
}

/** What matches a regular expression in RE2's syntax replaced; `\1` in `rewrite` is the first group. */
export function replaceMatches(
  x: TensorLike,
  pattern: string,
  rewrite: string,
  { all = true }: { all?: boolean } = {},
): SymbolicTensor {
  const given = toTensor(x);
  return record('replaceMatches', [given], { pattern, rewrite, all }, given);
}

/** Whether a regular expression in RE2's syntax matches the whole string. */
export function matchesWhole(x: TensorLike, pattern: string): SymbolicTensor {
  const given = toTensor(x);
  return record('matchesWhole', [given], { pattern }, { shape: given.shape, dtype: 'bool' });
}

/** Lengths in bytes of UTF-8, or in characters. */
export function textLength(x: TensorLike, unit: 'byte' | 'character'): SymbolicTensor {
  const given = toTensor(x);
  return record('textLength', [given], { unit }, { shape: given.shape, dtype: 'int32' });
}

/** The part of each string from a position on, counted from its end where that is negative, in bytes of UTF-8 or in characters. */
export function subText(
  x: TensorLike,
  position: TensorLike,
  length: TensorLike,
  unit: 'byte' | 'character',
): SymbolicTensor {
  const given = [toTensor(x), toTensor(position), toTensor(length)];
  const shape = broadcastShapes('subText', ...given.map(one => one.shape));
  return record('subText', given, { unit }, { shape, dtype: 'string' });
}

/** Characters of all strings one after another as their numbers in Unicode, and where each string's begin. */
export function decodeTexts(x: TensorLike): readonly [splits: SymbolicTensor, codes: SymbolicTensor] {
  const given = toTensor(x);
  const count = given.shape.reduce<Dim>(
    (product, size) => (product === null || size === null ? null : product * size),
    1,
  );
  const [splits, codes] = recordAll('decodeTexts', [given], {}, [
    { shape: [count === null ? null : count + 1], dtype: 'int64' },
    { shape: [null], dtype: 'int32' },
  ]);
  return [splits!, codes!];
}

/** Strings of characters by their numbers: `splits` says where each begins, and where the last ends. */
export function encodeTexts(codes: TensorLike, splits: TensorLike): SymbolicTensor {
  const [characters, starts] = [toTensor(codes), toTensor(splits)];
  const count = starts.shape[0];
  const shape: Shape = [count === null || count === undefined ? null : count - 1];
  return record('encodeTexts', [characters, starts], {}, { shape, dtype: 'string' });
}

/** Strings put together element by element. */
export function joinTexts(xs: readonly TensorLike[], separator: string): SymbolicTensor {
  const given = xs.map(x => toTensor(x));
  const shape = broadcastShapes('joinTexts', ...given.map(x => x.shape));
  return record('joinTexts', given, { separator }, { shape, dtype: 'string' });
}

/** Decimal numbers as text turned into numbers. */
export function parseNumbers(x: TensorLike, dtype: 'float32' | 'float64' | 'int32' | 'int64'): SymbolicTensor {
  const given = toTensor(x);
  return record('parseNumbers', [given], { dtype }, { shape: given.shape, dtype });
}

/**
 * A vector of strings cut at `separator` (at white space where it is empty): the row and column of every part, the
 * parts, and the shape that they would fill (tf.strings.split).
 */
export function splitTexts(
  x: TensorLike,
  separator: string,
  { limit = -1 }: { limit?: number } = {},
): readonly SymbolicTensor[] {
  return recordAll('splitTexts', [toTensor(x)], { separator, limit }, [
    { shape: [null, 2], dtype: 'int64' },
    { shape: [null], dtype: 'string' },
    { shape: [2], dtype: 'int64' },
  ]);
}

/**
 * All runs of each width of the strings in each row, joined by `separator`; rows begin at `splits`. Gives the runs and
 * where their rows begin (tf.raw_ops.StringNGrams).
 */
export function ngrams(
  x: TensorLike,
  splits: TensorLike,
  widths: readonly number[],
  separator: string,
): readonly SymbolicTensor[] {
  const [values, rows] = [toTensor(x), toTensor(splits)];
  return recordAll('ngrams', [values, rows], { widths: [...widths], separator }, [
    { shape: [null], dtype: 'string' },
    rows,
  ]);
}

export type RowPartition = 'FIRST_DIM_SIZE' | 'VALUE_ROWIDS' | 'ROW_SPLITS';

/**
 * Rows of any length, given as all their values and how they divide, as one tensor; short rows are filled, long ones cut
 * where `shape` says so (tf.RaggedTensor.to_tensor).
 */
export function raggedToDense(
  values: TensorLike,
  fill: TensorLike,
  partitions: readonly TensorLike[],
  types: readonly RowPartition[],
  shape: Shape,
): SymbolicTensor {
  const flat = toTensor(values);
  const inputs = [flat, toTensor(fill, flat.dtype), ...partitions.map(partition => toTensor(partition))];
  const rows = types[0] === 'FIRST_DIM_SIZE' ? types.length - 1 : types.length;
  const rank = rows + flat.shape.length;
  const sizes = Array.from({ length: rank }, (_, axis): Dim => {
    const wanted = shape[axis] ?? null;
    return wanted ?? (axis > rows ? flat.shape[axis - rows]! : null);
  });
  return record('raggedToDense', inputs, { types: [...types], shape: [...sizes] }, { shape: sizes, dtype: flat.dtype });
}
