/**
 * Global heap collections (HDF5 file format specification 3.0, section III.E), which hold variable-length strings.
 * A first pass counts what is needed, so that the collections' addresses are known before anything is written.
 */

import { byteWriter } from '../../../bytes/byte-writer.ts';
import type { PlaceText } from './messages.ts';

/** libhdf5 makes no smaller collection (H5HG_MINSIZE). */
const smallestCollection = 4096;
const collectionHeader = 16;
const objectHeader = 16;
/** An index is held in 16 bits and 0 means free space. */
const mostObjects = 65_000;

export interface GlobalHeap {
  readonly place: PlaceText;
  /** Bytes of all collections placed so far, one after the other, starting at `address`. */
  done(): Uint8Array;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Collects strings into collections that will lie at `address` and after. */
export function globalHeap(address: number): GlobalHeap {
  const finished: Uint8Array[] = [];
  let start = address;
  let objects: Uint8Array[] = [];

  const finish = () => {
    if (objects.length === 0) return;
    const collection = encodeCollection(objects);
    finished.push(collection);
    start += collection.length;
    objects = [];
  };

  return {
    place(encoded) {
      if (objects.length === mostObjects) finish();
      objects.push(encoded);
      return { address: start, index: objects.length };
    },
    done() {
      finish();
      const writer = byteWriter();
      for (const collection of finished) writer.raw(collection);
      return writer.done();
    },
  };
}

function encodeCollection(objects: readonly Uint8Array[]): Uint8Array {
  const used = objects.reduce((sum, object) => sum + objectHeader + padded(object.length), collectionHeader);
  const freeSpace = used < smallestCollection ? Math.max(objectHeader, smallestCollection - used) : 0;
  const writer = byteWriter()
    .raw([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0])
    .u64(used + freeSpace);
  objects.forEach((object, index) => {
    writer
      .u16(index + 1)
      .u16(1)
      .u32(0)
      .u64(object.length)
      .raw(object)
      .zeros(padded(object.length) - object.length);
  });
  if (freeSpace > 0)
    writer
      .u16(0)
      .u16(0)
      .u32(0)
      .u64(freeSpace)
      .zeros(freeSpace - objectHeader);
  return writer.done();
}
