/** Host kernels of operations on one tensor, element by element. */

import type { DType } from '../../numbers/dtype.ts';
import { roundHalfEven } from '../../numbers/float16.ts';
import { packNumbers, unpackNumbers } from '../../numbers/pack.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';
import { type Kernel, type Kernels, result } from './kernel.ts';

type NumberFunction = (x: number, attributes: OpNode['attributes']) => number;

function unary(apply: NumberFunction): Kernel {
  return (node, [x]) => {
    const values = unpackNumbers(x!);
    if (x!.dtype.startsWith('complex')) return [onComplex(node, x!, apply)];
    return [
      result(
        node,
        x!.shape,
        Float64Array.from({ length: values.length }, (_, at) => apply(values[at]!, node.attributes)),
      ),
    ];
  };
}

/** Of complex numbers, what works on both parts alike, and the length. */
function onComplex(node: OpNode, x: Tensor, apply: NumberFunction): Tensor {
  if (node.op !== 'negative') throw new RangeError(`"${node.op}" of complex numbers is not defined here`);
  return result(
    node,
    x.shape,
    Float64Array.from(unpackNumbers(x) as Float64Array, value => apply(value, node.attributes)),
  );
}

/** The error function, to about 1e-15: series near 0, continued fraction far off. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (magnitude > 6) return Math.sign(x);
  if (magnitude < 2.5) {
    let term = magnitude;
    let total = magnitude;
    for (let n = 1; n < 100 && Math.abs(term) > 1e-18; n += 1) {
      term *= -(magnitude * magnitude) / n;
      total += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n -= 1) fraction = n / 2 / (magnitude + fraction);
  return Math.sign(x) * (1 - Math.exp(-magnitude * magnitude) / (magnitude + fraction) / Math.sqrt(Math.PI));
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

function gelu(x: number, { approximate }: OpNode['attributes']): number {
  if (!approximate) return 0.5 * x * (1 + erf(x / Math.SQRT2));
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

const functions: { readonly [op: string]: NumberFunction } = {
  abs: Math.abs,
  negative: x => -x,
  sign: Math.sign,
  ceil: Math.ceil,
  floor: Math.floor,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  reciprocal: x => 1 / x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  arcsinh: Math.asinh,
  arccosh: Math.acosh,
  arctanh: Math.atanh,
  erf,
  isnan: x => (Number.isNaN(x) ? 1 : 0),
  isinf: x => (Math.abs(x) === Number.POSITIVE_INFINITY ? 1 : 0),
  logicalNot: x => (x === 0 ? 1 : 0),
  relu: x => (x < 0 ? 0 : x),
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  softplus: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: x => x / (1 + Math.abs(x)),
  selu: x => (x > 0 ? SELU_SCALE * x : SELU_SCALE * SELU_ALPHA * Math.expm1(x)),
  elu: (x, { alpha }) => (x > 0 ? x : (alpha as number) * Math.expm1(x)),
  leakyRelu: (x, { alpha }) => (x > 0 ? x : (alpha as number) * x),
  hardSigmoid: (x, { alpha, beta }) => Math.min(1, Math.max(0, (alpha as number) * x + (beta as number))),
  gelu,
};

const bitwiseNot: Kernel = (node, [x]) => {
  if (x!.dtype === 'bool')
    return [
      result(
        node,
        x!.shape,
        Array.from(x!.data as Uint8Array, item => (item ? 0 : 1)),
      ),
    ];
  const data = x!.data.slice() as Int32Array;
  for (let at = 0; at < data.length; at += 1) data[at] = ~data[at]!;
  return [{ ...x!, data }];
};

const cast: Kernel = (node, [x]) => [castTensorData(x!, node.attributes.dtype as DType)];

/** Between dtypes, text too: numbers as Python writes them, text as numbers. */
export function castTensorData(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  if (dtype === 'string') return { dtype, shape: x.shape, data: textOf(x) };
  const whole = (name: DType) => name === 'int64' || name === 'uint64';
  if (whole(x.dtype) && whole(dtype)) {
    const values = x.data as BigInt64Array;
    return {
      dtype,
      shape: x.shape,
      data: dtype === 'int64' ? BigInt64Array.from(values) : BigUint64Array.from(values),
    };
  }
  if (x.dtype.startsWith('complex') || dtype.startsWith('complex')) return castComplex(x, dtype);
  if (x.dtype === 'string')
    return { dtype, shape: x.shape, data: packNumbers((x.data as string[]).map(parseNumber), dtype) };
  return { dtype, shape: x.shape, data: packNumbers(unpackNumbers(x), dtype) };
}

function castComplex(x: Tensor, dtype: DType): Tensor {
  const values = unpackNumbers(x);
  if (x.dtype.startsWith('complex') && dtype.startsWith('complex'))
    return { dtype, shape: x.shape, data: packNumbers(values, dtype) };
  if (x.dtype.startsWith('complex')) {
    return {
      dtype,
      shape: x.shape,
      data: packNumbers(
        Float64Array.from({ length: values.length / 2 }, (_, at) => values[2 * at]!),
        dtype,
      ),
    };
  }
  const pairs = new Float64Array(values.length * 2);
  for (let at = 0; at < values.length; at += 1) pairs[2 * at] = values[at]!;
  return { dtype, shape: x.shape, data: packNumbers(pairs, dtype) };
}

/** Text as a number the way TensorFlow reads it; what is none is NaN. */
function parseNumber(text: string): number {
  const trimmed = text.trim();
  if (/^[+-]?(inf|infinity)$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  return trimmed === '' ? Number.NaN : Number(trimmed);
}

function textOf({ dtype, data }: Tensor): string[] {
  if (dtype === 'bool') return Array.from(data as Uint8Array, item => (item ? 'true' : 'false'));
  if (dtype === 'float32') return Array.from(data as Float32Array, shortest32);
  return Array.from(data as ArrayLike<number | bigint>, String);
}

/** The shortest decimal that gives the same float32. */
function shortest32(value: number): string {
  for (let digits = 6; digits < 10; digits += 1) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(Object.entries(functions).map(([op, apply]) => [op, unary(apply)])),
  bitwiseNot,
  cast,
};
