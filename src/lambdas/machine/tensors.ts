/** Between the machine's values and what `ops` takes: numbers stay weak numbers, lists become constants or stacks. */

import type { DType } from '../../numbers/dtype.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/index.ts';
import { refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { numberOf, typeName, type Value } from './values.ts';

/** A value where a tensor is wanted: tensors and plain numbers as they are, lists as constants or stacked tensors. */
export function asTensorLike(value: Value, session: Session): TensorLike {
  if (value.kind === 'tensor') return value.tensor;
  if (value.kind === 'bool') return value.value;
  const number = numberOf(value);
  if (number !== null) return number;
  return asTensor(value, session);
}

/** A value as a tensor, in `dtype` where one is given. */
export function asTensor(value: Value, session: Session, dtype?: DType): SymbolicTensor {
  const { ops } = session;
  if (value.kind === 'tensor') return dtype === undefined ? value.tensor : ops.cast(value.tensor, dtype);
  const numbers = nestedNumbers(value);
  if (numbers !== null) return ops.constant(numbers, dtype ?? (hasFloat(value) ? 'float32' : undefined));
  if (value.kind === 'list' || value.kind === 'tuple') {
    const items = value.items.map(item => asTensorLike(item, session));
    const known = dtype ?? ops.resultType(...items.map(item => (ops.isTensor(item) ? item.dtype : 'int')));
    return ops.stack(items.map(item => ops.cast(item, known)));
  }
  if (value.kind === 'string') return ops.constant([value.value]);
  return refuse(`${typeName(value)} where a tensor is needed`);
}

/** Python's floats are floats even when whole: 2.0 makes a float32 constant. */
function hasFloat(value: Value): boolean {
  if (value.kind === 'list' || value.kind === 'tuple') return value.items.some(hasFloat);
  return value.kind === 'float';
}

/** Numbers, or lists of numbers of any depth; null where anything else is among them. */
export function nestedNumbers(value: Value): TensorLike | null {
  if (value.kind === 'bool') return value.value;
  if (value.kind !== 'list' && value.kind !== 'tuple') return numberOf(value);
  const items = value.items.map(nestedNumbers);
  return items.some(item => item === null) ? null : (items as TensorLike[]);
}

/** Sizes of a shape argument: a list of numbers and scalar tensors, one number, or a tensor that holds them. */
export function asSizes(value: Value, session: Session): readonly SizeLike[] {
  const { ops } = session;
  if (value.kind === 'tensor') {
    const { tensor } = value;
    if (tensor.shape.length === 0) return [tensor];
    const count = tensor.shape[0];
    if (tensor.shape.length !== 1 || count === null || count === undefined) refuse('a shape of unknown length');
    return shapeParts.get(tensor) ?? Array.from({ length: count }, (_, axis) => ops.getItem(tensor, axis));
  }
  const one = numberOf(value);
  if (one !== null) return [one];
  if (value.kind !== 'tuple' && value.kind !== 'list') return refuse(`${typeName(value)} where a shape is needed`);
  return value.items.map(item => {
    if (item.kind === 'tensor') return item.tensor.shape.length === 0 ? item.tensor : ops.reshape(item.tensor, []);
    if (item.kind === 'none') return -1;
    return numberOf(item) ?? refuse(`${typeName(item)} in a shape`);
  });
}

/** The sizes that a shape tensor was made of, so that known ones stay known when they are taken out again. */
const shapeParts = new WeakMap<SymbolicTensor, readonly SizeLike[]>();

/** `tf.shape(x)`: an int32 vector that remembers the sizes it was made of. */
export function shapeTensor(sizes: readonly SizeLike[], session: Session, dtype: DType = 'int32'): SymbolicTensor {
  const { ops } = session;
  const tensor = sizes.length === 0 ? ops.zeros([0], { dtype }) : ops.stack(sizes.map(size => ops.cast(size, dtype)));
  shapeParts.set(tensor, sizes);
  return tensor;
}

/** The sizes that `shapeTensor` made `tensor` of; undefined for other tensors. */
export function sizesOf(tensor: SymbolicTensor): readonly SizeLike[] | undefined {
  return shapeParts.get(tensor);
}
