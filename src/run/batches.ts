/** Cutting tensors into batches along the first axis, and putting results together again. */

import { allocate, type DType, type TensorData, type TypedArray } from '../numbers/dtype.ts';
import { elementCount, type Tensor } from '../numbers/tensor.ts';

/** Samples `from` up to `to`; a view where the data allows one. */
export function sliceBatch({ dtype, shape, data }: Tensor, from: number, to: number): Tensor {
  const width = data.length / Math.max(shape[0] ?? 1, 1);
  const part = Array.isArray(data) ? data.slice(from * width, to * width) : data.subarray(from * width, to * width);
  return { dtype, shape: [to - from, ...shape.slice(1)], data: part as TensorData };
}

/** Results of batches, one after another along the first axis. */
export function joinBatches(parts: readonly Tensor[]): Tensor {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const shape = [parts.reduce((total, part) => total + (part.shape[0] ?? 1), 0), ...first.shape.slice(1)];
  if (first.dtype === 'string') return { dtype: 'string', shape, data: parts.flatMap(part => part.data as string[]) };
  const data = allocate(first.dtype as DType, elementCount(shape)) as TypedArray;
  let at = 0;
  for (const part of parts) {
    (data as Uint8Array).set(part.data as Uint8Array, at);
    at += part.data.length;
  }
  return { dtype: first.dtype, shape, data };
}
