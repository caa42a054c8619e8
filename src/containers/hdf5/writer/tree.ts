/** What is to be written as HDF5: groups, attributes and datasets, whose numbers are given piece by piece when asked. */

import type { DType } from '../../../numbers/dtype.ts';

/** Element types that the writer knows: numbers, `bool` as h5py writes it, and raw 16-bit words for bfloat16. */
export type NumberType = Exclude<DType, 'string' | 'complex64' | 'complex128' | 'float8_e4m3fn' | 'float8_e5m2'>;

export type AttributeValue =
  /** One string of variable length. `ascii` sets the character set that h5py gives to `bytes`; else UTF-8. */
  | { readonly kind: 'text'; readonly text: string; readonly ascii?: boolean }
  /** An array of variable-length strings. */
  | { readonly kind: 'texts'; readonly texts: readonly string[]; readonly ascii?: boolean }
  /** An array of strings of one length, padded with zeros, as h5py 2 writes arrays of bytes. */
  | { readonly kind: 'fixed-texts'; readonly texts: readonly string[] }
  /** Numbers, little-endian, row-major; an empty shape is a scalar. */
  | {
      readonly kind: 'numbers';
      readonly dtype: NumberType;
      readonly shape: readonly number[];
      readonly bytes: Uint8Array;
    };

export interface AttributeNode {
  readonly name: string;
  readonly value: AttributeValue;
}

export interface DatasetNode {
  readonly kind: 'dataset';
  readonly dtype: NumberType;
  readonly shape: readonly number[];
  readonly attributes?: readonly AttributeNode[];
  /** The numbers, little-endian and row-major, in pieces of any size that add up to the whole. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface GroupNode {
  readonly kind: 'group';
  readonly attributes?: readonly AttributeNode[];
  /** Members by name, without slashes; written in the order of their names' bytes, as HDF5 lists them. */
  readonly members: ReadonlyMap<string, GroupNode | DatasetNode>;
}
