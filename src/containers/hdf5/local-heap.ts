/** Local heaps (specification III.D): the names of a symbol-table group. */

import { type Context, cursorOver, damaged, expectSignature, parsing, readMetadata, report } from './context.ts';
import { decodeText } from './text.ts';

export interface LocalHeap {
  /** The text at an offset of the heap's data. Throws `damaged` where there is none. */
  text(offset: number): string;
  /** The text that a key of the group's B-tree, an offset of the heap, stands for; null where there is none. */
  key(bytes: Uint8Array): string | null;
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
    return { size: at.uint(lengthSize), free: at.uintOrNull(lengthSize), data: at.uint(offsetSize) };
  });
  const data = await readMetadata(context, facts.size === 0 ? address : facts.data, facts.size, 'the names of a group');
  checkFreeList(context, data.bytes, facts.free, start);
  const find = (offset: number): string | null => {
    const end = offset < data.bytes.length ? data.bytes.indexOf(0, offset) : -1;
    return end < 0 ? null : decodeName(context, data.bytes.subarray(offset, end), data.offset + offset);
  };
  return {
    dataOffset: data.offset,
    key: bytes => find(cursorOver(context, bytes, start).uint(lengthSize)),
    text(offset) {
      const text = find(offset);
      if (text !== null) return text;
      throw damaged(context, {
        code: 'hdf5-local-heap-offset',
        what: `no name ends in the ${data.bytes.length} bytes of the heap from its byte ${offset}`,
        offset: data.offset + offset,
        facts: { offset, size: data.bytes.length },
      });
    },
  };
}

function decodeName(context: Context, bytes: Uint8Array, offset: number): string {
  const { text, valid } = decodeText(bytes);
  if (!valid) report(context, 'warning', { code: 'hdf5-text', what: `the name “${text}” is not UTF-8`, offset });
  return text;
}

/** Offsets that end the list of free blocks: libhdf5 writes 1; all bits set stands for no address. */
const endOfList = 1;

/** libhdf5 walks the list of free blocks when it opens a heap, and refuses the group where the list is broken. */
function checkFreeList(context: Context, data: Uint8Array, head: number | null, heap: number): void {
  const { lengthSize } = context;
  let next = head;
  for (let steps = 0; next !== null && next !== endOfList; steps += 1) {
    const isOutside = next + 2 * lengthSize > data.byteLength || steps > data.byteLength;
    const at = cursorOver(context, isOutside ? new Uint8Array(16) : data, heap);
    if (!isOutside) at.seek(next);
    const following = at.uintOrNull(lengthSize);
    const size = at.uint(lengthSize);
    if (isOutside || size === 0 || next + size > data.byteLength) {
      report(context, 'error', {
        code: 'hdf5-local-heap-free',
        what: 'the list of free blocks in the heap of names is broken',
        offset: heap,
        facts: { at: next, size, outside: isOutside },
      });
      return;
    }
    next = following;
  }
}
