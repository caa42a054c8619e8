/**
 * Writes HDF5 in one pass: superblock 2, object headers 2 with links inside, strings of attributes in global heaps,
 * contiguous datasets. All metadata stands at the front, so that a reader finds it in one request; numbers follow, each
 * dataset aligned. The same tree always gives the same bytes. libhdf5 1.8 and later read it.
 */

import { byteWriter } from '../../../bytes/byte-writer.ts';
import type { ByteSink } from '../../../bytes/sink.ts';
import { LoadstoneError } from '../../../findings/errors.ts';
import { bytesPerElement } from '../../../numbers/dtype.ts';
import { elementCount } from '../../../numbers/tensor.ts';
import { lookup3 } from '../checksum.ts';
import { type GlobalHeap, globalHeap } from './global-heap.ts';
import {
  attribute,
  contiguousLayout,
  dataspace,
  fillValue,
  groupInfo,
  link,
  linkInfo,
  type Message,
  messageType,
  numberDatatype,
  undefinedAddress,
} from './messages.ts';
import type { AttributeNode, DatasetNode, GroupNode } from './tree.ts';

export type { AttributeNode, AttributeValue, DatasetNode, GroupNode, NumberType } from './tree.ts';

const superblockLength = 48;
/** Datasets start at multiples of this, so that they can be mapped and viewed as numbers. */
const alignment = 64;

export interface WriteOptions {
  signal?: AbortSignal;
}

/** An object with its place in the file, once that is known. */
interface Placed {
  readonly path: string;
  readonly node: GroupNode | DatasetNode;
  readonly members: ReadonlyMap<string, Placed>;
  headerAddress: number;
  dataAddress: number;
}

/** Bytes of a dataset's numbers. */
export function datasetBytes({ dtype, shape }: DatasetNode): number {
  return elementCount(shape) * bytesPerElement[dtype];
}

export interface Hdf5Plan {
  /** Length of the file in bytes. */
  readonly size: number;
  /**
   * The file's bytes, in order. Throws `damaged` when a dataset gives another number of bytes than its shape needs.
   */
  chunks(options?: WriteOptions): AsyncIterable<Uint8Array>;
}

/** Lays the file out without reading a number. Throws `unsupported` where an attribute or name is too long for HDF5. */
export function planHdf5(root: GroupNode): Hdf5Plan {
  const tree = place('', root);
  const objects = flatten(tree);
  const { metadata, end } = layOut(tree, objects);
  return { size: end, chunks: options => fileChunks(metadata, objects, options) };
}

async function* fileChunks(
  metadata: Uint8Array,
  objects: readonly Placed[],
  { signal }: WriteOptions = {},
): AsyncIterable<Uint8Array> {
  yield metadata;
  let at = metadata.byteLength;
  for (const { node, path, dataAddress } of objects) {
    if (node.kind !== 'dataset' || datasetBytes(node) === 0) continue;
    if (dataAddress > at) yield new Uint8Array(dataAddress - at);
    yield* numbers(node, path, signal);
    at = dataAddress + datasetBytes(node);
  }
}

/** Writes `root` to `sink`, which the caller closes. Throws as `planHdf5` and its `chunks` do. */
export async function writeHdf5(root: GroupNode, sink: ByteSink, options: WriteOptions = {}): Promise<void> {
  for await (const chunk of planHdf5(root).chunks(options)) await sink.write(chunk);
}

function place(path: string, node: GroupNode | DatasetNode): Placed {
  const members = node.kind === 'group' ? [...node.members].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  return {
    path: path || '/',
    node,
    members: new Map(members.map(([name, member]) => [checkedName(name, path), place(`${path}/${name}`, member)])),
    headerAddress: 0,
    dataAddress: 0,
  };
}

function checkedName(name: string, path: string): string {
  if (name !== '' && name !== '.' && !name.includes('/') && name.length < 0x8000) return name;
  throw new LoadstoneError('unsupported', `"${name.slice(0, 80)}" cannot be a name in HDF5`, { where: path || '/' });
}

