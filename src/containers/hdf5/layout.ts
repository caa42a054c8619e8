/** Puts a dataset's storage messages together: where its elements lie, in absolute offsets, and what they take. */

import { type Context, cursorOver, damaged, parsing } from './context.ts';
import { readLocalHeap } from './local-heap.ts';
import { type HeaderMessage, messageTypes, type ObjectHeader } from './object-header.ts';
import { resolveShared, sharedFlag } from './shared-message.ts';
import { parseFill, parseFilters, parseLayout, parseOldFill, type RawLayout } from './storage-messages.ts';
import type { Hdf5ExternalFile, Hdf5FilterFacts, Hdf5Layout } from './types.ts';

export interface Storage {
  raw: RawLayout;
  layout: Hdf5Layout;
  filters: Hdf5FilterFacts[];
  fillValue: Uint8Array | null;
}

/** The message of `type`, followed where it is shared; null where there is none. */
export async function messageOf(context: Context, header: ObjectHeader, type: number): Promise<HeaderMessage | null> {
  const message = header.messages.find(candidate => candidate.type === type);
  if (!message || (message.flags & sharedFlag) === 0) return message ?? null;
  const { bytes, offset } = await resolveShared(context, type, message.data, message.offset);
  return { ...message, data: bytes, offset };
}

/** Reads how the dataset of this header is stored. `byteLength` is what its elements take. */
export async function readStorage(context: Context, header: ObjectHeader, byteLength: number): Promise<Storage> {
  const layoutMessage = await messageOf(context, header, messageTypes.layout);
  if (!layoutMessage) {
    throw damaged(context, {
      code: 'hdf5-layout',
      what: 'the dataset does not say where its data lie',
      offset: header.offset,
    });
  }
  const raw = parsing(context, () => parseLayout(context, layoutMessage));
  const filterMessage = await messageOf(context, header, messageTypes.filters);
  const fill = await messageOf(context, header, messageTypes.fill);
  const oldFill = fill ? null : await messageOf(context, header, messageTypes.oldFill);
  const external = header.messages.find(message => message.type === messageTypes.externalFiles);
  return {
    raw,
    layout: external ? await readExternal(context, external) : locate(context, raw, byteLength),
    filters: filterMessage ? parsing(context, () => parseFilters(context, filterMessage)) : [],
    fillValue: parsing(context, () =>
      fill ? parseFill(context, fill) : oldFill ? parseOldFill(context, oldFill) : null,
    ),
  };
}

function locate(context: Context, raw: RawLayout, byteLength: number): Hdf5Layout {
  switch (raw.kind) {
    case 'compact':
      return { kind: 'compact', offset: raw.offset, length: raw.bytes.length };
    case 'contiguous':
      return { kind: 'contiguous', offset: absolute(context, raw.address), length: raw.length ?? byteLength };
    case 'chunked':
      return {
        kind: 'chunked',
        chunkShape: raw.chunkShape,
        index: raw.index.kind,
        offset: absolute(context, raw.address),
      };
    case 'virtual':
      return { kind: 'virtual' };
  }
}

function absolute(context: Context, address: number | null): number | null {
  return address === null ? null : context.base + address;
}

/** External data files (specification IV.A.2.h): named, never opened. */
async function readExternal(context: Context, message: HeaderMessage): Promise<Hdf5Layout> {
  const { heap, slots } = parsing(context, () => {
    const at = cursorOver(context, message.data, message.offset);
    at.skip(4); // version, reserved
    at.skip(2); // slots allocated
    const used = at.u16();
    const heapAddress = at.uint(context.offsetSize);
    const size = context.lengthSize;
    const entries = Array.from({ length: used }, () => ({
      name: at.uint(size),
      offset: at.uint(size),
      length: at.uint(size),
    }));
    return { heap: heapAddress, slots: entries };
  });
  const names = await readLocalHeap(context, heap);
  const files: Hdf5ExternalFile[] = slots.map(slot => ({ ...slot, name: names.text(slot.name) }));
  return { kind: 'external', files };
}
