/**
 * Operators on the machine's values: plain numbers as Python computes them, tensors as operations, with the dtype rules
 * of TensorFlow's overloads (tensorflow/python/ops/math_ops.py), sequences as Python joins and repeats them.
 */

import type { SymbolicTensor, TensorLike } from '../../ops/index.ts';
import type { BinaryOperator, CompareOperator, UnaryOperator } from '../instructions.ts';
import { isNumber, numberBinary, numberCompare } from './numbers.ts';
import { raises, refuse } from './refuse.ts';
import { maximumItems, type Session, tensorflowMajor } from './session.ts';
import { asTensor, asTensorLike } from './tensors.ts';
import { percentFormat } from './text.ts';
import {
  integerOf,
  none,
  numberOf,
  pyBool,
  pyFloat,
  pyInt,
  pyList,
  pyTensor,
  pyText,
  pyTuple,
  typeName,
  type Value,
} from './values.ts';

export function binary(operator: BinaryOperator, left: Value, right: Value, session: Session): Value {
  if (left.kind === 'tensor' || right.kind === 'tensor') return tensorBinary(operator, left, right, session);
  if (isNumber(left) && isNumber(right)) return numberBinary(operator, left, right);
  if (operator === '+') {
    if (left.kind === 'string' && right.kind === 'string') return pyText(left.value + right.value);
    if (left.kind === 'tuple' && right.kind === 'tuple') return { ...left, items: [...left.items, ...right.items] };
    if (left.kind === 'list' && right.kind === 'list') return pyList([...left.items, ...right.items]);
    if (left.kind === 'tuple' && left.shape && right.kind === 'list') return pyTuple([...left.items, ...right.items]);
  }
  if (operator === '*') {
    const repeated = repeat(left, right) ?? repeat(right, left);
    if (repeated) return repeated;
  }
  if (operator === '%' && left.kind === 'string') return pyText(percentFormat(left.value, right));
  if ([left, right].some(value => value.kind === 'none')) {
    return raises(
      'TypeError',
      `unsupported operands for ${operator}: ${typeName(left)} and ${typeName(right)} (a size that is not known when the model is built is None)`,
    );
  }
  return refuse(`${typeName(left)} ${operator} ${typeName(right)}`);
}

function repeat(sequence: Value, times: Value): Value | null {
  const count = integerOf(times);
  if (count === null || !['list', 'tuple', 'string'].includes(sequence.kind)) return null;
  const length =
    sequence.kind === 'string' ? sequence.value.length : (sequence as { items: readonly Value[] }).items.length;
  if (length * count > maximumItems) refuse(`a sequence of more than ${maximumItems} items`);
  if (sequence.kind === 'string') return pyText(sequence.value.repeat(Math.max(0, count)));
  const { items } = sequence as { items: readonly Value[] };
  const all = Array.from({ length: Math.max(0, count) }, () => items).flat();
  return sequence.kind === 'list' ? pyList(all) : pyTuple(all);
}

/** Both operands as what `ops` takes, a NumPy array or list in the dtype of the tensor that it meets. */
export function meet(left: Value, right: Value, session: Session): [TensorLike, TensorLike] {
  const dtypeOf = (value: Value) => (value.kind === 'tensor' && !value.numpy ? value.tensor.dtype : undefined);
  const dtype = dtypeOf(left) ?? dtypeOf(right);
  const adapt = (value: Value): TensorLike => {
    if (dtype === undefined || dtypeOf(value) !== undefined || isNumber(value)) return asTensorLike(value, session);
    return asTensor(value, session, dtype);
  };
  return [adapt(left), adapt(right)];
}

function tensorBinary(operator: BinaryOperator, left: Value, right: Value, session: Session): Value {
  const { ops } = session;
  const [a, b] = meet(left, right, session);
  switch (operator) {
    case '+':
      return pyTensor(ops.add(a, b));
    case '-':
      return pyTensor(ops.subtract(a, b));
    case '*':
      return pyTensor(ops.multiply(a, b));
    case '/':
      return pyTensor(trueDivide(a, b, session));
    case 'classic /':
      return pyTensor(isWhole(a, session) && isWhole(b, session) ? ops.floorDivide(a, b) : ops.divide(a, b));
    case '//':
      return pyTensor(ops.floorDivide(a, b));
    case '%':
      return pyTensor(ops.mod(a, b));
    case '**':
      return pyTensor(ops.power(a, b));
    case '@':
      return pyTensor(ops.matmul(a, b));
    case '&':
    case '|':
    case '^':
      return pyTensor(bitwise(operator, a, b, session));
    default:
      return pyTensor(operator === '<<' ? ops.leftShift(a, b) : ops.rightShift(a, b));
  }
}

function isWhole(x: TensorLike, { ops }: Session): boolean {
  return /^u?int/.test(typeof x === 'number' ? (Number.isInteger(x) ? 'int32' : 'float32') : ops.dtype(x));
}

/** TensorFlow divides 8- and 16-bit integers in float32, larger ones in float64; other backends as `keras.ops`. */
export function trueDivide(a: TensorLike, b: TensorLike, session: Session): SymbolicTensor {
  const { ops, era } = session;
  const tensorflow = era.backend === 'tensorflow' || era.backend === null;
  if (!tensorflow || !isWhole(a, session) || !isWhole(b, session)) return ops.divide(a, b);
  const dtype = ops.resultType(...[a, b].map(x => (typeof x === 'number' ? ('int' as const) : ops.dtype(x))));
  const wide = /^u?int(8|16)$/.test(dtype) ? 'float32' : 'float64';
  return ops.divide(ops.cast(a, wide), ops.cast(b, wide));
}

