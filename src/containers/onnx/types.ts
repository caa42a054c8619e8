/** ONNX's numbers for element types, and tensors as ONNX stores them. */

import type { DType, TypedArray } from '../../numbers/dtype.ts';
import { bytesOf } from '../../numbers/dtype.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { Draft } from '../protobuf/message.ts';
import type { TensorProto } from './schema.ts';

/** `TensorProto.DataType` of every dtype. */
export const elementTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8_e4m3fn: 17,
  float8_e5m2: 19,
};

/** A tensor with its numbers in the message. */
export function tensorMessage(name: string, tensor: Tensor): Draft<TensorProto> {
  const head = { name, dims: [...tensor.shape], dataType: elementTypes[tensor.dtype] };
  if (tensor.dtype !== 'string') return { ...head, rawData: bytesOf(tensor.data as TypedArray) };
  const encoder = new TextEncoder();
  return { ...head, stringData: (tensor.data as string[]).map(text => encoder.encode(text)) };
}

/** A tensor whose numbers lie `length` bytes from `offset` in the file `location`, a path relative to the model. */
export function externalTensorMessage(
  name: string,
  dtype: DType,
  shape: readonly number[],
  place: { readonly location: string; readonly offset: number; readonly length: number },
): Draft<TensorProto> {
  const externalData = [
    { key: 'location', value: place.location },
    { key: 'offset', value: String(place.offset) },
    { key: 'length', value: String(place.length) },
  ];
  return { name, dims: [...shape], dataType: elementTypes[dtype], externalData, dataLocation: 1 };
}
