/**
 * HDF5 files by ranges: opens a byte source, finds the superblock and hands out groups, datasets and attributes that
 * are read when asked for. Written from the HDF5 File Format Specification, versions 2 and 3.
 */

import type { ByteSource } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Hdf5AttributeValue, Hdf5File, Hdf5ObjectBase, Hdf5Options } from './types.ts';

export type * from './types.ts';

/**
 * Opens an HDF5 file. Throws `unknown-format` where no signature is found, `damaged` where the superblock itself cannot
 * be read; damage below that is met when the damaged object is read.
 */
export async function openHdf5(source: ByteSource, _options: Hdf5Options = {}): Promise<Hdf5File> {
  throw new LoadstoneError('unsupported', 'the HDF5 reader is still being written', { where: source.name });
}

/** True where an HDF5 signature lies at 0, 512, 1024, 2048, … */
export async function isHdf5(_source: ByteSource): Promise<boolean> {
  return false;
}

/**
 * An attribute that may have been split because HDF5 allows 64 KB in one object header: `name` itself, or else
 * `name0`, `name1`, … joined. Null where there is neither.
 */
export async function joinedAttribute(_object: Hdf5ObjectBase, _name: string): Promise<Hdf5AttributeValue> {
  return null;
}
