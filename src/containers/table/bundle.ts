/**
 * A checkpoint of TensorFlow's second format ("tensor bundle", tensorflow/core/util/tensor_bundle): an index table of
 * entries, and shards in which each tensor is a run of plain bytes. Opening reads the index only; tensors are read
 * by byte range, and their checksum is verified then (`tensor.ts`).
 */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import { bytesPerElement } from '../../numbers/dtype.ts';
import { decode } from '../protobuf/message.ts';
import { dtypeOfNumber } from './datatype.ts';
import { BundleEntryProto, type BundleHeader, BundleHeaderProto, type TensorSlice } from './schema.ts';
import { openTable, type TableEntry } from './table.ts';

export interface BundleEntry {
  readonly key: string;
  /** TensorFlow's number of the dtype, and what it is here (null: no array). */
  readonly type: number;
  readonly dtype: DType | null;
  readonly shape: readonly number[];
  readonly shard: number;
  /** Byte range in the shard. */
  readonly offset: number;
  readonly size: number;
  /** Masked CRC-32C of the tensor's bytes. */
  readonly crc: number;
  /** A partitioned variable: the slices that it is stored in, each an entry of its own. */
  readonly slices: readonly TensorSlice[];
  /** Offset in the index of the block that says all this. */
  readonly at: number;
}

export interface Bundle {
  /** Name of the index file. */
  readonly name: string;
  readonly header: BundleHeader;
  /** Entries by name, in key order; the data of slices is not among them. */
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** Entries of slices, by key as Latin-1 text. */
  readonly sliceEntries: ReadonlyMap<string, BundleEntry>;
  /** Name of a shard's file. */
  shardName(shard: number): string;
  /** Opens a shard. Throws `not-found` where its file is missing. */
  shard(shard: number): Promise<ByteSource>;
}

const maxRank = 254;

/** The files that a prefix stands for: the index, and a shard among so many. */
export function indexName(prefix: string): string {
  return `${prefix}.index`;
}

export function shardName(prefix: string, shard: number, shards: number): string {
  const five = (value: number) => String(value).padStart(5, '0');
  return `${prefix}.data-${five(shard)}-of-${five(shards)}`;
}

/**
 * Opens the checkpoint `prefix` in `folder` by its index. Throws `not-found` where there is no index, `damaged` where it
 * cannot be believed. Missing shards show only when a tensor is read, or by `shard`.
 */
export async function openBundle(folder: Folder, prefix: string): Promise<Bundle> {
  const source = await folder.file(indexName(prefix));
  if (source === null) {
    throw new LoadstoneError('not-found', `The index of the checkpoint is missing: there is no ${indexName(prefix)}`, {
      where: folder.name,
      do: 'A checkpoint is several files: copy the .index file from where the .data files came.',
    });
  }
  const table = await openTable(source);
  const entries = new Map<string, BundleEntry>();
  const sliceEntries = new Map<string, BundleEntry>();
  let header: BundleHeader | undefined;
  for await (const entry of table.entries()) {
    if (entry.key.length === 0) header = readHeader(entry, source);
    else if (entry.key[0] === 0) sliceEntries.set(latin1(entry.key), readEntry(entry, latin1(entry.key), source));
    else {
      const key = new TextDecoder().decode(entry.key);
      entries.set(key, readEntry(entry, key, source));
    }
  }
  if (header === undefined) throw damaged(source, 0, 'it has no header, so it is the index of no checkpoint');
  const { numShards } = header;
  for (const entry of [...entries.values(), ...sliceEntries.values()]) {
    if (entry.shard < 0 || entry.shard >= numShards) {
      throw damaged(source, entry.at, `${entry.key} lies in shard ${entry.shard} of ${numShards}`);
    }
  }
  const nameOf = (shard: number) => shardName(prefix, shard, numShards);
  return {
    name: source.name,
    header,
    entries,
    sliceEntries,
    shardName: nameOf,
    shard: shard => openShard(folder, nameOf(shard)),
  };
}

async function openShard(folder: Folder, name: string): Promise<ByteSource> {
  const source = await folder.file(name);
  if (source !== null) return source;
  throw new LoadstoneError('not-found', `A shard of the checkpoint is missing: there is no ${name}`, {
    where: folder.name,
    do: 'The weights lie in that file: copy it from where the .index file came.',
  });
}

function readHeader({ value, offset }: TableEntry, source: ByteSource): BundleHeader {
  const header = decode(BundleHeaderProto, value, { where: source.name, offset });
  // As many shards as machines wrote at once; a name has five digits for them.
  if (header.numShards < 0 || header.numShards > 99_999) {
    throw damaged(source, offset, `it claims ${header.numShards} shards`);
  }
  return header;
}

function readEntry({ value, offset: at }: TableEntry, key: string, source: ByteSource): BundleEntry {
  const stored = decodeEntry(value, at, source);
  const shape = stored.shape?.dim.map(dim => dim.size) ?? [];
  const dtype = dtypeOfNumber(stored.dtype);
  if (shape.length > maxRank || shape.some(size => size < 0))
    throw damaged(source, at, `${key} has a shape of [${shape.slice(0, 8)}]`);
  if (stored.offset < 0 || stored.size < 0) throw damaged(source, at, `${key} lies at a negative offset`);
  const expected = dtype === null || dtype === 'string' ? null : bytesOfShape(shape, dtype);
  if (stored.slices.length === 0 && expected !== null && expected !== stored.size) {
    throw damaged(source, at, `${key} of shape [${shape}] and ${dtype} takes ${expected} bytes, not ${stored.size}`);
  }
  const { shardId: shard, offset, size, crc32c: crc, slices } = stored;
  return { key, type: stored.dtype, dtype, shape, shard, offset, size, crc, slices, at };
}

function decodeEntry(value: Uint8Array, offset: number, source: ByteSource) {
  try {
    return decode(BundleEntryProto, value, { where: source.name, offset });
  } catch (error) {
    // A number past 2^53 in an entry is a damaged entry too.
    throw isLoadstoneError(error) ? error : damaged(source, offset, String(error));
  }
}

function bytesOfShape(shape: readonly number[], dtype: DType): number {
  return shape.reduce((product, size) => product * size, bytesPerElement[dtype]);
}

/** Bytes as text, one character each, for keys that are not UTF-8. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function damaged(source: ByteSource, offset: number, what: string): LoadstoneError {
  return new LoadstoneError('damaged', `This checkpoint index is damaged: ${what}`, {
    where: `${source.name}, byte ${offset}`,
    offset,
    do: 'Copy the file again from where it came; an index cannot be rebuilt without its checkpoint being saved again.',
  });
}
