/** Iteration over the machine's values, bounded; tensors are taken apart along a first axis of known size. */

import { raises, refuse } from './refuse.ts';
import { maximumItems, type Session } from './session.ts';
import { pyTensor, pyText, typeName, type Value } from './values.ts';

/** All items of an iterable. */
export function itemsOf(value: Value, session: Session): readonly Value[] {
  switch (value.kind) {
    case 'tuple':
    case 'list':
    case 'set':
      return value.items;
    case 'dict':
      return value.entries.map(([key]) => key);
    case 'string':
      return [...value.value].map(pyText);
    case 'iterator':
      return drain(value.items, session);
    case 'tensor':
      return alongFirstAxis(value, session);
    case 'none':
      return raises('TypeError', 'None is not iterable');
    default:
      return refuse(`iteration over ${typeName(value)}`);
  }
}

function drain(items: Iterator<Value>, session: Session): Value[] {
  const all: Value[] = [];
  for (let next = items.next(); !next.done; next = items.next()) {
    session.spend(1);
    if (all.push(next.value) > maximumItems) refuse(`more than ${maximumItems} items`);
  }
  return all;
}

function alongFirstAxis(value: Value & { kind: 'tensor' }, { ops }: Session): Value[] {
  const count = value.tensor.shape[0];
  if (count === undefined) return raises('TypeError', 'iteration over a tensor without axes');
  if (count === null) return refuse('iteration over a tensor whose first axis is known only when the model runs');
  if (count > 1000) return refuse(`a tensor taken apart into ${count} parts`);
  return ops.unstack(value.tensor, { num: count, axis: 0 }).map(pyTensor);
}

/** An iterator over a value; iterators give themselves. Lists may grow while they are read, as in Python. */
export function iteratorOf(value: Value, session: Session): Value {
  if (value.kind === 'iterator') return value;
  if (value.kind === 'list') return { kind: 'iterator', items: value.items[Symbol.iterator]() };
  return { kind: 'iterator', items: itemsOf(value, session)[Symbol.iterator]() };
}
