/** Tensors of a checkpoint as the model description refers to them: lazily, with the place where they lie plain. */

import type { ByteSource } from '../bytes/source.ts';
import type { Bundle, BundleEntry } from '../containers/table/bundle.ts';
import { readBundleTensor } from '../containers/table/tensor.ts';
import { readV1Tensor, type V1Checkpoint, type V1Entry } from '../containers/table/v1.ts';
import type { TensorRef } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';

/** Shards of a checkpoint that are there, opened beforehand so that a reference can name its bytes. */
export type Shards = ReadonlyMap<number, ByteSource>;

/** Opens every shard that an entry lies in; a missing one is left out, and its tensors fail when they are read. */
export async function openShards(bundle: Bundle): Promise<Shards> {
  const wanted = new Set([...bundle.entries.values(), ...bundle.sliceEntries.values()].map(entry => entry.shard));
  const opened = new Map<number, ByteSource>();
  for (const shard of wanted) {
    const source = await bundle.shard(shard).catch(() => null);
    if (source) opened.set(shard, source);
  }
  return opened;
}

/** A tensor of a checkpoint; null for a dtype that holds no array. */
export function tensorOfEntry(bundle: Bundle, shards: Shards, entry: BundleEntry): TensorRef | null {
  const { dtype, key, shape, offset, size } = entry;
  if (dtype === null) return null;
  const source = shards.get(entry.shard);
  const lies = source !== undefined && offset + size <= source.size;
  const isPlain = dtype !== 'string' && entry.slices.length === 0 && bundle.header.endianness === 0 && lies;
  return {
    path: key,
    shape,
    dtype,
    storage: entry.slices.length > 0 ? 'sliced' : 'shard',
    plain: isPlain ? { source, offset, length: size } : null,
    at: { path: bundle.shardName(entry.shard), offset, length: size },
    conversions: [],
    read: options => readBundleTensor(bundle, entry, options),
  };
}

/** A tensor of a checkpoint of the first format. */
export function tensorOfV1Entry(checkpoint: V1Checkpoint, entry: V1Entry): TensorRef | null {
  if (entry.dtype === null) return null;
  return {
    path: entry.name,
    shape: entry.shape,
    dtype: entry.dtype as DType,
    storage: 'v1',
    plain: null,
    at: { path: checkpoint.name },
    conversions: [],
    read: () => readV1Tensor(checkpoint, entry),
  };
}
