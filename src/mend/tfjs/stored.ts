/** Numbers that a graph holds: constants, weights, and what operations make of them, worked out when they are read. */

import { derivedTensor, reshaped, transposeTensor } from '../../eras/layouts/derived.ts';
import type { TensorRef } from '../../model/types.ts';
import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';

export interface Stored {
  readonly shape: readonly number[];
  readonly ref: TensorRef;
  /** The numbers themselves, where they are known without reading an artefact. */
  readonly now: readonly number[] | null;
}

const why = 'for TensorFlow.js';

export function storedNumbers(numbers: readonly number[], shape: readonly number[]): Stored {
  const tensor: Tensor = { dtype: 'float32', shape, data: Float32Array.from(numbers) };
  const ref: TensorRef = {
    path: 'constant',
    shape,
    dtype: 'float32',
    storage: 'constant',
    plain: null,
    at: {},
    conversions: [],
    read: async () => tensor,
  };
  return { shape, ref, now: numbers };
}

export function storedWeight(ref: TensorRef): Stored {
  return { shape: ref.shape, ref, now: null };
}

/** New numbers out of others, place by place or all at once. */
export function madeOf(
  parts: readonly Stored[],
  shape: readonly number[],
  make: (numbers: readonly ArrayLike<number>[]) => ArrayLike<number>,
): Stored {
  if (parts.every(part => part.now !== null)) {
    return storedNumbers(Array.from(make(parts.map(part => part.now as readonly number[]))), shape);
  }
  const refs = parts.map(part => part.ref);
  const ref = derivedTensor(refs, shape, why, tensors => {
    const given = tensors.map(unpackNumbers);
    return { dtype: 'float32', shape, data: Float32Array.from(make(given)) };
  });
  return { shape, ref: { ...ref, dtype: 'float32' }, now: null };
}

export function withShape(stored: Stored, shape: readonly number[]): Stored {
  return { shape, ref: reshaped(stored.ref, shape, why), now: stored.now };
}

export function withOrder(stored: Stored, order: readonly number[]): Stored {
  const shape = order.map(axis => stored.shape[axis] as number);
  return madeOf([stored], shape, ([numbers]) => {
    const tensor: Tensor = {
      dtype: 'float32',
      shape: stored.shape,
      data: Float32Array.from(numbers as ArrayLike<number>),
    };
    return transposeTensor(tensor, order).data as Float32Array;
  });
}

/** The numbers spread over a larger shape, as broadcasting does. */
export function spread(stored: Stored, shape: readonly number[]): Stored {
  if (stored.shape.join() === shape.join()) return stored;
  const lead = shape.length - stored.shape.length;
  const sizes = [...Array.from({ length: lead }, () => 1), ...stored.shape];
  return madeOf([stored], shape, ([numbers]) => {
    const data = new Float32Array(elementCount(shape));
    for (let at = 0; at < data.length; at += 1) {
      let [rest, from, stride] = [at, 0, 1];
      for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
        const index = rest % (shape[axis] as number);
        rest = Math.floor(rest / (shape[axis] as number));
        from += (sizes[axis] === 1 ? 0 : index) * stride;
        stride *= sizes[axis] as number;
      }
      data[at] = (numbers as ArrayLike<number>)[from] as number;
    }
    return data;
  });
}

const unary: Readonly<Record<string, (x: number) => number>> = {
  negative: x => -x,
  sqrt: Math.sqrt,
  reciprocal: x => 1 / x,
  exp: Math.exp,
  log: Math.log,
  abs: Math.abs,
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: x => Math.max(0, x),
  cast: x => x,
  logicalNot: x => Number(!x),
};

const binary: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  power: (x, y) => x ** y,
  greater: (x, y) => Number(x > y),
  greaterEqual: (x, y) => Number(x >= y),
  less: (x, y) => Number(x < y),
  lessEqual: (x, y) => Number(x <= y),
  equal: (x, y) => Number(x === y),
  notEqual: (x, y) => Number(x !== y),
  floorDivide: (x, y) => Math.floor(x / y),
  mod: (x, y) => x - Math.floor(x / y) * y,
  logicalAnd: (x, y) => Number(x && y),
};

/** What an operation makes of stored numbers alone; null where it is not worked out here. */
export function ofStored(node: OpNode, inputs: readonly Stored[]): Stored | null {
  const [first, second] = inputs;
  const shape = node.outputs[0]?.shape ?? [];
  if (!first || shape.includes(null)) return null;
  const sizes = shape as readonly number[];
  if (/^(reshape|expandDims|squeeze)$/.test(node.op)) return withShape(first, sizes);
  if (node.op === 'transpose') return withOrder(first, node.attributes.axes as readonly number[]);
  if (node.op === 'broadcastTo') return spread(first, sizes);
  const one = unary[node.op];
  if (one) return madeOf([first], sizes, ([numbers]) => Array.from(numbers as ArrayLike<number>, x => one(Number(x))));
  const two = binary[node.op];
  if (!two || !second) return null;
  return madeOf([spread(first, sizes), spread(second, sizes)], sizes, ([a, b]) =>
    Array.from(a as ArrayLike<number>, (x, at) => two(Number(x), Number((b as ArrayLike<number>)[at]))),
  );
}

/** Parts of stored numbers along an axis. */
export function splitStored(stored: Stored, axis: number, sizes: readonly number[]): Stored[] {
  const [whole] = stored.shape.slice(axis) as [number];
  const inner = elementCount(stored.shape.slice(axis + 1));
  let from = 0;
  return sizes.map(size => {
    const first = from;
    from += size;
    const shape = stored.shape.map((one, at) => (at === axis ? size : one));
    return madeOf([stored], shape, ([numbers]) =>
      Array.from({ length: elementCount(shape) }, (_, at) => {
        const [row, place] = [Math.floor(at / (size * inner)), at % (size * inner)];
        return Number((numbers as ArrayLike<number>)[row * whole * inner + first * inner + place]);
      }),
    );
  });
}
