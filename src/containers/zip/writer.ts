/**
 * Writes zip archives as Python's zipfile writes them for Keras: members stored without compression, dated 1980, so that
 * the same content gives the same bytes. Members can be large (zip64) and are streamed; each one's numbers start at a
 * multiple of 64, so that they can be used where they lie. Follows the .ZIP application note, sections 4.3 and 4.5.
 */

import { byteWriter } from '../../bytes/byte-writer.ts';
import type { ByteSink } from '../../bytes/sink.ts';
import { LoadstoneError } from '../../findings/errors.ts';

import { crc32 } from './crc32.ts';

export interface ZipEntry {
  /** Path inside the archive, with forward slashes. */
  readonly name: string;
  /** Bytes that `chunks` will give. */
  readonly size: number;
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly checksum: number;
  readonly headerAt: number;
}

/** Sizes and offsets from here on go into a zip64 field (4.5.3). */
const largest32 = 0xffff_ffff;
const alignment = 64;
const date1980 = 0x0021;
/** Bit 11: names are UTF-8 (4.4.4). */
const utf8Flag = 0x0800;
/** An extra field that only pads; readers skip ids that they do not know (4.5.1). */
const paddingField = 0xd935;

const text = new TextEncoder();

/** Writes all entries; the caller closes the sink. Throws `damaged` when an entry gives other than `size` bytes. */
export async function writeZip(
  entries: Iterable<ZipEntry>,
  sink: ByteSink,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const written: Written[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = text.encode(entry.name);
    const header = localHeader(name, entry.size, at);
    await sink.write(header);
    const checksum = await writeContent(entry, sink, signal);
    await sink.rewrite(at + 14, byteWriter().u32(checksum).done());
    written.push({ name, size: entry.size, checksum, headerAt: at });
    at += header.length + entry.size;
  }
  await sink.write(directory(written, at));
}

/** Local file header (4.3.7), its checksum still zero. */
function localHeader(name: Uint8Array, size: number, at: number): Uint8Array {
  const large = size >= largest32;
  const zip64 = large ? byteWriter().u16(1).u16(16).u64(size).u64(size).done() : new Uint8Array(0);
  const unpadded = at + 30 + name.length + zip64.length + 4;
  const padding = (alignment - (unpadded % alignment)) % alignment;
  const stored = large ? largest32 : size;
  return byteWriter()
    .u32(0x04034b50)
    .u16(large ? 45 : 20)
    .u16(utf8Flag)
    .u16(0)
    .u16(0)
    .u16(date1980)
    .u32(0)
    .u32(stored)
    .u32(stored)
    .u16(name.length)
    .u16(zip64.length + 4 + padding)
    .raw(name)
    .raw(zip64)
    .u16(paddingField)
    .u16(padding)
    .zeros(padding)
    .done();
}

async function writeContent(entry: ZipEntry, sink: ByteSink, signal?: AbortSignal): Promise<number> {
  let written = 0;
  let checksum = 0;
  for await (const chunk of entry.chunks()) {
    signal?.throwIfAborted();
    written += chunk.byteLength;
    checksum = crc32(chunk, checksum);
    await sink.write(chunk);
  }
  if (written === entry.size) return checksum;
  throw new LoadstoneError('damaged', `a member gave ${written} bytes where ${entry.size} were promised`, {
    where: entry.name,
  });
}

/** Central directory (4.3.12) and what ends it, with zip64 records (4.3.14, 4.3.15) where they are needed. */
function directory(entries: readonly Written[], at: number): Uint8Array {
  const list = byteWriter();
  for (const entry of entries) list.raw(directoryEntry(entry));
  const length = list.length;
  const large = at >= largest32 || entries.length >= 0xffff;
  if (large) {
    list
      .u32(0x06064b50)
      .u64(44)
      .u16(45)
      .u16(45)
      .u32(0)
      .u32(0)
      .u64(entries.length)
      .u64(entries.length)
      .u64(length)
      .u64(at);
    list
      .u32(0x07064b50)
      .u32(0)
      .u64(at + length)
      .u32(1);
  }
  const count = Math.min(entries.length, 0xffff);
  list
    .u32(0x06054b50)
    .u16(0)
    .u16(0)
    .u16(count)
    .u16(count)
    .u32(length)
    .u32(large ? largest32 : at)
    .u16(0);
  return list.done();
}

function directoryEntry({ name, size, checksum, headerAt }: Written): Uint8Array {
  const fields = [size >= largest32 ? [size, size] : [], headerAt >= largest32 ? [headerAt] : []].flat();
  const extra = byteWriter();
  if (fields.length > 0) extra.u16(1).u16(fields.length * 8);
  for (const field of fields) extra.u64(field);
  const stored = Math.min(size, largest32);
  return byteWriter()
    .u32(0x02014b50)
    .u16((3 << 8) | 45)
    .u16(fields.length > 0 ? 45 : 20)
    .u16(utf8Flag)
    .u16(0)
    .u16(0)
    .u16(date1980)
    .u32(checksum)
    .u32(stored)
    .u32(stored)
    .u16(name.length)
    .u16(extra.length)
    .u16(0)
    .u16(0)
    .u16(0)
    .u32(0o644 << 16)
    .u32(Math.min(headerAt, largest32))
    .raw(name)
    .raw(extra.done())
    .done();
}
