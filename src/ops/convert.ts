/** Turns what operations take (tensors, numbers, nested numbers) into symbolic tensors, with Keras's weak numbers. */

import type { DType } from '../numbers/dtype.ts';
import { allocate } from '../numbers/dtype.ts';
import { packNumbers } from '../numbers/pack.ts';
import type { Tensor } from '../numbers/tensor.ts';
import { elementCount } from '../numbers/tensor.ts';
import { type Promotable, promote } from './promote.ts';
import { record, refuse } from './record.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** True for a tensor of a graph, false for numbers. */
export function isSymbolic(x: unknown): x is SymbolicTensor {
  return typeof x === 'object' && x !== null && 'node' in x && 'index' in x;
}

/** A constant of the graph. */
export function constantTensor(value: Tensor): SymbolicTensor {
  return record('constant', [], { value }, value);
}

/** What `x` counts as when dtypes meet: a tensor its own dtype, numbers the weak kinds. */
export function promotable(x: TensorLike): Promotable {
  if (isSymbolic(x)) return x.dtype;
  if (typeof x === 'number') return Number.isInteger(x) ? 'int' : 'float';
  if (typeof x === 'boolean') return 'bool';
  const kinds = (x as readonly TensorLike[]).map(promotable);
  if (kinds.includes('float')) return 'float';
  return kinds.every(kind => kind === 'bool') && kinds.length > 0 ? 'bool' : 'int';
}

/** The common dtype of `xs`. Throws where they do not mix. */
export function commonDtype(op: string, ...xs: readonly TensorLike[]): DType {
  return promote(...xs.map(promotable)) ?? refuse(op, `${xs.map(promotable).join(' and ')} do not mix`);
}

/** `x` as a tensor of `dtype` (cast where it has another), or of its own dtype where none is given. */
export function toTensor(x: TensorLike, dtype?: DType): SymbolicTensor {
  if (isSymbolic(x)) return dtype === undefined || x.dtype === dtype ? x : castTensor(x, dtype);
  return constantTensor(numbersToTensor(x, dtype ?? promote(promotable(x))!));
}

/** All of `xs` in their common dtype. */
export function toCommon(op: string, ...xs: readonly TensorLike[]): SymbolicTensor[] {
  const dtype = commonDtype(op, ...xs);
  return xs.map(x => toTensor(x, dtype));
}

/** Records a cast; a constant is cast at once. */
export function castTensor(x: SymbolicTensor, dtype: DType): SymbolicTensor {
  if (x.dtype === dtype) return x;
  return record('cast', [x], { dtype }, { shape: x.shape, dtype });
}

/** Nested numbers as a tensor. Throws where the lists are ragged. */
export function numbersToTensor(x: TensorLike, dtype: DType): Tensor {
  const shape: number[] = [];
  for (let level: unknown = x; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: (number | boolean)[] = [];
  collect(x, shape, 0, flat);
  if (dtype === 'string') return { dtype, shape, data: allocate('string', elementCount(shape)) };
  return { dtype, shape, data: packNumbers(flat.map(Number), dtype) };
}

function collect(x: TensorLike, shape: readonly number[], depth: number, into: (number | boolean)[]): void {
  if (typeof x === 'number' || typeof x === 'boolean') {
    if (depth !== shape.length) refuse('constant', 'the nested numbers are ragged');
    into.push(x);
    return;
  }
  if (isSymbolic(x)) refuse('constant', 'tensors stand among numbers; stack them instead');
  if (x.length !== shape[depth]) refuse('constant', 'the nested numbers are ragged');
  for (const item of x) collect(item, shape, depth + 1, into);
}
