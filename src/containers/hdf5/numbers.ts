/** Turns the bytes of HDF5 numbers into typed arrays: in place where they lie as the dtype wants, else one by one. */

import { allocate, type DType, type TypedArray, viewBytes } from '../../numbers/dtype.ts';
import type { Hdf5FloatType, Hdf5IntegerType } from './datatype-types.ts';
import { isPlain } from './element-types.ts';

/**
 * The elements in `bytes`. A plain little-endian run is viewed, not copied, so the bytes must be the caller's own.
 * `dtype` is what `dtypeOf` says; complex numbers come as pairs of their base.
 */
export function decodeNumbers(base: Hdf5IntegerType | Hdf5FloatType, dtype: DType, bytes: Uint8Array): TypedArray {
  if (isPlain(base)) {
    const little = base.order === 'big' ? swapped(bytes, base.size) : bytes;
    return viewBytes(dtype as Exclude<DType, 'string'>, little);
  }
  const count = Math.floor(bytes.length / base.size);
  const isComplex = dtype.startsWith('complex');
  const out = allocate(dtype, isComplex ? count / 2 : count) as TypedArray;
  const read = base.class === 'float' ? floatReader(base) : integerReader(base);
  const wide = dtype === 'int64' || dtype === 'uint64';
  for (let index = 0; index < count; index += 1) {
    const value = read(bits(bytes, index * base.size, base));
    if (wide) (out as BigInt64Array)[index] = value as bigint;
    else (out as Float64Array)[index] = Number(value);
  }
  return out;
}

/** A copy with the bytes of each element reversed. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = bytes.slice();
  if (size === 1) return out;
  for (let start = 0; start + size <= out.length; start += size) out.subarray(start, start + size).reverse();
  return out;
}

/** All bits of one element as an unsigned integer. A VAX float is little-endian in 16-bit words, greatest word first. */
function bits(bytes: Uint8Array, start: number, type: Hdf5IntegerType | Hdf5FloatType): bigint {
  let value = 0n;
  for (let index = 0; index < type.size; index += 1) {
    const fromTop = type.order === 'big' ? index : type.order === 'vax' ? index ^ 1 : type.size - 1 - index;
    value = (value << 8n) | BigInt(bytes[start + fromTop]!);
  }
  return value;
}

function integerReader({ bitOffset, precision, signed }: Hdf5IntegerType): (all: bigint) => bigint {
  const shift = BigInt(bitOffset);
  return all => (signed ? BigInt.asIntN(precision, all >> shift) : BigInt.asUintN(precision, all >> shift));
}

/** Computes any binary float from its fields; infinity and NaN as in IEEE 754. */
function floatReader(type: Hdf5FloatType): (all: bigint) => number {
  const { signBit, exponentBit, exponentBits, exponentBias, mantissaBit, mantissaBits, normalization } = type;
  const greatest = 2 ** exponentBits - 1;
  return all => {
    const sign = (all >> BigInt(signBit)) & 1n ? -1 : 1;
    const exponent = Number(BigInt.asUintN(exponentBits, all >> BigInt(exponentBit)));
    const mantissa = BigInt.asUintN(mantissaBits, all >> BigInt(mantissaBit));
    const fraction = Number(mantissa) / 2 ** mantissaBits;
    if (type.order === 'vax') return exponent === 0 ? 0 : sign * (0.5 + fraction / 2) * 2 ** (exponent - exponentBias);
    if (normalization === 'implied') {
      if (exponent === greatest) return mantissa === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      if (exponent === 0) return sign * fraction * 2 ** (1 - exponentBias);
      return sign * (1 + fraction) * 2 ** (exponent - exponentBias);
    }
    // The leading 1 is stored, as in 80-bit floats: the mantissa's top bit counts 1.
    if (exponent === greatest) {
      return BigInt.asUintN(mantissaBits - 1, mantissa) === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    }
    return sign * fraction * 2 * 2 ** ((exponent || 1) - exponentBias);
  };
}
