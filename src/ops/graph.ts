/** The ends of a graph: its inputs, the variables of layers, constants. */

import type { DType } from '../numbers/dtype.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';
import { constantTensor, numbersToTensor, promotable, toTensor } from './convert.ts';
import { type Promotable, promote } from './promote.ts';
import { record } from './record.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** An input of the graph. `name` is that under which it is fed. */
export function input(shape: Shape, dtype: DType, name: string): SymbolicTensor {
  return record('input', [], { name }, { shape, dtype });
}

/** A variable. `key` is what the one who runs the graph finds its numbers by. */
export function weight(key: string, shape: readonly number[], dtype: DType): SymbolicTensor {
  return record('weight', [], { key }, { shape, dtype });
}

/** Numbers known now: a tensor, or (nested) numbers, by default float32 where one has a fraction and else int32. */
export function constant(value: Tensor | TensorLike | readonly string[], dtype?: DType): SymbolicTensor {
  if (typeof value === 'object' && 'data' in value) return constantTensor(value);
  if (Array.isArray(value) && typeof value[0] === 'string') {
    return constantTensor({ dtype: 'string', shape: [value.length], data: [...(value as readonly string[])] });
  }
  const numbers = value as TensorLike;
  return constantTensor(numbersToTensor(numbers, dtype ?? promote(promotable(numbers))!));
}

/** A tensor of what is given; nested lists may hold tensors only through `stack`. */
export function convertToTensor(x: TensorLike, { dtype = null }: { dtype?: DType | null } = {}): SymbolicTensor {
  return toTensor(x, dtype ?? undefined);
}

export const array = convertToTensor;

/** The dtype that Keras gives an operation on tensors of these dtypes (`int`, `float`: numbers in code). */
export function resultType(...dtypes: readonly Promotable[]): DType {
  return promote(...dtypes) ?? 'float32';
}

/** True for a tensor of a graph. */
export { isSymbolic as isTensor } from './convert.ts';
