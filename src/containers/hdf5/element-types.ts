/** Which dtype says what an HDF5 datatype holds, and how its bytes become that dtype's. */

import type { DType } from '../../numbers/dtype.ts';
import type { Hdf5Datatype, Hdf5FloatType, Hdf5IntegerType } from './datatype-types.ts';

/** The dtype of the values that reading gives; null for what no dtype describes. Array datatypes answer for their base. */
export function dtypeOf(type: Hdf5Datatype): DType | null {
  switch (type.class) {
    case 'integer':
    case 'bitfield':
      return integerDtype(type);
    case 'float':
      return floatDtype(type);
    case 'string':
    case 'variable-string':
      return 'string';
    case 'enum':
      return isBoolean(type) ? 'bool' : dtypeOf(type.base);
    case 'array':
      return dtypeOf(type.base);
    case 'complex':
      return complexDtype(type.base);
    case 'compound':
      return complexOf(type);
    default:
      return null;
  }
}

function integerDtype({ size, signed }: Hdf5IntegerType): DType | null {
  if (size > 8) return null;
  const bits = size <= 1 ? 8 : size <= 2 ? 16 : size <= 4 ? 32 : 64;
  return `${signed ? 'int' : 'uint'}${bits}` as DType;
}

type FloatFields = readonly [sign: number, exponent: number, bits: number, bias: number, mantissa: number];

/** Floats whose bit pattern is the dtype's own, by their fields. */
const floatPatterns: Readonly<Partial<Record<DType, FloatFields>>> = {
  float16: [15, 10, 5, 15, 10],
  bfloat16: [15, 7, 8, 127, 7],
  float32: [31, 23, 8, 127, 23],
  float64: [63, 52, 11, 1023, 52],
  float8_e4m3fn: [7, 3, 4, 7, 3],
  float8_e5m2: [7, 2, 5, 15, 2],
};

/** The dtype whose bit pattern this float has; null for any other float. */
export function exactFloat(type: Hdf5FloatType): DType | null {
  const fields = [type.signBit, type.exponentBit, type.exponentBits, type.exponentBias, type.mantissaBits];
  const plain = type.mantissaBit === 0 && type.bitOffset === 0 && type.precision === type.size * 8;
  if (!plain || type.normalization !== 'implied' || type.order === 'vax') return null;
  const found = Object.entries(floatPatterns).find(([, pattern]) => pattern.every((value, at) => value === fields[at]));
  return (found?.[0] as DType | undefined) ?? null;
}

/** Other floats are computed, as float64, which may round those of more than 53 bits. */
function floatDtype(type: Hdf5FloatType): DType {
  return exactFloat(type) ?? 'float64';
}

/** A boolean as h5py writes it: an enumeration of int8 with FALSE and TRUE. */
function isBoolean(type: Hdf5Datatype & { class: 'enum' }): boolean {
  if (type.size !== 1 || type.members.length !== 2) return false;
  const value = (name: string) => type.members.find(member => member.name === name)?.value;
  return value('FALSE') === 0 && value('TRUE') === 1;
}

/** A complex number as h5py writes it: a compound of `r` and `i` without padding. */
function complexOf(type: Hdf5Datatype & { class: 'compound' }): DType | null {
  const [real, imaginary] = type.members;
  if (type.members.length !== 2 || real?.name !== 'r' || imaginary?.name !== 'i') return null;
  const adjacent = real.offset === 0 && imaginary.offset === real.datatype.size && type.size === 2 * real.datatype.size;
  const same = real.datatype.class === 'float' && JSON.stringify(real.datatype) === JSON.stringify(imaginary.datatype);
  return adjacent && same ? complexDtype(real.datatype) : null;
}

function complexDtype(base: Hdf5Datatype): DType | null {
  if (base.class !== 'float') return null;
  const dtype = exactFloat(base);
  return dtype === 'float32' ? 'complex64' : dtype === 'float64' ? 'complex128' : null;
}

/** The number datatype that elements are made of, and how many of them one element has. */
export function numericBase(type: Hdf5Datatype): Hdf5IntegerType | Hdf5FloatType | null {
  switch (type.class) {
    case 'integer':
    case 'bitfield':
    case 'float':
      return type;
    case 'enum':
    case 'array':
    case 'complex':
      return numericBase(type.base);
    case 'compound':
      return complexOf(type) ? numericBase(type.members[0]!.datatype) : null;
    default:
      return null;
  }
}

/** True where the bytes in the file are the dtype's bytes but perhaps for their order. */
export function isPlain(base: Hdf5IntegerType | Hdf5FloatType): boolean {
  if (base.class === 'float') return exactFloat(base) !== null;
  return [1, 2, 4, 8].includes(base.size) && base.bitOffset === 0 && base.precision === base.size * 8;
}
