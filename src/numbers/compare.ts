/** Whether two tensors hold the same numbers, within what float arithmetic leaves open. */

import { isFloating } from './dtype.ts';
import { unpackNumbers } from './pack.ts';
import type { Tensor } from './tensor.ts';

export interface Tolerance {
  /** |a - b| may be `absolute` + `relative`·|b|. */
  readonly absolute: number;
  readonly relative: number;
}

export interface Comparison {
  readonly same: boolean;
  /** Why not, in words. */
  readonly why: string | null;
  readonly largestDifference: number;
}

export const float32Tolerance: Tolerance = { absolute: 1e-4, relative: 1e-3 };
export const float16Tolerance: Tolerance = { absolute: 1e-2, relative: 1e-2 };
export const bfloat16Tolerance: Tolerance = { absolute: 3e-2, relative: 3e-2 };

/** Compares `found` with `expected`: shapes equal, whole numbers and strings equal, floats within the tolerance; NaN is NaN. */
export function compareTensors(found: Tensor, expected: Tensor, tolerance: Tolerance = float32Tolerance): Comparison {
  if (found.shape.join() !== expected.shape.join()) {
    return differ(`shape (${found.shape.join(', ')}), expected (${expected.shape.join(', ')})`);
  }
  if (found.dtype === 'string' || expected.dtype === 'string') return compareExactly(found, expected);
  const exact = !isFloating(expected.dtype) && !expected.dtype.startsWith('complex');
  const [a, b] = [unpackNumbers(found), unpackNumbers(expected)];
  let largest = 0;
  let worst = -1;
  for (let at = 0; at < b.length; at += 1) {
    const allowed = exact ? 0 : tolerance.absolute + tolerance.relative * Math.abs(b[at]!);
    const difference = Object.is(a[at], b[at]) || a[at] === b[at] ? 0 : Math.abs(a[at]! - b[at]!);
    if (Number.isNaN(a[at]!) && Number.isNaN(b[at]!)) continue;
    if (difference > largest || Number.isNaN(difference))
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (worst < 0 && !(difference <= allowed)) worst = at;
  }
  if (worst < 0) return { same: true, why: null, largestDifference: largest };
  return {
    ...differ(`element ${worst} is ${a[worst]}, expected ${b[worst]}; largest difference ${largest.toPrecision(3)}`),
    largestDifference: largest,
  };
}

function compareExactly(found: Tensor, expected: Tensor): Comparison {
  const at = Array.from(expected.data as ArrayLike<unknown>).findIndex((item, index) => item !== found.data[index]);
  if (at < 0 && found.dtype === expected.dtype) return { same: true, why: null, largestDifference: 0 };
  if (at < 0) return differ(`${found.dtype}, expected ${expected.dtype}`);
  return differ(`element ${at} is ${JSON.stringify(found.data[at])}, expected ${JSON.stringify(expected.data[at])}`);
}

function differ(why: string): Comparison {
  return { same: false, why, largestDifference: Number.POSITIVE_INFINITY };
}
