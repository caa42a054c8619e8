/** Host kernels of complex numbers, which ONNX Runtime has not; real and imaginary parts lie in turn. */

import { bytesOf, type DType, type TypedArray, viewBytes } from '../../numbers/dtype.ts';
import { packNumbers, unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { broadcastShape, broadcastStrides, forEachIndex, type Kernel, type Kernels, result } from './kernel.ts';

const complexPart: Kernel = (node, [x]) => {
  const offset = node.attributes.which === 'real' ? 0 : 1;
  const values = unpackNumbers(x!);
  return [
    result(
      node,
      x!.shape,
      Float64Array.from({ length: values.length / 2 }, (_, at) => values[2 * at + offset]!),
    ),
  ];
};

const complexAbs: Kernel = (node, [x]) => {
  const values = unpackNumbers(x!);
  const length = (at: number) => Math.hypot(values[2 * at]!, values[2 * at + 1]!);
  return [
    result(
      node,
      x!.shape,
      Float64Array.from({ length: values.length / 2 }, (_, at) => length(at)),
    ),
  ];
};

const makeComplex: Kernel = (node, inputs) => {
  const [re, im] = inputs as [Tensor, Tensor];
  const shape = broadcastShape(re.shape, im.shape);
  const [a, b] = [unpackNumbers(re), unpackNumbers(im)];
  const values = new Float64Array(2 * elementCount(shape));
  forEachIndex(shape, [broadcastStrides(re.shape, shape), broadcastStrides(im.shape, shape)], ([i, j], at) => {
    values[2 * at] = a[i!]!;
    values[2 * at + 1] = b[j!]!;
  });
  return [result(node, shape, values)];
};

type Pair = readonly [number, number];

/** Arithmetic on pairs. */
export const complexFunctions: { readonly [op: string]: (a: Pair, b: Pair) => Pair } = {
  add: (a, b) => [a[0] + b[0], a[1] + b[1]],
  subtract: (a, b) => [a[0] - b[0], a[1] - b[1]],
  multiply: (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]],
  divide: (a, b) => {
    const norm = b[0] * b[0] + b[1] * b[1];
    return [(a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm];
  },
};

/** An operation of two complex tensors. */
export function complexBinary(apply: (a: Pair, b: Pair) => Pair, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(a.shape, b.shape);
  const [x, y] = [unpackNumbers(a), unpackNumbers(b)];
  const values = new Float64Array(2 * elementCount(shape));
  forEachIndex(shape, [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)], ([i, j], at) => {
    const pair = apply([x[2 * i!]!, x[2 * i! + 1]!], [y[2 * j!]!, y[2 * j! + 1]!]);
    values.set(pair, 2 * at);
  });
  return { dtype: a.dtype, shape, data: packNumbers(values, a.dtype) };
}

/** The bits of a tensor as another dtype. */
const view: Kernel = (node, [x]) => {
  const dtype = node.attributes.dtype as Exclude<DType, 'string'>;
  const data = viewBytes(dtype, bytesOf(x!.data as TypedArray).slice());
  const last = data.length / elementCount(x!.shape.slice(0, -1));
  return [{ dtype, shape: x!.shape.length === 0 ? [] : [...x!.shape.slice(0, -1), last], data }];
};

export const complexKernels: Kernels = { complexPart, complexAbs, makeComplex, view };
