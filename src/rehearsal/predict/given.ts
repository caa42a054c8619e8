/** An array that is to go into `predict`, as far as its fate depends on it. */

export interface GivenInput {
  /** Batch axis included. */
  readonly shape: readonly number[];
  readonly kind: 'number' | 'text';
  /** Least and greatest value; null for text and for empty arrays. */
  readonly range: readonly [number, number] | null;
}
