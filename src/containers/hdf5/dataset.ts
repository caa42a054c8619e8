/** Datasets: shape, datatype, where the data lie, and reading them. */

import { bytesPerElement, type DType, dtypes, viewBytes } from '../../numbers/dtype.ts';
import { findAttribute } from './attributes.ts';
import { listChunks } from './chunks/list.ts';
import { readChunked } from './chunks/read.ts';
import { type Context, checkInside, cursorOver, damaged, during, parsing, unsupported } from './context.ts';
import { type Dataspace, elementsOf, parseDataspace } from './dataspace.ts';
import { parseDatatype } from './datatype.ts';
import type { Hdf5Datatype } from './datatype-types.ts';
import { dtypeOf, isPlain, numericBase } from './element-types.ts';
import { checkLength, filled } from './fill.ts';
import { messageOf, readStorage, type Storage } from './layout.ts';
import { messageTypes, type ObjectHeader } from './object-header.ts';
import { objectBase } from './objects.ts';
import type { Hdf5Dataset } from './types.ts';
import { decodeValues } from './values.ts';

/** What reading a dataset needs to know of it. */
export interface DatasetFacts {
  space: Dataspace;
  datatype: Hdf5Datatype;
  storage: Storage;
  byteLength: number;
  headerOffset: number;
}

/** The dataset of this header. */
export async function openDataset(context: Context, header: ObjectHeader): Promise<Hdf5Dataset> {
  const facts = await readFacts(context, header);
  const { space, datatype, storage, byteLength } = facts;
  const marked = await markedDtype(context, header, datatype);
  return {
    kind: 'dataset',
    ...objectBase(context, header),
    shape: space.shape,
    maxShape: space.maxShape,
    datatype,
    dtype: marked ?? dtypeOf(datatype),
    layout: storage.layout,
    filters: storage.filters,
    fillValue: storage.fillValue,
    byteLength,
    byteRange: () => plainRange(context, facts),
    chunks: async options =>
      storage.raw.kind === 'chunked' && storage.layout.kind === 'chunked'
        ? (await listChunks(during(context, options), facts)).chunks
        : [],
    readBytes: async options => readRaw(during(context, options), facts),
    async read(options) {
      const inside = during(context, options);
      const bytes = await readRaw(inside, facts);
      const shape = space.shape ?? [0];
      if (marked) return { dtype: marked, shape, data: viewBytes(marked, bytes) };
      return decodeValues(inside, datatype, shape, { bytes, offset: header.offset });
    },
  };
}

async function readFacts(context: Context, header: ObjectHeader): Promise<DatasetFacts> {
  const spaceMessage = (await messageOf(context, header, messageTypes.dataspace))!;
  const typeMessage = (await messageOf(context, header, messageTypes.datatype))!;
  const { space, datatype } = parsing(context, () => ({
    space: parseDataspace(context, cursorOver(context, spaceMessage.data, spaceMessage.offset)),
    datatype: parseDatatype(context, cursorOver(context, typeMessage.data, typeMessage.offset)),
  }));
  const byteLength = elementsOf(space) * datatype.size;
  const storage = await readStorage(context, header, byteLength);
  return { space, datatype, storage, byteLength, headerOffset: header.offset };
}

/**
 * Types that HDF5 cannot name are stored by h5py as opaque bytes. Keras 3 puts the type's name beside them, in the
 * attribute `dtype` (saving_lib.py, H5Entry.__setitem__: bfloat16).
 */
async function markedDtype(
  context: Context,
  header: ObjectHeader,
  datatype: Hdf5Datatype,
): Promise<Exclude<DType, 'string'> | null> {
  if (datatype.class !== 'opaque' || datatype.size > 2) return null;
  const mark = await findAttribute(context, header, 'dtype').catch(() => null);
  const dtype = dtypes.find(name => name === mark?.value);
  return dtype && dtype !== 'string' && bytesPerElement[dtype] === datatype.size ? dtype : null;
}

/** Where all elements lie as their dtype has them in memory. */
function plainRange(context: Context, facts: DatasetFacts): { offset: number; length: number } | null {
  const { datatype, storage, byteLength } = facts;
  const { layout } = storage;
  const base = numericBase(datatype);
  const isLittle = base !== null && isPlain(base) && (base.order === 'little' || base.size === 1);
  if (!isLittle && datatype.class !== 'opaque') return null;
  if (layout.kind !== 'compact' && layout.kind !== 'contiguous') return null;
  if (layout.offset === null || layout.length < byteLength) return null;
  if (layout.offset + byteLength > context.source.size) return null;
  return { offset: layout.offset, length: byteLength };
}

async function readRaw(context: Context, facts: DatasetFacts): Promise<Uint8Array> {
  const { storage, byteLength, headerOffset } = facts;
  const { raw, layout } = storage;
  checkLength(context, byteLength, headerOffset);
  if (byteLength === 0) return new Uint8Array(0);
  switch (layout.kind) {
    case 'compact':
      if (raw.kind === 'compact' && raw.bytes.length >= byteLength) return raw.bytes.slice(0, byteLength);
      throw tooShort(context, layout.length, byteLength, headerOffset);
    case 'contiguous':
      if (layout.offset === null) return filled(context, facts);
      if (layout.length < byteLength) throw tooShort(context, layout.length, byteLength, headerOffset);
      return readContiguous(context, layout.offset, byteLength);
    case 'chunked':
      return readChunked(context, facts);
    case 'external':
      throw unsupported(context, {
        code: 'hdf5-external-storage',
        what: `its data lie in other files (${layout.files.map(file => file.name).join(', ')}), which are not read`,
        offset: headerOffset,
        facts: { files: layout.files },
      });
    case 'virtual':
      throw unsupported(context, {
        code: 'hdf5-virtual-dataset',
        what: 'it is a virtual dataset, put together from other files, which are not read',
        offset: headerOffset,
      });
  }
}

async function readContiguous(context: Context, offset: number, length: number): Promise<Uint8Array> {
  checkInside(context, offset, length, 'the data of the dataset');
  const bytes = await context.data.read(offset, length, { signal: context.signal });
  // A part of something larger belongs to the source; what is handed out is the caller's.
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function tooShort(context: Context, found: number, needed: number, offset: number) {
  return damaged(context, {
    code: 'hdf5-data-size',
    what: `its elements take ${needed} bytes, but ${found} are stored`,
    offset,
    facts: { needed, found },
  });
}
