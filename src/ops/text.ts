/**
 * Operations on strings and tables: looking up, hashing, cutting into tokens. Preprocessing layers are written in them;
 * the host computes them, since no ONNX runtime does.
 */

import type { Tensor } from '../numbers/tensor.ts';
import { toTensor } from './convert.ts';
import { record, recordAll, refuse } from './record.ts';
import { broadcastShapes } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/**
 * `values[i]` where an element equals `keys[i]`; the first of equal keys counts. Elements that no key equals give
 * `missing`, or are refused when the model runs where that is null.
 */
export function lookup(x: TensorLike, keys: Tensor, values: Tensor, missing: bigint | string | null): SymbolicTensor {
  const given = toTensor(x);
  if (given.dtype !== keys.dtype) refuse('lookup', `${given.dtype} is looked up in a table of ${keys.dtype}`);
  return record('lookup', [given], { keys, values, missing }, { shape: given.shape, dtype: values.dtype });
}

/**
 * Hashes into `buckets` bins: strings by their UTF-8 bytes, whole numbers by their decimal digits. FarmHash's
 * Fingerprint64, or SipHash-2-4 where there is a salt.
 */
export function hashBuckets(
  x: TensorLike,
  buckets: number,
  { salt = null }: { salt?: readonly [bigint, bigint] | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  return record('hashBuckets', [given], { buckets, salt }, { shape: given.shape, dtype: 'int64' });
}

/** Fingerprints of all features combined, in order, into `buckets` bins; whole numbers count as their own fingerprint. */
export function crossBuckets(xs: readonly TensorLike[], buckets: number): SymbolicTensor {
  const given = xs.map(x => toTensor(x));
  const shape = broadcastShapes('crossBuckets', ...given.map(x => x.shape));
  return record('crossBuckets', given, { buckets }, { shape, dtype: 'int64' });
}

/** Every combination of one string of each tensor along their last axes, joined by `separator`. */
export function crossStrings(xs: readonly TensorLike[], separator: string): SymbolicTensor {
  const given = xs.map(x => toTensor(x));
  const count = given.reduce<number | null>((product, x) => {
    const size = x.shape.at(-1) ?? null;
    return product === null || size === null ? null : product * size;
  }, 1);
  const shape = [...given[0]!.shape.slice(0, -1), count];
  return record('crossStrings', given, { separator }, { shape, dtype: 'string' });
}

export interface TokenizeOptions {
  /** ASCII letters to lower case. */
  readonly lower?: boolean;
  /** Deletes ASCII punctuation. */
  readonly stripPunctuation?: boolean;
  /** Null: every string is one token, in its place. */
  readonly split?: 'whitespace' | 'character' | null;
  /** Widths of n-grams, in the order in which they come; null: none. */
  readonly ngrams?: readonly number[] | null;
}

/**
 * Strings cut into tokens. With `split` a new last axis is as long as the most tokens of any string, and shorter ones
 * are filled with empty strings. Gives the tokens and, of the same shape, which of them are tokens and not filling.
 */
export function tokenize(
  x: TensorLike,
  { lower = false, stripPunctuation = false, split = null, ngrams = null }: TokenizeOptions = {},
): readonly [tokens: SymbolicTensor, real: SymbolicTensor] {
  const given = toTensor(x);
  const grown = split === null ? given.shape : [...given.shape, null];
  const shape = ngrams === null ? grown : [...grown.slice(0, -1), null];
  const made = recordAll('tokenize', [given], { lower, stripPunctuation, split, ngrams }, [
    { shape, dtype: 'string' },
    { shape, dtype: 'bool' },
  ]);
  return [made[0]!, made[1]!];
}

/** Numbers as text: whole numbers in decimal digits. */
export function toText(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return given.dtype === 'string' ? given : record('toText', [given], {}, { shape: given.shape, dtype: 'string' });
}
