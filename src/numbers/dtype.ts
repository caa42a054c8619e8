/**
 * Element types of tensors, under the names that NumPy and Keras 3 use, and how each is held in memory.
 * float16 and bfloat16 are held as their bit patterns (Uint16Array), int64 and uint64 as BigInt, strings as string[].
 */

export const dtypes = [
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
  'complex64',
  'complex128',
  'float8_e4m3fn',
  'float8_e5m2',
] as const;

export type DType = (typeof dtypes)[number];

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

export type TensorData = TypedArray | string[];

/** Bytes of one element; 0 for strings, whose size varies. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
  string: 0,
  complex64: 8,
  complex128: 16,
  float8_e4m3fn: 1,
  float8_e5m2: 1,
};

type ArrayConstructor = {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

const holders: Readonly<Record<Exclude<DType, 'string'>, ArrayConstructor>> = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
  float8_e4m3fn: Uint8Array,
  float8_e5m2: Uint8Array,
};

/** Zeros (or empty strings) for `count` elements. Complex numbers take two array elements each. */
export function allocate(dtype: DType, count: number): TensorData {
  if (dtype === 'string') return new Array<string>(count).fill('');
  const perElement = bytesPerElement[dtype] / holders[dtype].BYTES_PER_ELEMENT;
  return new holders[dtype](count * perElement);
}

/** Views little-endian bytes as elements of `dtype`; copies only when the bytes are not aligned for it. */
export function viewBytes(dtype: Exclude<DType, 'string'>, bytes: Uint8Array): TypedArray {
  const Holder = holders[dtype];
  const width = Holder.BYTES_PER_ELEMENT;
  const count = Math.floor(bytes.byteLength / width);
  // A Buffer's own `slice` is a view; this copies whatever kind of array it is.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new Holder(aligned.buffer, aligned.byteOffset, count);
}

/** The bytes behind numeric tensor data, without a copy. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function isFloating(dtype: DType): boolean {
  return dtype.startsWith('float') || dtype === 'bfloat16';
}

export function isInteger(dtype: DType): boolean {
  return dtype.startsWith('int') || dtype.startsWith('uint');
}
