/** Tensors: numbers in memory with a shape and a dtype, row-major, last axis fastest. */

import type { DType, TensorData } from './dtype.ts';

export interface Tensor {
  readonly dtype: DType;
  /** Sizes of the axes, first axis slowest. `[]` is a scalar. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A size of an axis; `null` where it is known only when the model runs. */
export type Dim = number | null;

export type Shape = readonly Dim[];

/** Product of the sizes; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** True where no axis is `null`. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every(size => size !== null);
}

/** Steps in elements from one index to the next along each axis, row-major. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}
