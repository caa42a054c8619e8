/**
 * Tensors of a checkpoint bundle, read by byte range from their shards, with their checksum verified. Numbers are
 * little-endian unless the header says otherwise; strings are lengths, a checksum of the lengths, then the bytes; a
 * partitioned variable is put together from its slices.
 */

import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import { allocate, bytesPerElement, type TypedArray, viewBytes } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { type Bundle, type BundleEntry, latin1 } from './bundle.ts';
import { crc32c, maskCrc } from './crc32c.ts';
import { sliceKey } from './ordered.ts';
import type { TensorSlice } from './schema.ts';

/** A tensor of more bytes than this is no weight but a damaged size. */
const maxTensorBytes = 2 ** 33;

export interface BundleReadOptions extends ReadOptions {
  /** False gives the numbers whatever their checksum says, for salvage. Default true. */
  verify?: boolean;
}

/** Reads one variable. Throws `damaged` where bytes are missing or their checksum is wrong, `unsupported` for a dtype that is no array. */
export async function readBundleTensor(
  bundle: Bundle,
  entry: BundleEntry,
  options: BundleReadOptions = {},
): Promise<Tensor> {
  const { dtype, shape } = entry;
  if (dtype === null)
    throw new LoadstoneError('unsupported', `${entry.key} has TensorFlow's dtype ${entry.type}, which holds no array`, {
      where: bundle.name,
    });
  if (entry.slices.length > 0) return assemble(bundle, entry, dtype, options);
  const bytes = await readBytes(bundle, entry, options);
  if (dtype === 'string') {
    const decoder = new TextDecoder();
    return { dtype, shape, data: splitStrings(bundle, entry, bytes, options).map(text => decoder.decode(text)) };
  }
  return { dtype, shape, data: viewBytes(dtype, bundle.header.endianness === 1 ? swapped(bytes, dtype) : bytes) };
}

/** Checks the checksum of one tensor's bytes without keeping them; null when right, else what is wrong. */
export async function verifyBundleTensor(
  bundle: Bundle,
  entry: BundleEntry,
  options: ReadOptions = {},
): Promise<LoadstoneError | null> {
  try {
    await readBundleTensor(bundle, entry, { ...options, verify: true });
    return null;
  } catch (error) {
    if (error instanceof LoadstoneError && error.code !== 'aborted') return error;
    throw error;
  }
}

/**
 * What is wrong with the bytes of one entry, already read, by their checksum (for strings, by their lengths' too); null
 * when nothing is.
 */
export function verifyBundleBytes(
  bundle: Bundle,
  entry: BundleEntry,
  shard: ByteSource,
  bytes: Uint8Array,
): LoadstoneError | null {
  if (entry.dtype !== 'string') return checksumError(shard, entry, bytes);
  try {
    splitStrings(bundle, entry, bytes, { verify: true });
    return null;
  } catch (error) {
    if (isLoadstoneError(error, 'damaged')) return error;
    throw error;
  }
}

function checksumError(shard: ByteSource, entry: BundleEntry, bytes: Uint8Array): LoadstoneError | null {
  if (maskCrc(crc32c(bytes)) === entry.crc) return null;
  return damaged(shard, entry, `the checksum of ${entry.key} does not match its ${entry.size} bytes`);
}

async function readBytes(bundle: Bundle, entry: BundleEntry, options: BundleReadOptions): Promise<Uint8Array> {
  const shard = await bundle.shard(entry.shard);
  if (entry.size > maxTensorBytes || entry.offset + entry.size > shard.size) {
    throw damaged(shard, entry, `${entry.key} ends at byte ${entry.offset + entry.size}, the file at ${shard.size}`);
  }
  const bytes = await shard.read(entry.offset, entry.size, options);
  const wrong = options.verify !== false && entry.dtype !== 'string' ? checksumError(shard, entry, bytes) : null;
  if (wrong) throw wrong;
  return bytes;
}

function damaged(shard: ByteSource, entry: BundleEntry, what: string): LoadstoneError {
  return new LoadstoneError('damaged', `This shard of the checkpoint is damaged: ${what}`, {
    where: `${shard.name}, byte ${entry.offset}`,
    offset: entry.offset,
    do: 'Copy the file again from where it came; `loadstone convert` to .npz takes out the tensors that are whole.',
  });
}

/** The strings of one entry as the bytes that they are: the object graph and other messages lie in checkpoints as strings. */
export async function readBundleStrings(
  bundle: Bundle,
  entry: BundleEntry,
  options: BundleReadOptions = {},
): Promise<Uint8Array[]> {
  return splitStrings(bundle, entry, await readBytes(bundle, entry, options), options);
}

