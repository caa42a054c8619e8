/** `object[key]`: of sequences, dictionaries, text, and of tensors with all that NumPy's basic indexing knows. */

import type { SizeLike, SymbolicTensor } from '../../ops/index.ts';
import { isEqual } from './operators.ts';
import { raises, refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { asTensor, nestedNumbers, shapeTensor, sizesOf } from './tensors.ts';
import { integerOf, pyTensor, pyText, type SliceValue, typeName, type Value } from './values.ts';

type IndexPart =
  | number
  | { start?: SizeLike | null; stop?: SizeLike | null; step?: number | null }
  | null
  | '...'
  | SymbolicTensor;

export function subscript(object: Value, key: Value, session: Session): Value {
  switch (object.kind) {
    case 'tensor':
      return tensorItem(object.tensor, key, session, object.numpy);
    case 'dict':
      return dictItem(object.entries, key);
    case 'tuple':
      return key.kind === 'slice' ? { ...object, items: sliced(object.items, key) } : itemAt(object.items, key);
    case 'list':
      return key.kind === 'slice' ? { kind: 'list', items: sliced(object.items, key) } : itemAt(object.items, key);
    case 'string': {
      const letters = [...object.value].map(pyText);
      if (key.kind !== 'slice') return itemAt(letters, key);
      return pyText(
        sliced(letters, key)
          .map(letter => letter.value)
          .join(''),
      );
    }
    default:
      return refuse(`an item of ${typeName(object)}`);
  }
}

/** `object[key] = value` for lists and dictionaries. */
export function storeItem(object: Value, key: Value, value: Value): void {
  if (object.kind === 'list') {
    object.items[positionIn(object.items, key)] = value;
  } else if (object.kind === 'dict') {
    const entry = object.entries.find(([known]) => isEqual(known, key));
    if (entry) entry[1] = value;
    else object.entries.push([key, value]);
  } else {
    refuse(`an assignment to an item of ${typeName(object)}`);
  }
}

function dictItem(entries: readonly (readonly [Value, Value])[], key: Value): Value {
  const entry = entries.find(([known]) => isEqual(known, key));
  return entry ? entry[1] : raises('KeyError', key.kind === 'string' ? key.value : typeName(key));
}

function itemAt<T>(items: readonly T[], key: Value): T {
  return items[positionIn(items, key)] as T;
}

function positionIn(items: readonly unknown[], key: Value): number {
  const index = integerOf(key);
  if (index === null)
    return key.kind === 'tensor'
      ? refuse('an item chosen by a tensor')
      : raises('TypeError', `an index that is ${typeName(key)}`);
  const position = index < 0 ? index + items.length : index;
  if (position < 0 || position >= items.length) raises('IndexError', `index ${index} of ${items.length} items`);
  return position;
}

function sliced<T>(items: readonly T[], { start, stop, step }: SliceValue): T[] {
  const bound = (value: Value): number | null => {
    if (value.kind === 'none') return null;
    return integerOf(value) ?? refuse(`a slice bound that is ${typeName(value)}`);
  };
  const by = bound(step) ?? 1;
  if (by === 0) raises('ValueError', 'a slice with step 0');
  const length = items.length;
  const clamp = (value: number | null, low: number, high: number, fallback: number) =>
    value === null ? fallback : Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const first = clamp(bound(start), low, high, by > 0 ? low : high);
  const last = clamp(bound(stop), low, high, by > 0 ? high : low);
  const found: T[] = [];
  for (let at = first; by > 0 ? at < last : at > last; at += by) found.push(items[at] as T);
  return found;
}

function tensorItem(tensor: SymbolicTensor, key: Value, session: Session, numpy: true | undefined): Value {
  const sizes = sizesOf(tensor);
  if (
    sizes &&
    key.kind === 'slice' &&
    [key.start, key.stop, key.step].every(part => part.kind === 'none' || part.kind === 'int')
  ) {
    return pyTensor(shapeTensor(sliced(sizes, key), session, tensor.dtype));
  }
  if (sizes && integerOf(key) !== null) {
    const size = itemAt(sizes, key);
    return pyTensor(session.ops.cast(size, tensor.dtype));
  }
  if (key.kind === 'tensor' && key.tensor.dtype === 'bool')
    return refuse('elements chosen by a mask (their count is known only when the model runs)');
  const parts = (key.kind === 'tuple' ? key.items : [key]).map(part => indexPart(part, session));
  const item = session.ops.getItem(tensor, parts);
  return numpy ? { kind: 'tensor', tensor: item, numpy } : pyTensor(item);
}

function indexPart(part: Value, session: Session): IndexPart {
  switch (part.kind) {
    case 'none':
      return null;
    case 'ellipsis':
      return '...';
    case 'int':
      return Number(part.value);
    case 'tensor':
      if (part.tensor.dtype === 'bool') refuse('elements chosen by a mask');
      return part.tensor;
    case 'slice':
      return { start: bound(part.start), stop: bound(part.stop), step: step(part.step) };
    case 'list':
      if (nestedNumbers(part) === null) refuse('a list of tensors as an index');
      return asTensor(part, session, 'int32');
    default:
      return refuse(`an index that is ${typeName(part)}`);
  }
}

function bound(value: Value): SizeLike | null {
  if (value.kind === 'none') return null;
  if (value.kind === 'tensor') return value.tensor;
  return integerOf(value) ?? refuse(`a slice bound that is ${typeName(value)}`);
}

function step(value: Value): number | null {
  if (value.kind === 'none') return null;
  return integerOf(value) ?? refuse('a slice step that is no whole number');
}
