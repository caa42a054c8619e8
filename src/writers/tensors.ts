/** Streams the numbers of a lazy tensor: in place where they lie plain, in blocks, never the whole model at once. */

import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef } from '../model/types.ts';
import { bytesOf, bytesPerElement } from '../numbers/dtype.ts';
import { elementCount } from '../numbers/tensor.ts';

/** Bytes asked for at once when copying. */
const blockSize = 4 << 20;

/** Bytes that `tensorChunks` gives. */
export function tensorBytes({ dtype, shape }: Pick<TensorRef, 'dtype' | 'shape'>): number {
  return elementCount(shape) * bytesPerElement[dtype];
}

/** The tensor's numbers, little-endian, row-major, in pieces. Throws `unsupported` for strings. */
export async function* tensorChunks(tensor: TensorRef, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
  const { plain } = tensor;
  if (!plain) {
    yield await tensorData(tensor, options);
    return;
  }
  for (let at = 0; at < plain.length; at += blockSize) {
    const length = Math.min(blockSize, plain.length - at);
    yield await plain.source.read(plain.offset + at, length, options);
  }
}

/** The tensor's numbers as bytes, all at once. */
export async function tensorData(tensor: TensorRef, options: ReadOptions = {}): Promise<Uint8Array> {
  const { data } = await tensor.read(options);
  if (Array.isArray(data))
    throw new LoadstoneError('unsupported', 'a tensor of strings has no bytes', { where: tensor.path });
  return bytesOf(data as Exclude<typeof data, string[]>);
}