function bitwise(operator: '&' | '|' | '^', a: TensorLike, b: TensorLike, { ops }: Session): SymbolicTensor {
  const onTruth = [a, b].every(x => typeof x === 'boolean' || ops.dtype(x) === 'bool');
  if (operator === '&') return onTruth ? ops.logicalAnd(a, b) : ops.bitwiseAnd(a, b);
  if (operator === '|') return onTruth ? ops.logicalOr(a, b) : ops.bitwiseOr(a, b);
  return onTruth ? ops.logicalXor(a, b) : ops.bitwiseXor(a, b);
}

export function unary(operator: UnaryOperator, value: Value, session: Session): Value {
  const { ops } = session;
  if (operator === 'not') return pyBool(!isTrue(value));
  if (value.kind === 'tensor') {
    if (operator === '+') return value;
    if (operator === '-') return { ...value, tensor: ops.negative(value.tensor) };
    return pyTensor(value.tensor.dtype === 'bool' ? ops.logicalNot(value.tensor) : ops.bitwiseNot(value.tensor));
  }
  if (value.kind === 'float' && operator !== '~') return operator === '-' ? pyFloat(-value.value) : value;
  const whole = value.kind === 'int' ? value.value : value.kind === 'bool' ? BigInt(value.value) : null;
  if (whole === null) return raises('TypeError', `bad operand for unary ${operator}: ${typeName(value)}`);
  return pyInt(operator === '-' ? -whole : operator === '~' ? ~whole : whole);
}

/** Python's truth of a value; a tensor's is not known before the model runs. */
export function isTrue(value: Value): boolean {
  switch (value.kind) {
    case 'none':
      return false;
    case 'bool':
      return value.value;
    case 'int':
      return value.value !== 0n;
    case 'float':
      return value.value !== 0;
    case 'string':
    case 'bytes':
      return value.value.length > 0;
    case 'tuple':
    case 'list':
    case 'set':
      return value.items.length > 0;
    case 'dict':
      return value.entries.length > 0;
    case 'tensor':
      return refuse('a branch on the numbers of a tensor, which are known only when the model runs');
    default:
      return true;
  }
}

export function compare(operator: CompareOperator, left: Value, right: Value, session: Session): Value {
  if (operator === 'is' || operator === 'is not') return pyBool(isSame(left, right) === (operator === 'is'));
  if (operator === 'in' || operator === 'not in') return pyBool(contains(right, left) === (operator === 'in'));
  if (left.kind === 'tensor' || right.kind === 'tensor') return tensorCompare(operator, left, right, session);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== null && b !== null) return pyBool(numberCompare(operator, a, b));
  if (operator === '==' || operator === '!=') return pyBool(isEqual(left, right) === (operator === '=='));
  if (left.kind === 'string' && right.kind === 'string') {
    return pyBool(numberCompare(operator, left.value < right.value ? -1 : left.value > right.value ? 1 : 0, 0));
  }
  return raises('TypeError', `${typeName(left)} ${operator} ${typeName(right)}`);
}

/** TensorFlow 1 (and Theano) compare tensors with `==` as objects, which gives a plain False or True. */
function tensorCompare(operator: CompareOperator, left: Value, right: Value, session: Session): Value {
  const { ops, era } = session;
  if (operator === '==' || operator === '!=') {
    if (left.kind === 'none' || right.kind === 'none') return pyBool(operator === '!=');
    if (era.backend === 'theano' || (onTensorflow(era) && tensorflowMajor(session, `tensor ${operator} value`) === 1))
      return pyBool(isSame(left, right) === (operator === '=='));
  }
  const [a, b] = meet(left, right, session);
  switch (operator) {
    case '<':
      return pyTensor(ops.less(a, b));
    case '<=':
      return pyTensor(ops.lessEqual(a, b));
    case '>':
      return pyTensor(ops.greater(a, b));
    case '>=':
      return pyTensor(ops.greaterEqual(a, b));
    case '==':
      return pyTensor(ops.equal(a, b));
    default:
      return pyTensor(ops.notEqual(a, b));
  }
}

function onTensorflow({ backend }: Session['era']): boolean {
  return backend === 'tensorflow' || backend === null;
}

function isSame(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  if (left.kind === 'tensor' && right.kind === 'tensor') {
    return left.tensor.node === right.tensor.node && left.tensor.index === right.tensor.index;
  }
  if (left.kind === 'list' || left.kind === 'dict') return false;
  return isEqual(left, right);
}

/** `left == right` for values without tensors. */
export function isEqual(left: Value, right: Value): boolean {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== null && b !== null) return a === b;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case 'none':
    case 'ellipsis':
      return true;
    case 'string':
      return left.value === (right as typeof left).value;
    case 'dtype':
      return left.dtype === (right as typeof left).dtype;
    case 'reference':
      return left.path === (right as typeof left).path;
    case 'tuple':
    case 'list': {
      const others = (right as typeof left).items;
      return left.items.length === others.length && left.items.every((item, at) => isEqual(item, others[at] ?? none));
    }
    default:
      return refuse(`a comparison of ${typeName(left)} with ${typeName(right)}`);
  }
}

function contains(collection: Value, item: Value): boolean {
  if (collection.kind === 'string' && item.kind === 'string') return collection.value.includes(item.value);
  if (collection.kind === 'tuple' || collection.kind === 'list' || collection.kind === 'set') {
    return collection.items.some(one => isEqual(one, item));
  }
  if (collection.kind === 'dict') return collection.entries.some(([key]) => isEqual(key, item));
  return refuse(`"in" on ${typeName(collection)}`);
}
