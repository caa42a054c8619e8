/** HDF5 datasets as lazy tensors, with the place where their numbers lie. */

import type { Hdf5Dataset, Hdf5File } from '../../containers/hdf5/index.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { TensorRef } from '../../model/types.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { Tensor } from '../../numbers/tensor.ts';

/** The file that holds datasets, and how to name what is in it. */
export interface TensorHome {
  readonly file: Hdf5File;
  /** What stands before paths in addresses: `model.weights.h5` for a file inside an archive, else empty. */
  readonly prefix: string;
}

/** A lazy tensor; null where the dataset holds no numbers or strings (a null space, a compound). */
export function datasetTensor(home: TensorHome, dataset: Hdf5Dataset): TensorRef | null {
  const { shape, dtype } = dataset;
  if (shape === null || dtype === null) return null;
  const range = dataset.byteRange();
  const path = dataset.path.replace(/^\//, '');
  return {
    path,
    shape,
    dtype,
    storage: storageOf(dataset),
    plain: range && { source: home.file.source, ...range },
    at: { path: joined(home.prefix, path), ...(range ?? { offset: dataset.offset }) },
    conversions: [],
    read: async options => checked(await dataset.read(options), path),
  };
}

function checked(value: Awaited<ReturnType<Hdf5Dataset['read']>>, path: string): Tensor {
  if (value.dtype !== null) return value;
  throw new LoadstoneError('bad-weights', 'the dataset holds no numbers', { where: path });
}

function storageOf({ layout, filters }: Hdf5Dataset): string {
  const packed = filters.map(({ id, name }) => (id === 1 ? 'gzip' : name)).join(', ');
  return packed === '' ? layout.kind : `${layout.kind}, ${packed}`;
}

export function joined(prefix: string, path: string): string {
  return prefix === '' ? path : `${prefix}/${path}`;
}

/** The same bytes under another dtype of that width: bfloat16 kept as 2-byte integers or opaque. */
export function reinterpreted(tensor: TensorRef, dtype: DType, why: string): TensorRef {
  return {
    ...tensor,
    dtype,
    conversions: [...tensor.conversions, why],
    read: async options => ({ ...(await tensor.read(options)), dtype }),
  };
}

/**
 * What is wrong with where a dataset's numbers lie, told without reading them: beyond the end of the file, fewer than
 * its shape needs, in another file, nowhere. Null where nothing is.
 */
export function datasetProblem({ file, prefix }: TensorHome, dataset: Hdf5Dataset): Finding | null {
  const { layout, byteLength, path } = dataset;
  const name = joined(prefix, path.replace(/^\//, ''));
  const told = (code: string, what: string, offset?: number): Finding => {
    return { code, severity: 'error', what: `"${name}" ${what}`, at: { path: name, offset } };
  };
  if (layout.kind === 'external') {
    return told(
      'weights-external',
      `keeps its numbers in another file, "${layout.files[0]?.name ?? ''}", which is never read`,
    );
  }
  if (layout.kind === 'virtual')
    return told('weights-external', 'is put together of other datasets, which is not followed');
  if (layout.kind === 'chunked' || byteLength === 0) return null;
  if (layout.offset === null) return told('weights-unwritten', 'was made and never written: it counts as zeros');
  if (layout.length < byteLength) {
    return told('weights-short', `has room for ${layout.length} bytes and needs ${byteLength}`, layout.offset);
  }
  if (layout.offset + byteLength <= file.source.size) return null;
  const missing = layout.offset + byteLength - file.source.size;
  return told('weights-cut-off', `ends ${missing} bytes beyond the end of the file`, layout.offset);
}
