/** Forms of callables that all libraries share: one tensor, two tensors, reductions, joining and cutting. */

import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/index.ts';
import { raises, refuse } from '../machine/refuse.ts';
import { asSizes, shapeTensor, sizesOf } from '../machine/tensors.ts';
import { none, pyInt, pyList, pyTensor, pyTuple, type TupleValue, type Value } from '../machine/values.ts';
import { type Allowed, type Arguments, allow } from './define.ts';

type OpsOf = Arguments['ops'];

/** A function of one tensor. */
export function ofOne(
  apply: (ops: OpsOf, x: SymbolicTensor) => SymbolicTensor,
  parameters = 'x name | features:x input:x a:x',
): Allowed {
  const first = parameters.split(' ')[0] ?? 'x';
  return allow(parameters, given => pyTensor(apply(given.ops, given.tensor(first))));
}

/** A function of two tensors (or a tensor and a number). */
export function ofTwo(
  apply: (ops: OpsOf, a: TensorLike, b: TensorLike) => SymbolicTensor,
  parameters = 'x y name | x1:x x2:y a:x b:y',
): Allowed {
  const [first = 'x', second = 'y'] = parameters.split(' ');
  return allow(parameters, given => {
    const [a, b] = given.pair(first, second);
    const bothPlain = [a, b].every(operand => typeof operand === 'number');
    return pyTensor(apply(given.ops, bothPlain ? given.tensor(first) : a, b));
  });
}

type Reduce = (
  ops: OpsOf,
  x: SymbolicTensor,
  options: { axis: number | number[] | null; keepdims: boolean },
) => SymbolicTensor;

/** A reduction over axes. */
export function reduction(apply: Reduce, parameters: string): Allowed {
  const first = parameters.split(' ')[0] ?? 'x';
  return allow(parameters, given => {
    const options = { axis: given.axes('axis'), keepdims: given.flag('keepdims') };
    return pyTensor(apply(given.ops, given.tensor(first), options));
  });
}

/** The static shape of a tensor as Python's tuple, None where a size is not known. */
export function shapeTuple(tensor: SymbolicTensor): TupleValue {
  return { ...pyTuple(tensor.shape.map(size => (size === null ? none : pyInt(size)))), shape: true };
}

/** Joins along an axis; vectors of sizes stay vectors of sizes. */
export function concatenate(given: Arguments, items: readonly Value[], axis: number): Value {
  if (items.length === 0) return raises('ValueError', 'nothing to join');
  const parts = partsOf(items, given);
  if (parts) return pyTensor(shapeTensor(parts, given.session));
  const wanted = items.find(item => item.kind === 'tensor' && !item.numpy);
  const tensors = given.tensors.length === 0 ? [] : items.map(item => toSame(item, wanted, given));
  return pyTensor(given.ops.concatenate(tensors, { axis }));
}

function toSame(item: Value, wanted: Value | undefined, given: Arguments): SymbolicTensor {
  if (item.kind === 'tensor' && (!item.numpy || wanted?.kind !== 'tensor')) return item.tensor;
  const dtype = wanted?.kind === 'tensor' ? wanted.tensor.dtype : undefined;
  return given.ops.cast(asVector(item, given), dtype ?? asVector(item, given).dtype);
}

function asVector(item: Value, given: Arguments): SymbolicTensor {
  if (item.kind === 'tensor') return item.tensor;
  return shapeOrNumbers(item, given);
}

function shapeOrNumbers(item: Value, given: Arguments): SymbolicTensor {
  if (item.kind !== 'list' && item.kind !== 'tuple') return refuse('something other than tensors joined together');
  return given.ops.stack(asSizes(item, given.session));
}

/** All sizes of vectors of sizes (`tf.shape(x)[:1]`, `[3]`), when at least one of them is known as such. */
function partsOf(items: readonly Value[], given: Arguments): SizeLike[] | null {
  if (!items.some(item => item.kind === 'tensor' && sizesOf(item.tensor))) return null;
  const parts: SizeLike[] = [];
  for (const item of items) {
    if (item.kind === 'tensor') {
      const sizes = sizesOf(item.tensor);
      if (!sizes) return null;
      parts.push(...sizes);
    } else if (item.kind === 'list' || item.kind === 'tuple') {
      parts.push(...asSizes(item, given.session));
    } else {
      return null;
    }
  }
  return parts;
}

/** Stacks along a new axis; scalars that are sizes make a vector of sizes. */
export function stack(given: Arguments, name: string, axis: number): Value {
  const items = given.items(name);
  if (items.length === 0) return raises('ValueError', 'nothing to stack');
  const scalars = items.every(item =>
    item.kind === 'tensor' ? item.tensor.shape.length === 0 && item.tensor.dtype === 'int32' : item.kind === 'int',
  );
  const anySize = items.some(item => item.kind === 'tensor');
  if (scalars && anySize && axis === 0)
    return pyTensor(shapeTensor(asSizes({ kind: 'list', items: [...items] }, given.session), given.session));
  return pyTensor(given.ops.stack(given.tensors(name), { axis }));
}

/** `tf.shape(x)`, `K.shape(x)`. */
export function shapeOf(given: Arguments, name: string): Value {
  return pyTensor(shapeTensor(given.ops.shape(given.tensor(name)), given.session, given.dtype('out_type') ?? 'int32'));
}

/** Tensors as Python's list. */
export function listOf(tensors: readonly SymbolicTensor[]): Value {
  return pyList(tensors.map(pyTensor));
}

/** A plain number as a tensor of a floating dtype, or a tensor as it is. */
export function refuseRandom(name: string): Allowed {
  return { ...allow('*rest **keywords', () => refuse(`${name}, which draws random numbers`)), refused: true };
}

/** Callables whose arguments do not matter, because what they are is not interpreted. */
export function reduceOver(
  apply: (ops: OpsOf, x: SymbolicTensor, axis: number) => SymbolicTensor,
  parameters: string,
  fallback: number,
): Allowed {
  const first = parameters.split(' ')[0] ?? 'x';
  return allow(parameters, given => pyTensor(apply(given.ops, given.tensor(first), given.int('axis', fallback))));
}
