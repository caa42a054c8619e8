/** An array that is to go into `predict`, as far as its fate depends on it. */

import type { Tensor } from '../../numbers/tensor.ts';

export interface GivenInput {
  /** Batch axis included. */
  readonly shape: readonly number[];
  readonly kind: 'number' | 'text';
  /** Least and greatest value; null for text and for empty arrays. */
  readonly range: readonly [number, number] | null;
  /** Characters of the longest text; 0 for numbers. */
  readonly characters: number;
}

export function givenInput({ shape, dtype, data }: Tensor): GivenInput {
  if (dtype === 'string') {
    const characters = (data as readonly string[]).reduce((most, text) => Math.max(most, text.length), 1);
    return { shape, kind: 'text', range: null, characters };
  }
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    least = Math.min(least, Number(value));
    greatest = Math.max(greatest, Number(value));
  }
  const range = data.length > 0 ? ([least, greatest] as const) : null;
  return { shape, kind: 'number', range, characters: 0 };
}
