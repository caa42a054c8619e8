/** Host kernels of operations on several tensors, element by element. 64-bit whole numbers are exact. */

import { allocate, type TensorData } from '../../numbers/dtype.ts';
import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { complexBinary, complexFunctions } from './complex.ts';
import { broadcastShape, broadcastStrides, forEachIndex, type Kernel, type Kernels, result } from './kernel.ts';

type OnNumbers = (a: number, b: number) => number;
type OnBigInts = (a: bigint, b: bigint) => bigint;

function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function floorModBig(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

const yes = (holds: boolean) => (holds ? 1 : 0);
const keepNan = (a: number, b: number, chosen: number) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : chosen);

const onNumbers: { readonly [op: string]: OnNumbers } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  floorDivide: (a, b) => Math.floor(a / b),
  mod: floorMod,
  fmod: (a, b) => a % b,
  power: (a, b) => a ** b,
  maximum: (a, b) => keepNan(a, b, Math.max(a, b)),
  minimum: (a, b) => keepNan(a, b, Math.min(a, b)),
  nextafter,
  equal: (a, b) => yes(a === b),
  notEqual: (a, b) => yes(a !== b),
  less: (a, b) => yes(a < b),
  lessEqual: (a, b) => yes(a <= b),
  greater: (a, b) => yes(a > b),
  greaterEqual: (a, b) => yes(a >= b),
  logicalAnd: (a, b) => yes(a !== 0 && b !== 0),
  logicalOr: (a, b) => yes(a !== 0 || b !== 0),
  logicalXor: (a, b) => yes((a !== 0) !== (b !== 0)),
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  bitwiseLeftShift: (a, b) => a * 2 ** b,
  bitwiseRightShift: (a, b) => Math.floor(a / 2 ** b),
};

const bigYes = (holds: boolean) => (holds ? 1n : 0n);

const onBigInts: { readonly [op: string]: OnBigInts } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  floorDivide: (a, b) => (b === 0n ? 0n : (a - floorModBig(a, b)) / b),
  mod: floorModBig,
  fmod: (a, b) => (b === 0n ? 0n : a % b),
  power: (a, b) => (b < 0n ? 0n : a ** b),
  maximum: (a, b) => (a > b ? a : b),
  minimum: (a, b) => (a < b ? a : b),
  equal: (a, b) => bigYes(a === b),
  notEqual: (a, b) => bigYes(a !== b),
  less: (a, b) => bigYes(a < b),
  lessEqual: (a, b) => bigYes(a <= b),
  greater: (a, b) => bigYes(a > b),
  greaterEqual: (a, b) => bigYes(a >= b),
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  bitwiseLeftShift: (a, b) => a << b,
  bitwiseRightShift: (a, b) => a >> b,
};

/** The next float32 from a towards b. */
function nextafter(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b) || a === b) return Number.isNaN(a) ? a : b;
  const view = new DataView(new ArrayBuffer(4));
  if (a === 0) {
    view.setUint32(0, b > 0 ? 1 : 0x80000001);
    return view.getFloat32(0);
  }
  view.setFloat32(0, a);
  view.setUint32(0, view.getUint32(0) + (b > a === a > 0 ? 1 : -1));
  return view.getFloat32(0);
}

function binary(op: string): Kernel {
  return (node, inputs) => {
    const [a, b] = inputs as [Tensor, Tensor];
    if (a.dtype.startsWith('complex') && complexFunctions[op]) return [complexBinary(complexFunctions[op], a, b)];
    const shape = broadcastShape(a.shape, b.shape);
    const strides = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
    if (a.dtype === 'string') return [result(node, shape, compareTexts(op, a, b, shape, strides))];
    const wide = a.data instanceof BigInt64Array || a.data instanceof BigUint64Array;
    if (wide && onBigInts[op]) return [wholeResult(node.outputs[0]!.dtype, a, b, shape, strides, onBigInts[op])];
    const values = new Float64Array(elementCount(shape));
    const [left, right] = [unpackNumbers(a), unpackNumbers(b)];
    const apply = onNumbers[op]!;
    forEachIndex(shape, strides, ([i, j], at) => {
      values[at] = apply(left[i!]!, right[j!]!);
    });
    return [result(node, shape, values)];
  };
}

function wholeResult(
  dtype: Tensor['dtype'],
  a: Tensor,
  b: Tensor,
  shape: readonly number[],
  strides: readonly number[][],
  apply: OnBigInts,
): Tensor {
  const data = allocate(dtype, elementCount(shape));
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  forEachIndex(shape, strides, ([i, j], at) => {
    const value = apply((a.data as BigInt64Array)[i!]!, (b.data as BigInt64Array)[j!]!);
    if (wide) (data as BigInt64Array)[at] = value;
    else (data as Uint8Array)[at] = Number(value);
  });
  return { dtype, shape, data };
}

function compareTexts(
  op: string,
  a: Tensor,
  b: Tensor,
  shape: readonly number[],
  strides: readonly number[][],
): Float64Array {
  const values = new Float64Array(elementCount(shape));
  forEachIndex(shape, strides, ([i, j], at) => {
    const same = a.data[i!] === b.data[j!];
    values[at] = yes(op === 'equal' ? same : !same);
  });
  return values;
}

const where: Kernel = (_, inputs) => {
  const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
  const shape = broadcastShape(condition.shape, a.shape, b.shape);
  const strides = [condition, a, b].map(input => broadcastStrides(input.shape, shape));
  const data = allocate(a.dtype, elementCount(shape)) as unknown[];
  const parts = data.length / Math.max(elementCount(shape), 1);
  forEachIndex(shape, strides, ([c, i, j], at) => {
    const holds = condition.data[c!];
    for (let part = 0; part < parts; part += 1)
      data[at * parts + part] = holds ? a.data[i! * parts + part] : b.data[j! * parts + part];
  });
  return [{ dtype: a.dtype, shape, data: data as unknown as TensorData }];
};

const clip: Kernel = (node, inputs) => {
  const [x, low, high] = inputs as [Tensor, Tensor, Tensor];
  const values = unpackNumbers(x);
  const [from, to] = [Number(unpackNumbers(low)[0]), Number(unpackNumbers(high)[0])];
  return [
    result(
      node,
      x.shape,
      Float64Array.from({ length: values.length }, (_, at) => Math.min(Math.max(values[at]!, from), to)),
    ),
  ];
};

export const binaryKernels: Kernels = {
  ...Object.fromEntries(Object.keys(onNumbers).map(op => [op, binary(op)])),
  where,
  clip,
};
