/**
 * libhdf5, compiled to WebAssembly (h5wasm), as the judge of our HDF5 reader: walks a file with both and tells every
 * difference in groups, attributes, shapes, bytes and texts.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import * as h5wasm from 'h5wasm/node';
import type {
  Hdf5AttributeValue,
  Hdf5Dataset,
  Hdf5Datatype,
  Hdf5File,
  Hdf5Group,
  Hdf5Object,
} from '../../src/containers/hdf5/index.ts';
import { bytesOf } from '../../src/numbers/dtype.ts';

const judge = await h5wasm.ready;
// libhdf5 prints its whole error stack, straight to the file of standard error, for every question without an answer.
const write = fs.writeSync;
fs.writeSync = ((fd: number, ...rest: unknown[]) =>
  fd === 2 ? (rest[2] ?? 0) : (write as (...all: unknown[]) => number)(fd, ...rest)) as typeof fs.writeSync;

interface Metadata {
  shape: number[] | null;
  size: number;
  total_size: number;
  type: number;
  vlen: boolean;
}

type Judge = typeof judge;

export interface Comparison {
  differences: string[];
  /** Datasets that libhdf5 could not read itself, by path. */
  skipped: string[];
  objects: number;
  attributes: number;
  bytes: number;
}

/** Compares `ours` with what libhdf5 reads from the file at `path`. */
export async function compareWithJudge(ours: Hdf5File, path: string): Promise<Comparison> {
  const file = new h5wasm.File(path, 'r');
  const comparison: Comparison = { differences: [], skipped: [], objects: 0, attributes: 0, bytes: 0 };
  try {
    await compareObject({ judge, id: file.file_id, ours, comparison, seen: new Set() }, ours.root, '/');
  } finally {
    file.close();
  }
  return comparison;
}

interface Walk {
  judge: Judge;
  id: bigint;
  ours: Hdf5File;
  comparison: Comparison;
  seen: Set<number>;
}

async function compareObject(walk: Walk, object: Hdf5Object, path: string): Promise<void> {
  if (walk.seen.has(object.offset)) return;
  walk.seen.add(object.offset);
  walk.comparison.objects += 1;
  await compareAttributes(walk, object, path);
  if (object.kind === 'group') await compareGroup(walk, object, path);
  if (object.kind === 'dataset') await compareDataset(walk, object, path);
}

async function compareAttributes(walk: Walk, object: Hdf5Object, path: string): Promise<void> {
  const { judge, id } = walk;
  const theirs = [...judge.get_attribute_names(id, path)];
  const ours = await object.attributes();
  expectSame(walk, `${path} attributes`, [...ours.keys()].sort(), [...theirs].sort());
  for (const name of theirs) {
    const attribute = ours.get(name);
    if (!attribute) continue;
    walk.comparison.attributes += 1;
    const metadata = judge.get_attribute_metadata(id, path, name) as unknown as Metadata;
    const where = `${path} @${name}`;
    expectSame(walk, `${where} shape`, attribute.shape, metadata.shape);
    if (!metadata.shape) continue;
    const read = (at: bigint) => judge.get_attribute_data(id, path, name, at);
    const release = (at: bigint) => judge.reclaim_vlen_memory(id, path, name, at);
    compareValue(walk, where, attribute.value, attribute.datatype, rawBytes(walk, metadata, read, release));
  }
}

async function compareGroup(walk: Walk, group: Hdf5Group, path: string): Promise<void> {
  const { judge, id, comparison } = walk;
  expectSame(walk, `${path} names`, (await group.names()).sort(), [...judge.get_names(id, path, false)].sort());
  const links = await group.links();
  // Thousands of links are alike: asking libhdf5 for some of them is enough, and quick.
  const step = links.length > 1000 ? 50 : 1;
  for (const link of links.filter((_, index) => index % step === 0)) {
    const below = path === '/' ? `/${link.name}` : `${path}/${link.name}`;
    const type = typeName(walk, below);
    const object = await group.get(link.name);
    if (object === null) {
      if (type !== 'broken' && type !== 'external')
        comparison.differences.push(`${below}: libhdf5 opens it, ours does not`);
      continue;
    }
    expectSame(walk, `${below} type`, object.kind, type);
    await compareObject(walk, object, below);
  }
}

