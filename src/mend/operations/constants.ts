/** Operations on constants alone, worked out: what has no tensor in it is no layer anywhere. */

import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { record } from '../../ops/record.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

type Arithmetic = (a: number, b: number) => number;

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  power: (a, b) => a ** b,
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
  logicalAnd: (a, b) => Number(a !== 0 && b !== 0),
  logicalOr: (a, b) => Number(a !== 0 || b !== 0),
};

const elementwise: Readonly<Record<string, (x: number) => number>> = {
  negative: x => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  logicalNot: x => Number(x === 0),
};

const reshaping = new Set(['reshape', 'expandDims', 'squeeze']);

/** Larger ones stay what they are made of. */
const largest = 4096;

/** True where a node takes constants and nothing else. */
export function isConstant({ inputs }: OpNode): boolean {
  return inputs.length > 0 && inputs.every(({ node }) => node.op === 'constant');
}

/** The node's result as a constant; null where it is not worked out here. */
export function folded(node: OpNode): SymbolicTensor | null {
  const [output] = node.outputs;
  const [first, second] = node.inputs.map(({ node: { attributes } }) => attributes.value as Tensor);
  if (!isConstant(node) || !output || !first || first.data.length > largest) return null;
  if (output.shape.some(size => size === null)) return null;
  const data = numbersOf(node, first, second, output);
  return data && constantLike(data, output);
}

function numbersOf(node: OpNode, first: Tensor, second: Tensor | undefined, output: SymbolicTensor): number[] | null {
  const numbers = Array.from(first.data as ArrayLike<number | bigint>, Number);
  if (reshaping.has(node.op)) return numbers;
  if (node.op === 'cast') return output.dtype.includes('int') ? numbers.map(Math.trunc) : numbers;
  const one = elementwise[node.op];
  if (one) return numbers.map(one);
  const two = arithmetic[node.op];
  if (!two || !second) return null;
  const others = Array.from(second.data as ArrayLike<number | bigint>, Number);
  const shape = output.shape as readonly number[];
  const [a, b] = [placesOf(first.shape, shape), placesOf(second.shape, shape)];
  const count = elementCount(shape);
  if (count > largest) return null;
  return Array.from({ length: count }, (_, at) => two(numbers[a(at)] as number, others[b(at)] as number));
}

/** Where an element of the whole lies in a tensor that is spread over it. */
function placesOf(shape: readonly number[], whole: readonly number[]): (at: number) => number {
  const missing = whole.length - shape.length;
  return at => {
    let [rest, place, stride] = [at, 0, 1];
    for (let axis = whole.length - 1; axis >= missing; axis -= 1) {
      const size = shape[axis - missing] as number;
      if (size > 1) place += (rest % (whole[axis] as number)) * stride;
      stride *= size;
      rest = Math.floor(rest / (whole[axis] as number));
    }
    return place;
  };
}

function constantLike(numbers: readonly number[], { shape, dtype }: SymbolicTensor): SymbolicTensor | null {
  if (!/^(float(16|32|64)|int32|int64|bool)$/.test(dtype)) return null;
  const sizes = shape as readonly number[];
  const data = dtype === 'int64' ? BigInt64Array.from(numbers, BigInt) : Float64Array.from(numbers);
  const plain = dtype === 'float32' ? Float32Array.from(numbers) : dtype === 'int32' ? Int32Array.from(numbers) : data;
  const value = { dtype, shape: sizes, data: plain } as unknown as Tensor;
  return record('constant', [], { value }, { shape: sizes, dtype });
}
