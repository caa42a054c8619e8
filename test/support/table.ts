/** Writes tables of the LevelDB kind, so that tests can make checkpoints that no TensorFlow of today writes. */

import { compress } from 'snappyjs';
import { crc32c, maskCrc } from '../../src/containers/table/crc32c.ts';

export interface TableOptions {
  snappy?: boolean;
  /** Entries in each data block. */
  perBlock?: number;
}

/** A table of these entries, which must be in key order. */
export function tableBytes(
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
  options: TableOptions = {},
): Uint8Array {
  const { snappy = false, perBlock = 3 } = options;
  const out: number[] = [];
  const emit = (block: Uint8Array): number[] => {
    const body = snappy ? compress(block) : block;
    const offset = out.length;
    out.push(...body, snappy ? 1 : 0);
    const crc = maskCrc(crc32c(Uint8Array.from(out.slice(offset))));
    out.push(crc & 255, (crc >>> 8) & 255, (crc >>> 16) & 255, crc >>> 24);
    return [...varint(offset), ...varint(body.length)];
  };
  const index: [Uint8Array, Uint8Array][] = [];
  for (let at = 0; at < entries.length; at += perBlock) {
    const part = entries.slice(at, at + perBlock);
    index.push([part.at(-1)![0], Uint8Array.from(emit(blockBytes(part)))]);
  }
  const meta = emit(blockBytes([]));
  const handles = [...meta, ...emit(blockBytes(index))];
  out.push(...handles, ...new Array(40 - handles.length).fill(0), 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);
  return Uint8Array.from(out);
}

function blockBytes(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  const out: number[] = [];
  let previous: Uint8Array = new Uint8Array();
  for (const [key, value] of entries) {
    let shared = 0;
    while (shared < previous.length && shared < key.length && previous[shared] === key[shared]) shared++;
    out.push(
      ...varint(shared),
      ...varint(key.length - shared),
      ...varint(value.length),
      ...key.subarray(shared),
      ...value,
    );
    previous = key;
  }
  return Uint8Array.from([...out, 0, 0, 0, 0, 1, 0, 0, 0]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}
