/** Between tensors' data in any numeric dtype and plain numbers. */

import { allocate, type DType, type TensorData, type TypedArray } from './dtype.ts';
import {
  decodeBfloat16,
  decodeFloat8e4m3fn,
  decodeFloat8e5m2,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat8e4m3fn,
  encodeFloat8e5m2,
  encodeFloat16,
} from './float16.ts';
import type { Tensor } from './tensor.ts';

const decoders: { readonly [dtype: string]: (bits: number) => number } = {
  float16: decodeFloat16,
  bfloat16: decodeBfloat16,
  float8_e4m3fn: decodeFloat8e4m3fn,
  float8_e5m2: decodeFloat8e5m2,
};

const encoders: { readonly [dtype: string]: (value: number) => number } = {
  float16: encodeFloat16,
  bfloat16: encodeBfloat16,
  float8_e4m3fn: encodeFloat8e4m3fn,
  float8_e5m2: encodeFloat8e5m2,
};

/**
 * Numbers as data of `dtype`. Whole-number dtypes drop the fraction and wrap around, as a cast in NumPy does;
 * booleans are 1 for everything that is not 0. Complex dtypes take real and imaginary parts in turn.
 */
export function packNumbers(values: ArrayLike<number>, dtype: DType): TensorData {
  if (dtype === 'int64' || dtype === 'uint64') return packBigInts(values, dtype);
  const parts = dtype.startsWith('complex') ? 2 : 1;
  const data = allocate(dtype, values.length / parts) as Exclude<TypedArray, BigInt64Array | BigUint64Array>;
  const encode = encoders[dtype];
  if (encode) for (let i = 0; i < values.length; i += 1) data[i] = encode(values[i]!);
  else if (dtype === 'bool') for (let i = 0; i < values.length; i += 1) data[i] = values[i] === 0 ? 0 : 1;
  else data.set(values);
  return data;
}

function packBigInts(values: ArrayLike<number>, dtype: 'int64' | 'uint64'): BigInt64Array | BigUint64Array {
  const data = dtype === 'int64' ? new BigInt64Array(values.length) : new BigUint64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    data[i] = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
  }
  return data;
}

/** Every element as a number; whole numbers beyond 2⁵³ lose their last digits. Views the data where it can. */
export function unpackNumbers(tensor: Tensor): ArrayLike<number> {
  const { dtype, data } = tensor;
  const decode = decoders[dtype];
  if (decode) return Float64Array.from(data as Uint16Array, decode);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (dtype === 'string') return Float64Array.from(data as string[], Number);
  return data as Float32Array;
}
