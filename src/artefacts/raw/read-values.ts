/** What a dataset's numbers look like, for loaders that take any number and for people who should be told. */

import type { ReadOptions } from '../../bytes/source.ts';
import type { Hdf5Dataset } from '../../containers/hdf5/index.ts';
import { problemFrom } from './problem.ts';
import type { RawProblem, RawValues } from './types.ts';

/** Bytes of values looked at in one file: more takes longer than an answer may. */
export const valuesBudget = 64 * 2 ** 20;

/** No trained weight is greater; bytes overwritten at random give such numbers in two cases of five. */
export const greatestPlausible = 1e8;

export interface LookedAt {
  /** Null where they are no floats, where the budget is used up, and where they cannot be read. */
  readonly values: RawValues | null;
  /** Why they cannot be read. */
  readonly problem: RawProblem | null;
}

export async function readValues(
  dataset: Hdf5Dataset,
  budget: { bytes: number },
  options: ReadOptions,
): Promise<LookedAt> {
  const nothing = { values: null, problem: null };
  const { dtype, layout, byteLength } = dataset;
  if (!dtype?.startsWith('float') || layout.kind === 'external' || layout.kind === 'virtual') return nothing;
  if (byteLength > budget.bytes) return nothing;
  budget.bytes -= byteLength;
  try {
    const read = await dataset.read(options);
    return 'data' in read ? { ...nothing, values: summarise(read.data as ArrayLike<number>, dataset) } : nothing;
  } catch (error) {
    return { ...nothing, problem: problemFrom(error) };
  }
}

function summarise(data: ArrayLike<number>, dataset: Hdf5Dataset): RawValues {
  const found = { nan: 0, infinite: 0, zeros: 0, largest: 0, first: -1 };
  for (let index = 0; index < data.length; index += 1) {
    const value = data[index]!;
    const size = Math.abs(value);
    if (value === 0) found.zeros += 1;
    else if (Number.isNaN(value)) found.nan += 1;
    else if (size === Number.POSITIVE_INFINITY) found.infinite += 1;
    else if (size > found.largest) found.largest = size;
    if (found.first < 0 && !(size <= greatestPlausible)) found.first = index;
  }
  const { first, ...counts } = found;
  const start = dataset.byteRange()?.offset ?? null;
  const width = data.length > 0 ? dataset.byteLength / data.length : 0;
  return { ...counts, count: data.length, implausibleAt: first < 0 ? null : (start ?? 0) + first * width };
}
