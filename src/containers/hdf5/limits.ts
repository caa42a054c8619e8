/** Default bounds on what one HDF5 file may ask for, each with its reason. */

import type { Hdf5Limits } from './types.ts';

export const defaultLimits: Readonly<Hdf5Limits> = {
  /** The largest Keras files have some ten thousand weights; a damaged count must not become a loop of billions. */
  links: 1_000_000,
  /** libhdf5 keeps 8 attributes before it moves them to a heap, but files with old groups keep all in the header. */
  messages: 65_536,
  /** Name heaps and B-tree nodes are kilobytes; a heap of 64 MiB would hold a million long names. */
  metadataBytes: 64 * 2 ** 20,
  /** A terabyte in chunks of one megabyte. */
  chunks: 1_000_000,
  /** More than any single Keras variable, and what a typed array can hold. */
  valueBytes: 4 * 2 ** 30,
  /** B-trees of depth 10 hold more than any disk; datatypes and soft links nest two or three deep. */
  depth: 32,
};

/** Deflate cannot expand more than 1032 times, so this many stored bytes bound what chunks can become. */
export const greatestExpansion = 1040;

/** Datasets of nothing but fill value may be this large: they cost a file nothing and a reader everything. */
export const greatestFill = 256 * 2 ** 20;
