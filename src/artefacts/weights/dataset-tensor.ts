/** HDF5 datasets as lazy tensors, with the place where their numbers lie. */

import type { Hdf5Dataset, Hdf5File } from '../../containers/hdf5/index.ts';
import { LoadstoneError } from '../../findings/errors.ts';
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
