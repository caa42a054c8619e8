/**
 * `numpy.*`: on plain numbers it gives numbers, on lists constants, on tensors operations as the overloads that
 * TensorFlow and Theano give them. Its arrays take the dtype of the tensor that they meet.
 */

import { nestedNumbers } from '../machine/tensors.ts';
import { numberOf, pyFloat, type Value } from '../machine/values.ts';
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
      return asArray(allowed.handler(given), value === undefined || isConstant(value));
    },
  };
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
