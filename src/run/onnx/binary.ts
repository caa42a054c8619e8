/** ONNX forms of operations on two or three tensors, element by element. */

import { isFloating } from '../../numbers/dtype.ts';
import type { Value } from './builder.ts';
import { pointwise } from './layout.ts';
import type { Lowering, Rule } from './lowering.ts';

/** A rule out of a function on values that broadcast. */
function onValues(make: (values: Value[], lowering: Lowering) => Value): Rule {
  return (node, lowering) => {
    const { values, result } = pointwise(lowering, node.inputs);
    return [result(make(values, lowering))];
  };
}

const direct = (operator: string): Rule => onValues((values, lowering) => lowering.emit(operator, values));

const comparison = (operator: string): Rule =>
  onValues((values, lowering) => lowering.emit(operator, comparable(values, lowering), {}, { dtype: 'bool' }));

/** Booleans have an order only as numbers. */
function comparable(values: Value[], lowering: Lowering): Value[] {
  return values.map(value => (value.dtype === 'bool' ? lowering.cast(value, 'uint8') : value));
}

const bitwise = (operator: string, onBools: string): Rule =>
  onValues((values, lowering) => lowering.emit(values[0]!.dtype === 'bool' ? onBools : operator, values));

/** Remainder with the sign of the divisor. */
function mod([x, y]: Value[], lowering: Lowering): Value {
  const { emit } = lowering;
  if (!isFloating(x!.dtype)) return emit('Mod', [x!, y!], { fmod: 0 });
  return emit('Sub', [x!, emit('Mul', [emit('Floor', [emit('Div', [x!, y!])]), y!])]);
}

function floorDivide([x, y]: Value[], lowering: Lowering): Value {
  const { emit } = lowering;
  if (isFloating(x!.dtype)) return emit('Floor', [emit('Div', [x!, y!])]);
  return emit('Div', [emit('Sub', [x!, emit('Mod', [x!, y!], { fmod: 0 })]), y!]);
}

/** x·2^y, and x divided by 2^y towards minus infinity: shifts of signed numbers, for which ONNX has no operator. */
function leftShift([x, y]: Value[], lowering: Lowering): Value {
  return lowering.cast(lowering.emit('Mul', [lowering.cast(x!, 'int64'), powerOfTwo(y!, lowering)]), x!.dtype);
}

function rightShift([x, y]: Value[], lowering: Lowering): Value {
  return lowering.cast(floorDivide([lowering.cast(x!, 'int64'), powerOfTwo(y!, lowering)], lowering), x!.dtype);
}

function powerOfTwo(exponent: Value, lowering: Lowering): Value {
  return lowering.emit('Pow', [lowering.scalar(2, 'int64'), lowering.cast(exponent, 'int64')]);
}

export const binaryRules: { readonly [op: string]: Rule } = {
  add: direct('Add'),
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  power: direct('Pow'),
  maximum: direct('Max'),
  minimum: direct('Min'),
  floorDivide: onValues(floorDivide),
  mod: onValues(mod),
  fmod: onValues((values, lowering) => lowering.emit('Mod', values, { fmod: 1 })),
  equal: onValues((values, lowering) => lowering.emit('Equal', values, {}, { dtype: 'bool' })),
  notEqual: onValues((values, lowering) =>
    lowering.emit('Not', [lowering.emit('Equal', values, {}, { dtype: 'bool' })]),
  ),
  less: comparison('Less'),
  lessEqual: comparison('LessOrEqual'),
  greater: comparison('Greater'),
  greaterEqual: comparison('GreaterOrEqual'),
  logicalAnd: direct('And'),
  logicalOr: direct('Or'),
  logicalXor: direct('Xor'),
  bitwiseAnd: bitwise('BitwiseAnd', 'And'),
  bitwiseOr: bitwise('BitwiseOr', 'Or'),
  bitwiseXor: bitwise('BitwiseXor', 'Xor'),
  bitwiseLeftShift: onValues(leftShift),
  bitwiseRightShift: onValues(rightShift),
  where: onValues((values, lowering) => lowering.emit('Where', values, {}, { typed: [1, 2] })),
  clip: onValues((values, lowering) => lowering.emit('Clip', values)),
};
