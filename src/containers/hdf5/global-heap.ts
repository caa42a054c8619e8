/** Global heaps (specification III.E): where variable-length strings and sequences lie. */

import { type Context, damaged, expectSignature, parsing, readMetadata, report, shareOnce } from './context.ts';

export interface HeapObject {
  bytes: Uint8Array;
  /** Absolute. */
  offset: number;
}

interface Collection {
  offset: number;
  objects: Map<number, HeapObject>;
}

/** The object `index` of the collection at a file address. Throws `damaged` where there is none. */
export async function readGlobalObject(context: Context, address: number, index: number): Promise<HeapObject> {
  const collection = await shareOnce(context, `global ${address}`, lasting => readCollection(lasting, address));
  const object = collection.objects.get(index);
  if (object) return object;
  throw damaged(context, {
    code: 'hdf5-global-heap-object',
    what: `the global heap has no object ${index}`,
    offset: collection.offset,
    facts: { index, objects: collection.objects.size },
  });
}

async function readCollection(context: Context, address: number): Promise<Collection> {
  const head = await readMetadata(context, address, 8 + context.lengthSize, 'a global heap');
  expectSignature(context, head, 'GCOL', 'a global heap', 'hdf5-global-heap-signature');
  head.skip(4);
  const size = head.uint(context.lengthSize);
  const offset = context.base + address;
  const available = context.source.size - offset;
  if (size > available) {
    report(context, 'error', {
      code: 'hdf5-outside-file',
      what: `a global heap of ${size} bytes is cut off after ${available}`,
      offset,
      length: size,
    });
  }
  const at = await readMetadata(context, address, Math.min(size, available), 'a global heap');
  const collection: Collection = { offset, objects: new Map() };
  parsing(context, () => {
    at.seek(8 + context.lengthSize);
    readObjects(context, at, collection);
  });
  return collection;
}

type At = Awaited<ReturnType<typeof readMetadata>>;

/** Objects follow one another, each padded to eight bytes; index 0 is the free space, which is last. */
function readObjects(context: Context, at: At, collection: Collection): void {
  const head = 8 + context.lengthSize;
  while (at.remaining >= head) {
    const index = at.u16();
    at.skip(6); // reference count, reserved
    const size = at.uint(context.lengthSize);
    if (index === 0) return;
    if (size > at.remaining) {
      report(context, 'error', {
        code: 'hdf5-global-heap-object',
        what: `object ${index} of a global heap claims ${size} bytes where ${at.remaining} are left`,
        offset: at.offset,
        facts: { index, size },
      });
      return;
    }
    const offset = at.offset;
    collection.objects.set(index, { bytes: at.take(size), offset });
    at.skip(Math.min(at.remaining, (8 - (size % 8)) % 8));
  }
}
