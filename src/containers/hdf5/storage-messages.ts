/** Header messages that say how a dataset is stored: layout, fill value, filters, external files (specification IV.A.2). */

import type { Cursor } from '../../bytes/cursor.ts';
import { type Context, cursorOver, damaged } from './context.ts';
import { filterNames } from './filters/names.ts';
import type { HeaderMessage } from './object-header.ts';
import { decodeText } from './text.ts';
import type { Hdf5ChunkIndexKind, Hdf5FilterFacts } from './types.ts';

/** What a layout message says, with file addresses. */
export type RawLayout =
  | { kind: 'compact'; offset: number; bytes: Uint8Array }
  | { kind: 'contiguous'; address: number | null; length: number | null }
  | { kind: 'chunked'; chunkShape: number[]; elementSize: number; address: number | null; index: ChunkIndexFacts }
  | { kind: 'virtual' };

/** Parameters of a chunk index, as far as its kind has them. */
export interface ChunkIndexFacts {
  kind: Hdf5ChunkIndexKind;
  /** Single chunk with filters: its stored size and mask. */
  filtered?: { size: number; mask: number };
  /** Chunks cut off by the dataset's edge are stored without filters. */
  plainEdges: boolean;
  /** Layout version 5: sizes of filtered chunks take as many bytes as lengths do. */
  version: number;
}

const layoutKinds = ['compact', 'contiguous', 'chunked', 'virtual'] as const;
const indexKinds = [undefined, 'single', 'implicit', 'fixed-array', 'extensible-array', 'btree2'] as const;

export function parseLayout(context: Context, message: HeaderMessage): RawLayout {
  const at = cursorOver(context, message.data, message.offset);
  const version = at.u8();
  if (version === 1 || version === 2) return parseOldLayout(context, at);
  const kind = version >= 3 && version <= 5 ? layoutKinds[at.u8()] : undefined;
  switch (kind) {
    case 'compact': {
      const length = at.u16();
      const offset = at.offset;
      return { kind, offset, bytes: at.take(length) };
    }
    case 'contiguous':
      return { kind, address: at.uintOrNull(context.offsetSize), length: at.uint(context.lengthSize) };
    case 'chunked':
      return version === 3 ? parseBtreeChunks(context, at) : parseChunks(context, at, version);
    case 'virtual':
      return { kind };
    default:
      throw damaged(context, {
        code: 'hdf5-layout',
        what: `a data layout of version ${version} and this class is none`,
        offset: message.offset,
        length: 2,
        facts: { version, class: message.data[1] },
      });
  }
}

function parseOldLayout(context: Context, at: Cursor): RawLayout {
  const offset = at.offset;
  const rank = at.u8();
  const kind = layoutKinds[at.u8()];
  at.skip(5);
  const address = kind === 'compact' ? null : at.uintOrNull(context.offsetSize);
  const sizes = Array.from({ length: rank }, () => at.u32());
  if (kind === 'contiguous') return { kind, address, length: null };
  if (kind === 'compact') {
    const length = at.u32();
    const start = at.offset;
    return { kind, offset: start, bytes: at.take(length) };
  }
  if (kind === 'chunked')
    return chunked(context, sizes, address, { kind: 'btree1', plainEdges: false, version: 3 }, offset);
  throw damaged(context, { code: 'hdf5-layout', what: 'the data layout has an unknown class', offset });
}

function parseBtreeChunks(context: Context, at: Cursor): RawLayout {
  const offset = at.offset;
  const rank = at.u8();
  const address = at.uintOrNull(context.offsetSize);
  const sizes = Array.from({ length: rank }, () => at.u32());
  return chunked(context, sizes, address, { kind: 'btree1', plainEdges: false, version: 3 }, offset);
}

function parseChunks(context: Context, at: Cursor, version: number): RawLayout {
  const offset = at.offset;
  const flags = at.u8();
  const rank = at.u8();
  const sizeBytes = at.u8();
  if (sizeBytes < 1 || sizeBytes > 8) {
    throw damaged(context, { code: 'hdf5-layout', what: `chunk sizes of ${sizeBytes} bytes cannot be`, offset });
  }
  const sizes = Array.from({ length: rank }, () => at.uint(sizeBytes));
  const number = at.u8();
  const kind = indexKinds[number];
  if (!kind) {
    throw damaged(context, {
      code: 'hdf5-chunk-index',
      what: `chunk index ${number} is not known`,
      offset: at.offset - 1,
    });
  }
  const index: ChunkIndexFacts = { kind, plainEdges: (flags & 1) !== 0, version };
  if (kind === 'single' && flags & 2) index.filtered = { size: at.uint(context.lengthSize), mask: at.u32() };
  at.skip(indexParameterBytes[kind] ?? 0);
  return chunked(context, sizes, at.uintOrNull(context.offsetSize), index, offset);
}

/** Creation parameters that the index states again itself. */
const indexParameterBytes: Partial<Record<Hdf5ChunkIndexKind, number>> = {
  'fixed-array': 1,
  'extensible-array': 5,
  btree2: 6,
};

/** The last size in the message is that of one element. */
function chunked(
  context: Context,
  sizes: number[],
  address: number | null,
  index: ChunkIndexFacts,
  offset: number,
): RawLayout {
  if (sizes.length >= 2 && sizes.length <= 33 && sizes.every(size => size > 0)) {
    return { kind: 'chunked', chunkShape: sizes.slice(0, -1), elementSize: sizes.at(-1)!, address, index };
  }
  throw damaged(context, { code: 'hdf5-layout', what: `chunks of shape [${sizes}] cannot be`, offset });
}

/** The fill value's bytes; null where it is zeros or undefined. */
export function parseFill(context: Context, message: HeaderMessage): Uint8Array | null {
  const at = cursorOver(context, message.data, message.offset);
  const version = at.u8();
  if (version === 3) {
    const flags = at.u8();
    return flags & 0x20 ? at.take(at.u32()) : null;
  }
  at.skip(2); // when space is allocated, when the value is written
  const defined = at.u8() !== 0;
  if (version === 1 || defined) {
    const size = at.u32();
    return size > 0 && size <= at.remaining ? at.take(size) : null;
  }
  return null;
}

/** The fill value message of before 1.6: a size and the bytes. */
export function parseOldFill(context: Context, message: HeaderMessage): Uint8Array | null {
  const at = cursorOver(context, message.data, message.offset);
  const size = at.u32();
  return size > 0 ? at.take(size) : null;
}

export function parseFilters(context: Context, message: HeaderMessage): Hdf5FilterFacts[] {
  const at = cursorOver(context, message.data, message.offset);
  const version = at.u8();
  const count = at.u8();
  if ((version !== 1 && version !== 2) || count > 32) {
    throw damaged(context, {
      code: 'hdf5-filters',
      what: `a pipeline of version ${version} with ${count} filters cannot be`,
      offset: message.offset,
      facts: { version, count },
    });
  }
  if (version === 1) at.skip(6);
  return Array.from({ length: count }, () => parseFilter(at, version));
}

function parseFilter(at: Cursor, version: number): Hdf5FilterFacts {
  const id = at.u16();
  const nameLength = version === 1 || id >= 256 ? at.u16() : 0;
  const flags = at.u16();
  const count = at.u16();
  const stored = decodeText(at.take(nameLength)).text.split('\0')[0]!;
  const parameters = Array.from({ length: count }, () => at.u32());
  if (version === 1 && count % 2 === 1) at.skip(4);
  return { id, name: stored || (filterNames[id] ?? `filter ${id}`), parameters, optional: (flags & 1) !== 0 };
}
