/**
 * `numpy.*`: on plain numbers it gives numbers, on lists constants, on tensors operations as the overloads that
 * TensorFlow and Theano give them. Its arrays take the dtype of the tensor that they meet.
 */

import type { BinaryOperator } from '../instructions.ts';
import { isNumber, numberBinary } from '../machine/numbers.ts';
import { nestedNumbers } from '../machine/tensors.ts';
import { numberOf, pyFloat, pyInt, type Value } from '../machine/values.ts';
import { type Allowed, type Arguments, allow, namespaceOf } from './define.ts';
import { kerasOps } from './keras-ops.ts';

const onNumbers: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  arctan: Math.atan,
  abs: Math.abs,
  absolute: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  square: x => x * x,
};

/** Marks what comes from constants alone as NumPy's, so that it adapts to tensors. */
function asArray(result: Value, constant: boolean): Value {
  return result.kind === 'tensor' && constant ? { ...result, numpy: true } : result;
}

function isConstant(value: Value): boolean {
  return (value.kind === 'tensor' && value.numpy === true) || nestedNumbers(value) !== null;
}

function overOps(name: string, allowed: Allowed): Allowed {
  return {
    ...allowed,
    handler: (given: Arguments) => {
      const [first] = allowed.parameters;
      const value = first === undefined ? undefined : given.value(first);
      const number = value && allowed.parameters.length <= 2 ? numberOf(value) : null;
      const plain = onNumbers[name];
      if (plain && number !== null) return pyFloat(plain(number));
      const folded = value && foldNumbers(name, value, given);
      if (folded) return folded;
      return asArray(allowed.handler(given), value === undefined || isConstant(value));
    },
  };
}

const binaryNames: Readonly<Record<string, BinaryOperator>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  true_divide: '/',
  floor_divide: '//',
  mod: '%',
  power: '**',
};

/** Plain numbers stay plain numbers: `np.prod(x.shape[1:])`, `np.power(2, 3)`. */
function foldNumbers(name: string, value: Value, given: Arguments): Value | null {
  const operator = Object.hasOwn(binaryNames, name) ? binaryNames[name] : undefined;
  if (operator && isNumber(value)) {
    const other = given.value('x2');
    return other && isNumber(other) ? numberBinary(operator, value, other) : null;
  }
  if ((value.kind !== 'tuple' && value.kind !== 'list') || given.given('axis') || !value.items.every(isNumber))
    return null;
  const numbers = value.items.map(item => numberOf(item) ?? 0);
  const whole = value.items.every(item => item.kind === 'int');
  const sum = numbers.reduce((a, b) => a + b, 0);
  const results: Readonly<Record<string, number>> = {
    sum,
    prod: numbers.reduce((a, b) => a * b, 1),
    max: Math.max(...numbers),
    min: Math.min(...numbers),
    mean: sum / numbers.length,
  };
  const result = Object.hasOwn(results, name) ? results[name] : undefined;
  if (result === undefined || !Number.isFinite(result)) return null;
  return whole && name !== 'mean' ? pyInt(Math.round(result)) : pyFloat(result);
}

/** The functions of NumPy that `keras.ops` has too. */
const shared = [...kerasOps].filter(
  ([name]) => !name.includes('.') && !['convert_to_tensor', 'cast', 'shape'].includes(name),
);

const arrays = kerasOps.get('convert_to_tensor');

export const numpy = new Map([
  ...shared.map(([name, allowed]): [string, Allowed] => [name, overOps(name, allowed)]),
  ...(arrays
    ? ['array', 'asarray'].map((name): [string, Allowed] => [
        name,
        {
          ...overOps(name, arrays),
          aliases: new Map([
            ['object', 'x'],
            ['a', 'x'],
          ]),
        },
      ])
    : []),
  ...namespaceOf({
    'float32 float64 float16': allow('x', given => pyFloat(given.number('x'))),
  }),
]);
