/**
 * Lazy tensors made of stored ones: axes moved, reversed, dropped, parts joined. Each names what it does in words, so
 * that it can be told to the user, and reads what is stored only when it is read itself.
 */

import type { ReadOptions } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { TensorRef } from '../../model/types.ts';
import { allocate, bytesPerElement, type TensorData } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';

/** One tensor made of others. `why` is a sentence without a full stop. */
export function derivedTensor(
  parts: readonly TensorRef[],
  shape: readonly number[],
  why: string,
  make: (tensors: readonly Tensor[]) => Tensor,
): TensorRef {
  const first = parts[0];
  if (!first) throw new LoadstoneError('usage', 'a tensor is derived of at least one other');
  const earlier = [...new Set(parts.flatMap(part => part.conversions))];
  return {
    path: parts.length === 1 ? first.path : `${first.path} and ${parts.length - 1} more`,
    shape,
    dtype: first.dtype,
    storage: 'derived',
    plain: null,
    at: first.at,
    conversions: [...earlier, why],
    async read(options?: ReadOptions) {
      const tensors = await Promise.all(parts.map(part => part.read(options)));
      return make(tensors);
    },
  };
}

/** The same numbers in the same order under another shape; they still lie where they lay. */
export function reshaped(tensor: TensorRef, shape: readonly number[], why: string): TensorRef {
  return {
    ...tensor,
    shape,
    conversions: [...tensor.conversions, why],
    read: async options => ({ ...(await tensor.read(options)), shape }),
  };
}

/** Axes in another order: axis `i` of the result is axis `order[i]` of what is stored. */
export function transposed(tensor: TensorRef, order: readonly number[], why: string): TensorRef {
  const shape = order.map(axis => tensor.shape[axis]!);
  return derivedTensor([tensor], shape, why, ([stored]) => transposeTensor(stored!, order));
}

export function transposeTensor(tensor: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  return gather(
    tensor,
    order.map(axis => tensor.shape[axis]!),
    order.map(axis => strides[axis]!),
    0,
  );
}

/** The given axes read backwards. */
export function reversed(tensor: TensorRef, axes: readonly number[], why: string): TensorRef {
  return derivedTensor([tensor], tensor.shape, why, ([stored]) => reverseAxes(stored!, axes));
}

function reverseAxes(tensor: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  const start = axes.reduce((sum, axis) => sum + strides[axis]! * Math.max(0, tensor.shape[axis]! - 1), 0);
  return gather(
    tensor,
    tensor.shape,
    strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    start,
  );
}

/** Tensors behind one another along the last axis. */
export function concatenated(parts: readonly TensorRef[], why: string): TensorRef {
  const first = parts[0]!;
  const width = parts.reduce((sum, part) => sum + part.shape.at(-1)!, 0);
  return derivedTensor(parts, [...first.shape.slice(0, -1), width], why, concatenateLast);
}

export function concatenateLast(tensors: readonly Tensor[]): Tensor {
  const first = tensors[0]!;
  const widths = tensors.map(tensor => tensor.shape.at(-1)!);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const rows = elementCount(first.shape.slice(0, -1));
  const data = allocate(first.dtype, rows * width);
  let column = 0;
  tensors.forEach((tensor, index) => {
    const own = widths[index]!;
    for (let row = 0; row < rows; row += 1) copy(tensor.data, row * own, data, row * width + column, own);
    column += own;
  });
  return { dtype: first.dtype, shape: [...first.shape.slice(0, -1), width], data };
}

/** `length` columns of the last axis from `from` on. */
export function columnsOf(tensor: Tensor, from: number, length: number): Tensor {
  const width = tensor.shape.at(-1)!;
  const rows = elementCount(tensor.shape.slice(0, -1));
  const data = allocate(tensor.dtype, rows * length);
  for (let row = 0; row < rows; row += 1) copy(tensor.data, row * width + from, data, row * length, length);
  return { dtype: tensor.dtype, shape: [...tensor.shape.slice(0, -1), length], data };
}

function copy(from: TensorData, at: number, to: TensorData, target: number, count: number): void {
  for (let index = 0; index < count; index += 1) (to as unknown[])[target + index] = from[at + index];
}

export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Reads elements by strides into a new row-major tensor. */
function gather(tensor: Tensor, shape: readonly number[], strides: readonly number[], start: number): Tensor {
  if (tensor.dtype.startsWith('complex'))
    throw new LoadstoneError('unsupported', 'complex weights are not moved about');
  const count = elementCount(shape);
  const data = bytesPerElement[tensor.dtype] === 0 ? new Array<string>(count) : allocate(tensor.dtype, count);
  const index = new Array<number>(shape.length).fill(0);
  let from = start;
  for (let to = 0; to < count; to += 1) {
    (data as unknown[])[to] = tensor.data[from];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { dtype: tensor.dtype, shape, data };
}
