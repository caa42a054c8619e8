/** Operations on two tensors (or three), element by element, with NumPy's broadcasting and Keras's promotion of dtypes. */

import type { DType } from '../numbers/dtype.ts';
import { castTensor, commonDtype, isSymbolic, toCommon, toTensor } from './convert.ts';
import { toFloating } from './promote.ts';
import { record } from './record.ts';
import { broadcastShapes, knownSize } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

type Binary = (x1: TensorLike, x2: TensorLike) => SymbolicTensor;

/** Operations on scalars known at once, so that sums and products of sizes stay known. */
const onNumbers: { readonly [op: string]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  floorDivide: (a, b) => Math.floor(a / b),
  maximum: Math.max,
  minimum: Math.min,
};

function broadcastRecord(op: string, inputs: readonly SymbolicTensor[], dtype: DType): SymbolicTensor {
  return record(op, inputs, {}, { shape: broadcastShapes(op, ...inputs.map(input => input.shape)), dtype });
}

/** Declares a primitive on inputs cast to their common dtype, or to what `inputDtype` makes of it. */
function arithmetic(op: string, inputDtype: (dtype: DType) => DType = dtype => dtype): Binary {
  return (x1, x2) => {
    const dtype = inputDtype(commonDtype(op, x1, x2));
    const folded = foldIntegers(op, x1, x2, dtype);
    return folded ?? broadcastRecord(op, [toTensor(x1, dtype), toTensor(x2, dtype)], dtype);
  };
}

/** The result at once where both are known whole scalars. */
function foldIntegers(op: string, x1: TensorLike, x2: TensorLike, dtype: DType): SymbolicTensor | null {
  const apply = onNumbers[op];
  if (!apply || (dtype !== 'int32' && dtype !== 'int64')) return null;
  const values = [x1, x2].map(x => {
    if (typeof x === 'number') return x;
    return isSymbolic(x) && x.shape.length === 0 ? knownSize(x) : null;
  });
  const [a, b] = values;
  return typeof a === 'number' && typeof b === 'number' ? toTensor(apply(a, b), dtype) : null;
}

/** Declares a comparison: inputs in their common dtype, booleans out. */
function comparison(op: string): Binary {
  return (x1, x2) => broadcastRecord(op, toCommon(op, x1, x2), 'bool');
}

/** Declares an operation on truth values. */
function logical(op: string): Binary {
  return (x1, x2) => broadcastRecord(op, [toTensor(x1, 'bool'), toTensor(x2, 'bool')], 'bool');
}

const boolToInt = (dtype: DType) => (dtype === 'bool' ? 'int32' : dtype);

const addNumbers = arithmetic('add');
const multiplyNumbers = arithmetic('multiply');

/** Sum; of booleans, whether either is true. */
export const add: Binary = (x1, x2) => (commonDtype('add', x1, x2) === 'bool' ? logicalOr(x1, x2) : addNumbers(x1, x2));
/** Product; of booleans, whether both are true. */
export const multiply: Binary = (x1, x2) =>
  commonDtype('multiply', x1, x2) === 'bool' ? logicalAnd(x1, x2) : multiplyNumbers(x1, x2);
export const subtract = arithmetic('subtract', boolToInt);
/** True division: whole numbers give float32. */
export const divide = arithmetic('divide', toFloating);
export const trueDivide = divide;
export const floorDivide = arithmetic('floorDivide', boolToInt);
/** Remainder with the sign of the divisor, as Python has it. */
export const mod = arithmetic('mod', boolToInt);
/** Remainder with the sign of the dividend, as C has it. */
export const fmod = arithmetic('fmod', boolToInt);
export const power = arithmetic('power', boolToInt);
export const maximum = arithmetic('maximum');
export const minimum = arithmetic('minimum');
export const nextafter = arithmetic('nextafter', toFloating);

export const equal = comparison('equal');
export const notEqual = comparison('notEqual');
export const less = comparison('less');
export const lessEqual = comparison('lessEqual');
export const greater = comparison('greater');
export const greaterEqual = comparison('greaterEqual');

export const logicalAnd = logical('logicalAnd');
export const logicalOr = logical('logicalOr');
export const logicalXor = logical('logicalXor');

export const bitwiseAnd = arithmetic('bitwiseAnd');
export const bitwiseOr = arithmetic('bitwiseOr');
export const bitwiseXor = arithmetic('bitwiseXor');
export const bitwiseLeftShift = arithmetic('bitwiseLeftShift');
export const bitwiseRightShift = arithmetic('bitwiseRightShift');
export const leftShift = bitwiseLeftShift;
export const rightShift = bitwiseRightShift;

/** `x1` where `condition` is true, else `x2`. */
export function where(condition: TensorLike, x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [left, right] = toCommon('where', x1, x2) as [SymbolicTensor, SymbolicTensor];
  return broadcastRecord('where', [toTensor(condition, 'bool'), left, right], left.dtype);
}

/** Limits `x` to the range from `xMin` to `xMax`; a limit of null does not limit. */
export function clip(x: TensorLike, xMin: TensorLike | null, xMax: TensorLike | null): SymbolicTensor {
  const given = toTensor(x);
  const limits = [xMin, xMax].filter(limit => limit !== null);
  const dtype = boolToInt(commonDtype('clip', given, ...limits));
  const scalar = xMin !== null && xMax !== null && limits.every(limit => !isSymbolic(limit) && !Array.isArray(limit));
  const cast = castTensor(given, dtype);
  if (scalar) return record('clip', [cast, ...limits.map(limit => toTensor(limit, dtype))], {}, cast);
  const lower = xMin === null ? cast : broadcastRecord('maximum', [cast, toTensor(xMin, dtype)], dtype);
  return xMax === null ? lower : broadcastRecord('minimum', [lower, toTensor(xMax, dtype)], dtype);
}