function typeName({ judge, id }: Walk, path: string): string {
  const names: Record<number, string> = {
    [judge.H5G_GROUP]: 'group',
    [judge.H5G_DATASET]: 'dataset',
    [judge.H5G_TYPE]: 'datatype',
  };
  try {
    judge.get_attribute_names(id, path); // fails where no object can be opened
    return names[judge.get_type(id, path)] ?? 'broken';
  } catch {
    return 'broken';
  }
}

async function compareDataset(walk: Walk, dataset: Hdf5Dataset, path: string): Promise<void> {
  const { judge, id } = walk;
  const metadata = judge.get_dataset_metadata(id, path) as unknown as Metadata;
  expectSame(walk, `${path} shape`, dataset.shape, metadata.shape);
  if (!metadata.shape || dataset.layout.kind === 'external' || dataset.layout.kind === 'virtual') return;
  const read = (at: bigint) => judge.get_dataset_data(id, path, null, null, null, at);
  const release = (at: bigint) => judge.reclaim_vlen_memory(id, path, '', at);
  let theirs: Judged;
  try {
    theirs = rawBytes(walk, metadata, read, release);
  } catch {
    walk.comparison.skipped.push(path);
    return;
  }
  if (dataset.filters.some(filter => filter.name === 'scaleoffset')) return;
  if (isVariable(dataset.datatype)) {
    const value = await dataset.read();
    if (dataset.dtype === 'string') compareTexts(walk, path, (value as { data: string[] }).data, theirs.texts!);
    return;
  }
  const bytes = await dataset.readBytes();
  walk.comparison.bytes += bytes.length;
  expectBytes(walk, `${path} bytes`, inLittleEndian(dataset.datatype, bytes), theirs.bytes);
  const value = await dataset.read();
  if (value.dtype !== null && value.dtype !== 'string' && dataset.byteRange()) {
    expectBytes(walk, `${path} values`, bytesOf(value.data as Uint8Array), theirs.bytes);
    const range = dataset.byteRange()!;
    expectBytes(walk, `${path} range`, await walk.ours.source.read(range.offset, range.length), theirs.bytes);
  }
}

/** h5wasm asks libhdf5 for numbers in little-endian order. */
function inLittleEndian(type: Hdf5Datatype, bytes: Uint8Array): Uint8Array {
  if ((type.class !== 'integer' && type.class !== 'float') || type.order !== 'big') return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += type.size) swapped.subarray(at, at + type.size).reverse();
  return swapped;
}

interface Judged {
  bytes: Uint8Array;
  texts?: string[];
}

/** What libhdf5 puts in memory for the file's own datatype; variable-length texts are read out of its heap. */
function rawBytes(
  { judge }: Walk,
  metadata: Metadata,
  read: (at: bigint) => void,
  release: (at: bigint) => void,
): Judged {
  const length = metadata.size * metadata.total_size;
  const pointer = judge._malloc(Math.max(8, length));
  try {
    const status = read(BigInt(pointer)) as unknown as number;
    if (typeof status === 'number' && status < 0) throw new Error('libhdf5 cannot read it');
    const bytes = judge.HEAPU8.slice(pointer, pointer + length);
    if (!metadata.vlen) return { bytes };
    const texts = Array.from(new Uint32Array(bytes.buffer), at => textAt(judge.HEAPU8, at));
    release(BigInt(pointer));
    return { bytes, texts };
  } finally {
    judge._free(pointer);
  }
}

/** The bytes up to the zero, as Latin-1: what is compared are bytes. */
function textAt(heap: Uint8Array, at: number): string {
  return at === 0 ? '' : Buffer.from(heap.subarray(at, heap.indexOf(0, at))).toString('latin1');
}

