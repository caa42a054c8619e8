/**
 * Checkpoints of TensorFlow's first format (Saver version V1, until 2016 the only one): one table a shard, whose first
 * entry describes all tensors and whose further entries hold the data of their slices as protobuf messages
 * (tensorflow/core/util/tensor_slice_reader.cc). Opening reads the description; a tensor's block is read on demand.
 */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import { allocate, bytesPerElement } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { decode } from '../protobuf/message.ts';
import { dtypeOfNumber } from './datatype.ts';
import { sliceKey } from './ordered.ts';
import { SavedTensorSlices, type TensorSlice } from './schema.ts';
import { isTable, openTable, type Table } from './table.ts';
import { placeSlice } from './tensor.ts';
import { readTensorProto } from './tensorproto.ts';

export interface V1Entry {
  readonly name: string;
  readonly type: number;
  readonly dtype: DType | null;
  readonly shape: readonly number[];
  /** The slices that it is stored in, each with the table that holds it. */
  readonly slices: readonly { readonly slice: TensorSlice; readonly table: Table }[];
}

export interface V1Checkpoint {
  readonly name: string;
  readonly entries: ReadonlyMap<string, V1Entry>;
}

const maxTensorBytes = 2 ** 33;

/** True where `source` is one file of a V1 checkpoint: a table whose empty key holds the description of tensors. */
export async function isV1Checkpoint(source: ByteSource): Promise<boolean> {
  if (!(await isTable(source))) return false;
  const table = await openTable(source);
  const first = await table.get(new Uint8Array(0));
  // In a bundle's index the same key holds a header, whose first field is a number and not a message.
  return first !== null && first.value[0] === 0x0a;
}

/** Opens `name` in `folder`: one file, or the first of `name-00000-of-0000n`. Throws `not-found`, `damaged`. */
export async function openV1Checkpoint(folder: Folder, name: string): Promise<V1Checkpoint> {
  const entries = new Map<string, V1Entry & { slices: { slice: TensorSlice; table: Table }[] }>();
  for (const source of await filesOf(folder, name)) {
    const table = await openTable(source);
    const first = await table.get(new Uint8Array(0));
    const meta = first && decode(SavedTensorSlices, first.value, { where: source.name, offset: first.offset }).meta;
    if (!meta)
      throw new LoadstoneError('damaged', 'This checkpoint does not describe its tensors', { where: source.name });
    for (const tensor of meta.tensor) {
      const shape = tensor.shape?.dim.map(dim => dim.size) ?? [];
      const entry = entries.get(tensor.name) ?? {
        name: tensor.name,
        type: tensor.type,
        dtype: dtypeOfNumber(tensor.type),
        shape,
        slices: [],
      };
      entries.set(tensor.name, entry);
      for (const slice of tensor.slice) entry.slices.push({ slice, table });
    }
  }
  return { name, entries };
}

async function filesOf(folder: Folder, name: string): Promise<ByteSource[]> {
  const whole = await folder.file(name);
  if (whole !== null) return [whole];
  const pattern = /-00000-of-(\d{5})$/;
  const names = (await folder.list())?.filter(file => file.startsWith(`${name}-`) && pattern.test(file)) ?? [];
  const shards = Number(pattern.exec(names[0] ?? '')?.[1] ?? 0);
  const sources: ByteSource[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const file = `${name}-${String(shard).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}`;
    const source = await folder.file(file);
    if (source === null)
      throw new LoadstoneError('not-found', `A shard of the checkpoint is missing: there is no ${file}`, {
        where: folder.name,
      });
    sources.push(source);
  }
  if (sources.length === 0)
    throw new LoadstoneError('not-found', `There is no checkpoint ${name}`, { where: folder.name });
  return sources;
}

/** Reads one variable, slice by slice. Throws `damaged` where a slice is missing or does not fit. */
export async function readV1Tensor(checkpoint: V1Checkpoint, entry: V1Entry): Promise<Tensor> {
  const { dtype, shape, name } = entry;
  const where = `${checkpoint.name}, ${name}`;
  if (dtype === null)
    throw new LoadstoneError('unsupported', `TensorFlow's dtype ${entry.type} holds no array`, { where });
  const count = elementCount(shape);
  if (!(count * bytesPerElement[dtype] <= maxTensorBytes))
    throw new LoadstoneError('limit', `It has ${count} elements`, { where });
  const data = allocate(dtype, count);
  let filled = 0;
  for (const { slice, table } of entry.slices) {
    const stored = await table.get(sliceKey(name, slice));
    const message = stored && decode(SavedTensorSlices, stored.value, { where, offset: stored.offset }).data?.data;
    if (!message)
      throw new LoadstoneError('damaged', 'A slice of this variable is missing', {
        where: `${table.source.name}, ${name}`,
      });
    const sizes = shape.map((size, axis) => slice.extent[axis]?.length ?? size);
    const tensorShape = { dim: sizes.map(size => ({ size, name: '' })), unknownRank: false };
    const part = readTensorProto({ ...message, dtype: entry.type, tensorShape }, where);
    filled += placeSlice(part, slice, shape, data as { [index: number]: unknown }, where);
  }
  if (filled < count) throw new LoadstoneError('damaged', `Its slices fill ${filled} of ${count} elements`, { where });
  return { dtype, shape, data };
}