function flatten(object: Placed): Placed[] {
  return [object, ...[...object.members.values()].flatMap(flatten)];
}

/** Gives every object its addresses, then encodes all metadata with them. */
function layOut(tree: Placed, objects: readonly Placed[]): { metadata: Uint8Array; end: number } {
  const draft = globalHeap(0);
  let address = superblockLength;
  for (const object of objects) {
    object.headerAddress = address;
    address += header(object, draft).length;
  }
  const heapAddress = Math.ceil(address / 8) * 8;
  let end = heapAddress + draft.done().length;
  for (const object of objects) {
    if (object.node.kind !== 'dataset' || datasetBytes(object.node) === 0) continue;
    object.dataAddress = Math.ceil(end / alignment) * alignment;
    end = object.dataAddress + datasetBytes(object.node);
  }
  const heap = globalHeap(heapAddress);
  const writer = byteWriter().raw(superblock(tree.headerAddress, end));
  for (const object of objects) writer.raw(header(object, heap));
  writer.zeros(heapAddress - writer.length).raw(heap.done());
  return { metadata: writer.done(), end };
}

/** Version 2 (specification II.A): no extension, no base address. */
function superblock(rootAddress: number, endOfFile: number): Uint8Array {
  const body = byteWriter()
    .raw([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2, 8, 8, 0])
    .u64(0)
    .u64(undefinedAddress)
    .u64(endOfFile)
    .u64(rootAddress)
    .done();
  return withChecksum(body);
}

function withChecksum(body: Uint8Array): Uint8Array {
  return byteWriter().raw(body).u32(lookup3(body)).done();
}

/** Version 2 (specification IV.A.1.b): one chunk of messages, its length in four bytes. */
function header(object: Placed, heap: GlobalHeap): Uint8Array {
  const messages = object.node.kind === 'group' ? groupMessages(object) : datasetMessages(object);
  const all = [...messages, ...attributeMessages(object.node.attributes ?? [], heap)];
  const length = all.reduce((sum, { body }) => sum + 4 + body.length, 0);
  const writer = byteWriter().raw([0x4f, 0x48, 0x44, 0x52, 2, 0x02]).u32(length);
  for (const { type, body } of all) writer.u8(type).u16(body.length).u8(0).raw(body);
  return withChecksum(writer.done());
}

function groupMessages({ members }: Placed): Message[] {
  return [
    { type: messageType.linkInfo, body: linkInfo },
    { type: messageType.groupInfo, body: groupInfo },
    ...[...members].map(([name, { headerAddress }]) => ({ type: messageType.link, body: link(name, headerAddress) })),
  ];
}

function datasetMessages({ node, dataAddress }: Placed): Message[] {
  const dataset = node as DatasetNode;
  return [
    { type: messageType.dataspace, body: dataspace(dataset.shape) },
    { type: messageType.datatype, body: numberDatatype(dataset.dtype) },
    { type: messageType.fillValue, body: fillValue },
    { type: messageType.layout, body: contiguousLayout(dataAddress, datasetBytes(dataset)) },
  ];
}

function attributeMessages(attributes: readonly AttributeNode[], heap: GlobalHeap): Message[] {
  return attributes.map(({ name, value }) => attribute(name, value, heap.place));
}

/** A dataset's numbers, counted: neither more nor less than its shape needs. */
async function* numbers(node: DatasetNode, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const wanted = datasetBytes(node);
  let given = 0;
  for await (const chunk of node.chunks()) {
    signal?.throwIfAborted();
    given += chunk.byteLength;
    if (given > wanted) break;
    yield chunk;
  }
  if (given === wanted) return;
  throw new LoadstoneError('damaged', `a dataset gave ${given} bytes, its shape and type need ${wanted}`, {
    where: path,
  });
}
