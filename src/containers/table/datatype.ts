/** TensorFlow's numbering of dtypes (tensorflow/core/framework/types.proto) and what each is here. */

import type { DType } from '../../numbers/dtype.ts';

/** Quantised integers are read as the integers they are stored as. 4-bit integers, resources and variants hold no array. */
const byNumber: ReadonlyMap<number, DType> = new Map([
  [1, 'float32'],
  [2, 'float64'],
  [3, 'int32'],
  [4, 'uint8'],
  [5, 'int16'],
  [6, 'int8'],
  [7, 'string'],
  [8, 'complex64'],
  [9, 'int64'],
  [10, 'bool'],
  [11, 'int8'],
  [12, 'uint8'],
  [13, 'int32'],
  [14, 'bfloat16'],
  [15, 'int16'],
  [16, 'uint16'],
  [17, 'uint16'],
  [18, 'complex128'],
  [19, 'float16'],
  [22, 'uint32'],
  [23, 'uint64'],
  [24, 'float8_e5m2'],
  [25, 'float8_e4m3fn'],
]);

export const resourceType = 20;
export const variantType = 21;

/** The dtype with TensorFlow's number, or null for one that is no array of numbers or strings. References (+100) count as what they refer to. */
export function dtypeOfNumber(number: number): DType | null {
  return byNumber.get(number > 100 ? number - 100 : number) ?? null;
}
