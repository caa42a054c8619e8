/** Local heaps (specification III.D): the names of a symbol-table group. */

import { type Context, damaged, expectSignature, parsing, readMetadata, report } from './context.ts';
import { decodeText } from './text.ts';

export interface LocalHeap {
  /** The text at an offset of the heap's data. Throws `damaged` where there is none. */
  text(offset: number): string;
  /** Absolute offset of the data segment. */
  readonly dataOffset: number;
}

/** Reads the local heap at a file address with all its data. */
export async function readLocalHeap(context: Context, address: number): Promise<LocalHeap> {
  const { offsetSize, lengthSize } = context;
  const at = await readMetadata(context, address, 8 + 2 * lengthSize + offsetSize, 'the heap of names');
  const start = at.offset;
  expectSignature(context, at, 'HEAP', 'the heap of names', 'hdf5-local-heap-signature');
  const facts = parsing(context, () => {
    at.skip(4);
    return { size: at.uint(lengthSize), free: at.uint(lengthSize), data: at.uint(offsetSize) };
  });
  const data = await readMetadata(context, facts.size === 0 ? address : facts.data, facts.size, 'the names of a group');
  checkFreeList(context, data.bytes, facts.free, start);
  return {
    dataOffset: data.offset,
    text(offset) {
      const end = offset < data.bytes.length ? data.bytes.indexOf(0, offset) : -1;
      if (end >= 0) return decodeText(data.bytes.subarray(offset, end)).text;
      throw damaged(context, {
        code: 'hdf5-local-heap-offset',
        what: `no name ends in the ${data.bytes.length} bytes of the heap from its byte ${offset}`,
        offset: data.offset + offset,
        facts: { offset, size: data.bytes.length },
      });
    },
  };
}

/** libhdf5 walks the list of free blocks when it opens a heap, and refuses the group where the list is broken. */
function checkFreeList(context: Context, data: Uint8Array, head: number, heap: number): void {
  const { lengthSize } = context;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = (at: number): number =>
    lengthSize === 8 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
  if (lengthSize === 2) return;
  const none = [1, 2 ** (8 * lengthSize), Number(2n ** 64n - 1n), 0xffff_ffff];
  let at = head;
  for (let steps = 0; !none.includes(at); steps += 1) {
    const outside = at + 2 * lengthSize > data.byteLength || steps > data.byteLength / (2 * lengthSize);
    const size = outside ? 0 : length(at + lengthSize);
    if (outside || size === 0 || at + size > data.byteLength) {
      report(context, 'error', {
        code: 'hdf5-local-heap-free',
        what: 'the list of free blocks in the heap of names is broken',
        offset: heap,
        facts: { at, size, outside },
      });
      return;
    }
    at = length(at);
  }
}