/** Strings: as many varint lengths as elements, the masked checksum of the lengths, then all bytes end to end. */
function splitStrings(bundle: Bundle, entry: BundleEntry, bytes: Uint8Array, options: BundleReadOptions): Uint8Array[] {
  const fail = (what: string) =>
    new LoadstoneError('damaged', `The strings of ${entry.key} are damaged: ${what}`, {
      where: `${bundle.shardName(entry.shard)}, byte ${entry.offset}`,
      offset: entry.offset,
      do: 'Copy the file again from where it came.',
    });
  const count = elementCount(entry.shape);
  if (count > bytes.length) throw fail(`${count} strings cannot lie in ${bytes.length} bytes`);
  const { lengths, position } = readLengths(bytes, count, fail);
  const crc = checksumOfLengths(lengths);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(position, true);
  if (options.verify !== false) {
    if (maskCrc(crc) !== stored) throw fail('the checksum of their lengths does not match');
    if (maskCrc(crc32c(bytes.subarray(position), crc)) !== entry.crc) throw fail('their checksum does not match');
  }
  let from = position + 4;
  return lengths.map(length => {
    if (from + length > bytes.length) throw fail('they run past their end');
    const text = bytes.subarray(from, from + length);
    from += length;
    return text;
  });
}

function readLengths(bytes: Uint8Array, count: number, fail: (what: string) => Error) {
  const lengths: number[] = [];
  let position = 0;
  for (let index = 0; index < count; index++) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++];
      if (byte === undefined || shift > 49) throw fail('a length is broken');
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    lengths.push(length);
  }
  if (position + 4 > bytes.length) throw fail('the checksum of their lengths is missing');
  return { lengths, position };
}

/** The checksum counts each length as a 32-bit number (64 bits for one past 4 GB), not as the varint that is stored. */
function checksumOfLengths(lengths: readonly number[]): number {
  const bytes = new Uint8Array(lengths.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, length] of lengths.entries()) view.setUint32(index * 4, length, true);
  return crc32c(bytes);
}

function swapped(bytes: Uint8Array, dtype: Exclude<DType, 'string'>): Uint8Array {
  const width = dtype.startsWith('complex') ? bytesPerElement[dtype] / 2 : bytesPerElement[dtype];
  const out = bytes.slice();
  for (let at = 0; at + width <= out.length; at += width) out.subarray(at, at + width).reverse();
  return out;
}

async function assemble(bundle: Bundle, entry: BundleEntry, dtype: DType, options: BundleReadOptions): Promise<Tensor> {
  const count = elementCount(entry.shape);
  if (count * bytesPerElement[dtype] > maxTensorBytes)
    throw new LoadstoneError('limit', `${entry.key} has ${count} elements`, { where: bundle.name });
  const data = allocate(dtype, count);
  let filled = 0;
  for (const slice of entry.slices) {
    const part = bundle.sliceEntries.get(latin1(sliceKey(entry.key, slice)));
    if (part === undefined || part.slices.length > 0) {
      throw new LoadstoneError('damaged', `A slice of ${entry.key} is not in the index`, {
        where: `${bundle.name}, byte ${entry.at}`,
        offset: entry.at,
      });
    }
    const tensor = await readBundleTensor(bundle, { ...part, key: entry.key }, options);
    filled += placeSlice(tensor, slice, entry.shape, data as unknown[] | TypedArray, bundle.name);
  }
  if (filled < count)
    throw new LoadstoneError('damaged', `The slices of ${entry.key} fill ${filled} of its ${count} elements`, {
      where: bundle.name,
    });
  return { dtype, shape: entry.shape, data };
}

/** Copies a slice to its place in the whole, row by row of the last axis; gives the number of elements. */
export function placeSlice(
  part: Tensor,
  slice: TensorSlice,
  shape: readonly number[],
  into: { [index: number]: unknown },
  where: string,
): number {
  const starts = shape.map((_, axis) => slice.extent[axis]?.start ?? 0);
  const sizes = shape.map((size, axis) => slice.extent[axis]?.length ?? size);
  const fits = sizes.every((size, axis) => starts[axis]! >= 0 && size >= 0 && starts[axis]! + size <= shape[axis]!);
  const total = elementCount(sizes);
  const width = part.dtype.startsWith('complex') ? 2 : 1;
  if (!fits || part.data.length !== total * width)
    throw new LoadstoneError(
      'damaged',
      `A slice [${starts}] + [${sizes}] does not fit in a variable of shape [${shape}]`,
      { where },
    );
  const row = (sizes.at(-1) ?? 1) * width;
  for (let from = 0; from < total * width; from += row) {
    let rest = from / row;
    let to = starts.at(-1) ?? 0;
    let stride = shape.at(-1) ?? 1;
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      to += (starts[axis]! + (rest % sizes[axis]!)) * stride;
      rest = Math.floor(rest / sizes[axis]!);
      stride *= shape[axis]!;
    }
    for (let index = 0; index < row; index++) into[to * width + index] = part.data[from + index];
  }
  return total;
}
