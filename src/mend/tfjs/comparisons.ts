/**
 * Comparisons, logic and choices in terms of layers. True is one, false is zero. What lies above zero is told by scaling
 * it until it reaches the limit of a rectifier that ends at one; only numbers below 1e-38 are too small for that.
 */

import type { OpNode } from '../../ops/types.ts';
import { arithmetic, isStored, type Value, withStored } from './arithmetic.ts';
import { activation, type Builder, type Made, merge, relu, rescale, unsayable } from './graph.ts';
import { madeOf, type Stored, spread, storedNumbers } from './stored.ts';

const steepest = 1e38;

/** One where x lies above zero, else zero. */
export function positive(graph: Builder, x: Made): Made {
  return relu(graph, rescale(graph, x, steepest, 0), 1);
}

export function not(graph: Builder, x: Made): Made {
  return rescale(graph, x, -1, 1);
}

/** Null where the operation is none of these. */
export function comparison(node: OpNode, inputs: readonly (() => Value)[], graph: Builder): Made | null {
  if (!/^(greater|less|greaterEqual|lessEqual|equal|notEqual|logical(And|Or|Xor|Not)|where)$/.test(node.op))
    return null;
  const values = inputs.map(input => input());
  if (values.every(isStored)) return null;
  if (node.op === 'where') return chosen(values as [Value, Value, Value], graph);
  return node.op.startsWith('logical') ? logic(node.op, values, graph) : compared(node.op, values, graph);
}

function compared(op: string, [x, y]: readonly Value[], graph: Builder): Made | null {
  const difference = (one: Value, other: Value) => sumOf('subtract', one, other, graph);
  const above = (one: Value, other: Value) => positive(graph, difference(one, other));
  const [a, b] = [x as Value, y as Value];
  switch (op) {
    case 'greater':
      return above(a, b);
    case 'less':
      return above(b, a);
    case 'greaterEqual':
      return not(graph, above(b, a));
    case 'lessEqual':
      return not(graph, above(a, b));
    default: {
      const apart = difference(a, b);
      const unequal = merge(graph, 'Add', [positive(graph, apart), positive(graph, rescale(graph, apart, -1, 0))]);
      return op === 'notEqual' ? unequal : not(graph, unequal);
    }
  }
}

function logic(op: string, [x, y]: readonly Value[], graph: Builder): Made | null {
  if (op === 'logicalNot') return isStored(x) || !x ? null : not(graph, x);
  if (!x || !y) return null;
  if (op === 'logicalXor') return compared('notEqual', [x, y], graph);
  return sumOf(op === 'logicalAnd' ? 'multiply' : 'maximum', x, y, graph);
}

/** An operation of two numbers, at least one of them a tensor. */
function sumOf(op: string, x: Value, y: Value, graph: Builder): Made {
  return arithmetic({ op } as OpNode, [x, y], graph) ?? unsayable(`the operation "${op}"`);
}

/** One tensor where the condition holds, the other elsewhere. */
function chosen([where, kept, other]: [Value, Value, Value], graph: Builder): Made {
  const otherwise = isStored(where) ? flipped(where) : not(graph, where);
  const [one, two] = [part(where, kept, graph), part(otherwise, other, graph)];
  if (one === null || two === null) return made(one ?? two);
  if (isStored(one) || isStored(two)) return sumOf('add', one, two, graph);
  return merge(graph, 'Add', one.at.layer === two.at.layer ? [one, activation(graph, 'linear', two)] : [one, two]);
}

function made(value: Value | null): Made {
  return value === null || isStored(value) ? unsayable('a choice between constants') : value;
}

/** `value` where `where` is one; null where it is zero everywhere. */
function part(where: Value, value: Value, graph: Builder): Value | null {
  if (!isStored(value))
    return isStored(where) ? withStored('multiply', value, where, graph) : product(where, value, graph);
  const finite = limited(value);
  if (finite.now?.every(number => number === 0)) return null;
  return isStored(where) ? timesStored(where, finite) : withStored('multiply', where, finite, graph);
}

function product(x: Made, y: Made, graph: Builder): Made {
  const again = x.at.layer === y.at.layer && x.at.tensor === y.at.tensor && x.at.node === y.at.node;
  return merge(graph, 'Multiply', [x, again ? activation(graph, 'linear', y) : y]);
}

function timesStored(where: Stored, value: Stored): Stored {
  const shape = where.shape.length >= value.shape.length ? where.shape : value.shape;
  return madeOf([spread(where, shape), spread(value, shape)], shape, ([one, two]) =>
    Array.from(one as ArrayLike<number>, (place, at) => (place ? Number((two as ArrayLike<number>)[at]) : 0)),
  );
}

function flipped(where: Stored): Stored {
  return madeOf([where], where.shape, ([numbers]) => Array.from(numbers as ArrayLike<number>, one => (one ? 0 : 1)));
}

/** Zero times infinity is no number: the largest number stands for it. */
function limited(value: Stored): Stored {
  if (value.now?.every(Number.isFinite) ?? true) return value;
  const largest = 3e38;
  const numbers = (value.now as readonly number[]).map(number => Math.min(largest, Math.max(-largest, number)));
  return storedNumbers(numbers, value.shape);
}
