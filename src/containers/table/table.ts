/**
 * The table format of LevelDB as TensorFlow uses it (tensorflow/core/lib/io/table*, format.cc): sorted keys in blocks with
 * shared prefixes, an index block that names the data blocks, and a 48-byte footer. Every block carries a masked
 * CRC-32C over its bytes and its compression type, which is checked before a byte of it is believed.
 */

import type { ByteSource } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { readBlockEntries } from './block.ts';
import { crc32c, maskCrc } from './crc32c.ts';

export interface TableEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Offset in the file of the block that holds the entry. */
  readonly offset: number;
}

export interface Table {
  readonly source: ByteSource;
  /** All entries, in key order, block by block. */
  entries(): AsyncGenerator<TableEntry>;
  /** The entry with this key, reading only the block that can hold it; null where there is none. */
  get(key: Uint8Array): Promise<TableEntry | null>;
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

const footerLength = 48;
const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
/** Type byte and checksum behind each block. */
const trailerLength = 5;
/** A data block holds one tensor's entry or, in V1 checkpoints, one slice's data of at most 2 GB as protobuf has it. */
const maxBlockLength = 2 ** 31;

/** True where the last bytes of `source` are the magic number of a table. */
export async function isTable(source: ByteSource): Promise<boolean> {
  if (source.size < footerLength) return false;
  const tail = await source.read(source.size - 8, 8);
  return magic.every((byte, index) => tail[index] === byte);
}

/** Reads footer and index block. Throws `damaged` where it is no table or the index block is broken. */
export async function openTable(source: ByteSource): Promise<Table> {
  if (source.size < footerLength) throw damaged(source, 0, `it has ${source.size} bytes and a table has at least 48`);
  const footer = await source.read(source.size - footerLength, footerLength);
  if (!magic.every((byte, index) => footer[footerLength - 8 + index] === byte)) {
    throw damaged(source, source.size - 8, 'the magic number of a table is not at its end');
  }
  const meta = readHandle(footer, 0, source, source.size - footerLength);
  const index = readHandle(footer, meta.next, source, source.size - footerLength);
  const block = await readBlock(source, index.handle);
  const parts = readBlockEntries(block, fail(source, index.handle.offset)).map(entry => ({
    lastKey: entry.key,
    handle: readHandle(entry.value, 0, source, index.handle.offset).handle,
  }));
  const entriesOf = async ({ handle }: { handle: BlockHandle }) => {
    const bytes = await readBlock(source, handle);
    return readBlockEntries(bytes, fail(source, handle.offset)).map(entry => ({ ...entry, offset: handle.offset }));
  };
  return {
    source,
    async *entries() {
      let previous: Uint8Array | undefined;
      for (const part of parts) {
        for (const entry of await entriesOf(part)) {
          if (previous && compareKeys(previous, entry.key) >= 0)
            throw damaged(source, entry.offset, 'its keys are not in order');
          previous = entry.key;
          yield entry;
        }
      }
    },
    async get(key) {
      const part = parts.find(({ lastKey }) => compareKeys(key, lastKey) <= 0);
      if (part === undefined) return null;
      return (await entriesOf(part)).find(entry => compareKeys(entry.key, key) === 0) ?? null;
    },
  };
}

async function readBlock(source: ByteSource, { offset, size }: BlockHandle): Promise<Uint8Array> {
  const bytes = await source.read(offset, size + trailerLength);
  const stored = bytes[size + 1]! | (bytes[size + 2]! << 8) | (bytes[size + 3]! << 16) | (bytes[size + 4]! << 24);
  if (maskCrc(crc32c(bytes.subarray(0, size + 1))) !== stored >>> 0) {
    throw damaged(source, offset, `the checksum of the block of ${size} bytes does not match`);
  }
  const type = bytes[size]!;
  const body = bytes.subarray(0, size);
  if (type === 0) return body;
  if (type !== 1) throw damaged(source, offset + size, `compression type ${type} is unknown`);
  const { uncompress } = await import('snappyjs');
  try {
    return uncompress(body, maxBlockLength);
  } catch (cause) {
    throw damaged(source, offset, 'a block cannot be decompressed', cause);
  }
}

/** A handle is two varints: where a block begins and how long it is, trailer left out. */
function readHandle(
  bytes: Uint8Array,
  from: number,
  source: ByteSource,
  at: number,
): { handle: BlockHandle; next: number } {
  let position = from;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = bytes[position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw damaged(source, at, 'a block handle is no pair of varints');
  };
  const handle = { offset: varint(), size: varint() };
  if (handle.size > maxBlockLength || handle.offset + handle.size + trailerLength > source.size) {
    throw damaged(source, at, `a block of ${handle.size} bytes at byte ${handle.offset} lies outside the file`);
  }
  return { handle, next: position };
}

/** Order of keys: by unsigned bytes. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function fail(source: ByteSource, at: number): (what: string) => LoadstoneError {
  return what => damaged(source, at, what);
}

function damaged(source: ByteSource, offset: number, what: string, cause?: unknown): LoadstoneError {
  return new LoadstoneError('damaged', `This checkpoint index is damaged: ${what}`, {
    where: `${source.name}, byte ${offset}`,
    offset,
    do: 'Copy the file again from where it came; an index cannot be rebuilt without its checkpoint being saved again.',
    cause,
  });
}
