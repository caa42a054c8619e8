/** What a host kernel is, and what many of them share. */

import { allocate, type DType, type TensorData } from '../../numbers/dtype.ts';
import { packNumbers } from '../../numbers/pack.ts';
import { elementCount, type Shape, stridesOf, type Tensor } from '../../numbers/tensor.ts';
import type { OpNode, Subgraph } from '../../ops/types.ts';

/** Computes a node. `call` computes a body of the node on given tensors. */
export type Kernel = (
  node: OpNode,
  inputs: readonly Tensor[],
  call: (body: Subgraph, inputs: readonly Tensor[]) => Tensor[],
) => readonly Tensor[];

export type Kernels = { readonly [op: string]: Kernel };

/** Numbers as a tensor of the dtype that the node's output has. */
export function result(node: OpNode, shape: readonly number[], values: ArrayLike<number>, index = 0): Tensor {
  const { dtype } = node.outputs[index]!;
  return { dtype, shape, data: packNumbers(values, dtype) };
}

export { stridesOf };

/**
 * Goes through all index vectors of `shape` in row-major order, with a running offset for each set of strides.
 * The offsets array is reused.
 */
export function forEachIndex(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (offsets: readonly number[], at: number) => void,
): void {
  const count = elementCount(shape);
  const index = new Array<number>(shape.length).fill(0);
  const offsets = new Array<number>(strides.length).fill(0);
  for (let at = 0; at < count; at += 1) {
    visit(offsets, at);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1;
      for (let set = 0; set < strides.length; set += 1) offsets[set]! += strides[set]![axis]!;
      if (index[axis]! < shape[axis]!) break;
      for (let set = 0; set < strides.length; set += 1) offsets[set]! -= strides[set]![axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/** Array elements that one tensor element takes. */
export function partsOf(dtype: DType): number {
  return dtype.startsWith('complex') ? 2 : 1;
}

/** A tensor of `shape` whose elements are copied from `source`: the one at `strides` steps and `start` on, in order. */
export function pick(source: Tensor, shape: readonly number[], strides: readonly number[], start = 0): Tensor {
  const parts = partsOf(source.dtype);
  const data = allocate(source.dtype, elementCount(shape)) as unknown[];
  const from = source.data as ArrayLike<unknown>;
  forEachIndex(shape, [strides], ([offset], at) => {
    for (let part = 0; part < parts; part += 1) data[at * parts + part] = from[(offset! + start) * parts + part];
  });
  return { dtype: source.dtype, shape, data: data as unknown as TensorData };
}

/** Strides that read `shape` as if it were broadcast to `target`. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(shape);
  return target.map((_, axis) => {
    const at = axis - (target.length - shape.length);
    return at < 0 || shape[at] === 1 ? 0 : own[at]!;
  });
}

/** The shape to which all broadcast. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(shape => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map(shape => shape[axis - (rank - shape.length)] ?? 1);
    return sizes.find(size => size !== 1) ?? 1;
  });
}

/** Sizes that a node knows, with the values of scalar tensors where they are null. */
export function settleSizes(known: Shape, dynamic: readonly Tensor[]): number[] {
  const rest = [...dynamic];
  return known.map(size => size ?? Number(rest.shift()!.data[0]));
}
