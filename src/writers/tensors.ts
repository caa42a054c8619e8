/** Streams the numbers of a lazy tensor: in place where they lie plain, in blocks, never the whole model at once. */

import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef } from '../model/types.ts';
import { bytesOf, bytesPerElement } from '../numbers/dtype.ts';
import { elementCount } from '../numbers/tensor.ts';

/** Bytes asked for at once when copying. */
const blockSize = 1 << 20;

/** Bytes that `tensorChunks` gives. */
export function tensorBytes({ dtype, shape }: Pick<TensorRef, 'dtype' | 'shape'>): number {
  return elementCount(shape) * bytesPerElement[dtype];
}

export interface CopyOptions extends ReadOptions {
  /** Who wants to see the bytes of a tensor as they are copied. */
  readonly watcherOf?: (tensor: TensorRef) => ((bytes: Uint8Array) => void) | null;
}

export interface ChunkOptions extends ReadOptions {
  /** Pieces are only looked at until the next one is asked for: the same memory serves for all of them. */
  passing?: boolean;
}

/** The tensor's numbers, little-endian, row-major, in pieces. Throws `unsupported` for strings. */
export async function* tensorChunks(tensor: TensorRef, options: ChunkOptions = {}): AsyncIterable<Uint8Array> {
  const { plain } = tensor;
  if (!plain) {
    yield await tensorData(tensor, options);
    return;
  }
  const { passing = false, ...reading } = options;
  // One is looked at while the other is filled.
  const rooms = passing && plain.length > blockSize ? [takeRoom(), takeRoom()] : [];
  const read = (at: number) => {
    const into = rooms[(at / blockSize) % 2];
    const length = Math.min(blockSize, plain.length - at);
    const block = plain.source.read(plain.offset + at, length, { ...reading, into });
    // Whoever awaits it hears of a failure; where nobody does any more, it is of no interest.
    block.catch(() => {});
    return block;
  };
  let next = plain.length > 0 ? read(0) : null;
  try {
    for (let at = blockSize; next; at += blockSize) {
      const block = await next;
      // The following block is read while this one is written or hashed.
      next = at < plain.length ? read(at) : null;
      yield block;
    }
  } finally {
    // What is still being read into a room must not reach whoever gets it next.
    await next?.catch(() => {});
    spareRooms.push(...rooms);
  }
}

/** Rooms that nobody uses: hundreds of tensors would leave hundreds of megabytes to be collected. */
const spareRooms: Uint8Array[] = [];

function takeRoom(): Uint8Array {
  return spareRooms.pop() ?? new Uint8Array(blockSize);
}

/** The same for a copy: each piece is seen by who watches, then passed on. */
export async function* copiedChunks(
  tensor: TensorRef,
  { watcherOf, ...options }: CopyOptions,
): AsyncIterable<Uint8Array> {
  const watcher = watcherOf?.(tensor);
  for await (const chunk of tensorChunks(tensor, { ...options, passing: true })) {
    watcher?.(chunk);
    yield chunk;
  }
}

/** The tensor's numbers as bytes, all at once. */
export async function tensorData(tensor: TensorRef, options: ReadOptions = {}): Promise<Uint8Array> {
  const { data } = await tensor.read(options);
  if (Array.isArray(data))
    throw new LoadstoneError('unsupported', 'a tensor of strings has no bytes', { where: tensor.path });
  return bytesOf(data as Exclude<typeof data, string[]>);
}