function isVariable(type: Hdf5Datatype): boolean {
  if (type.class === 'variable' || type.class === 'variable-string') return true;
  if (type.class === 'array') return isVariable(type.base);
  return type.class === 'compound' && type.members.some(member => isVariable(member.datatype));
}

function compareValue(walk: Walk, where: string, value: Hdf5AttributeValue, type: Hdf5Datatype, judged: Judged): void {
  if (type.class === 'variable-string') {
    const texts =
      typeof value === 'string' ? [value] : Array.isArray(value) ? value : (value as { data: string[] }).data;
    compareTexts(walk, where, texts, judged.texts!);
  } else if (type.class === 'string') {
    const texts =
      typeof value === 'string' ? [value] : Array.isArray(value) ? value : (value as { data: string[] }).data;
    const theirs = texts.map((_, index) => judged.bytes.subarray(index * type.size, (index + 1) * type.size));
    const padding = type.padding === 'space-padded' ? / +$/ : type.padding === 'null-padded' ? /\0+$/ : /\0.*$/s;
    const judgedTexts = theirs.map(bytes => Buffer.from(bytes).toString('latin1').replace(padding, ''));
    compareTexts(walk, where, texts, judgedTexts);
  } else if (type.class === 'integer' || type.class === 'float') {
    expectSame(walk, where, numbers(value), fromBytes(type, judged.bytes));
  }
}

function numbers(value: Hdf5AttributeValue): string[] {
  if (value !== null && typeof value === 'object' && 'data' in value) return Array.from(value.data, String);
  return [String(value)];
}

/** Decodes with DataView what the judge put in memory, independently of the reader's own decoding. */
function fromBytes(type: Hdf5Datatype & { class: 'integer' | 'bitfield' | 'float' }, bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = true;
  const read: Record<string, (at: number) => number | bigint> = {
    f2: at => view.getUint16(at, little),
    f4: at => view.getFloat32(at, little),
    f8: at => view.getFloat64(at, little),
    i1: at => view.getInt8(at),
    i2: at => view.getInt16(at, little),
    i4: at => view.getInt32(at, little),
    i8: at => view.getBigInt64(at, little),
    u1: at => view.getUint8(at),
    u2: at => view.getUint16(at, little),
    u4: at => view.getUint32(at, little),
    u8: at => view.getBigUint64(at, little),
  };
  const kind = type.class === 'float' ? 'f' : type.class === 'integer' && type.signed ? 'i' : 'u';
  const decode = read[`${kind}${type.size}`];
  if (!decode) return [];
  return Array.from({ length: bytes.length / type.size }, (_, index) => String(decode(index * type.size)));
}

/** `theirs` are bytes as Latin-1. Ours has lone surrogates where a byte was no UTF-8: back to bytes first. */
function compareTexts(walk: Walk, where: string, ours: readonly string[], theirs: readonly string[]): void {
  const back = ours.map(text => Buffer.concat([...text].map(char => bytesOfChar(char))).toString('latin1'));
  expectSame(walk, where, back, theirs);
}

function bytesOfChar(char: string): Buffer {
  const code = char.codePointAt(0)!;
  return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(char, 'utf8');
}

function expectSame(walk: Walk, where: string, ours: unknown, theirs: unknown): void {
  const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)];
  if (a !== b) walk.comparison.differences.push(`${where}: ours ${a?.slice(0, 300)}, libhdf5 ${b?.slice(0, 300)}`);
}

function expectBytes(walk: Walk, where: string, ours: Uint8Array, theirs: Uint8Array): void {
  if (Buffer.compare(ours, theirs) === 0) return;
  walk.comparison.differences.push(`${where}: ours ${digest(ours)}, libhdf5 ${digest(theirs)}`);
}

function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash('sha1').update(bytes).digest('hex').slice(0, 12)} ${[...bytes.subarray(0, 16)]}`;
}
