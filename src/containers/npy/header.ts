/**
 * Headers of NumPy's .npy files (numpy/lib/format.py, versions 1.0 to 3.0): magic, version, and a Python dictionary
 * with exactly the keys `descr`, `fortran_order` and `shape`.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';

export interface NpyHeader {
  /** NumPy's type string: `<f4`, `|b1`, `<U12`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly dataOffset: number;
}

/** NumPy itself refuses longer ones unless told otherwise. */
const LONGEST_HEADER = 10_000;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

/** Parses a header. Throws `damaged` where it is none, `unsupported` for types that are not plain. */
export function readHeader(bytes: Uint8Array, where: string): NpyHeader {
  if (!isNpy(bytes)) throw damaged('it does not begin as an .npy file does', where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  const wide = version >= 2;
  if (version < 1 || version > 3 || bytes.byteLength < 12) throw damaged(`.npy version ${version} is not known`, where);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = wide ? 12 : 10;
  if (length > LONGEST_HEADER || start + length > bytes.byteLength) {
    throw damaged(`its header claims ${length} bytes`, where);
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  return { ...parseDictionary(text, where), dataOffset: start + length };
}

function parseDictionary(text: string, where: string): Omit<NpyHeader, 'dataOffset'> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined && /'descr'\s*:\s*\[/.test(text)) {
    throw new LoadstoneError('unsupported', 'it holds records, not one array of numbers or strings', { where });
  }
  if (descr === undefined || order === undefined || shape === undefined)
    throw damaged('its header cannot be read', where);
  const sizes = shape
    .split(',')
    .filter(size => size.trim() !== '')
    .map(size => Number(size.trim().replace(/L$/, '')));
  if (!sizes.every(size => Number.isSafeInteger(size) && size >= 0)) throw damaged(`its shape is (${shape})`, where);
  return { descr, fortranOrder: order === 'True', shape: sizes };
}

/** Writes a header of version 1.0, padded so that the elements begin at a multiple of 64. */
export function writeHeader(descr: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set([...magic, 1, 0, (total - 10) & 0xff, (total - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[total - 1] = 0x0a;
  return bytes;
}

/** NumPy's type strings without byte order. */
export const numpyTypes: { readonly [code: string]: DType } = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
  c8: 'complex64',
  c16: 'complex128',
};

export function damaged(what: string, where: string): LoadstoneError {
  return new LoadstoneError('damaged', what, { where, do: 'Write the file again with numpy.save or numpy.savez.' });
}
