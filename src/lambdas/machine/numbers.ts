/** Python's arithmetic on plain numbers: whole numbers without bound, floor division and modulo, true division. */

import type { BinaryOperator, CompareOperator } from '../instructions.ts';
import { raises, refuse } from './refuse.ts';
import { numberOf, pyBool, pyFloat, pyInt, type Value } from './values.ts';

/** Bits above which a power is refused; no size or factor of a network is near. */
const maximumBits = 4096n;

/** True for `bool`, `int`, `float`. */
export function isNumber(value: Value): boolean {
  return value.kind === 'int' || value.kind === 'float' || value.kind === 'bool';
}

/** `left operator right` for two plain numbers, as Python gives it. */
export function numberBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (left.kind !== 'float' && right.kind !== 'float') {
    const whole = wholeBinary(operator, wholeOf(left), wholeOf(right));
    if (whole !== null) {
      const stays = left.kind === 'bool' && right.kind === 'bool' && ['&', '|', '^'].includes(operator);
      return stays ? pyBool(whole !== 0n) : pyInt(whole);
    }
  }
  return pyFloat(floatBinary(operator, numberOf(left) ?? Number.NaN, numberOf(right) ?? Number.NaN));
}

function wholeOf(value: Value): bigint {
  return value.kind === 'int' ? value.value : BigInt(numberOf(value) ?? 0);
}

/** Null where two whole numbers give a float. */
function wholeBinary(operator: BinaryOperator, a: bigint, b: bigint): bigint | null {
  if ((operator === '//' || operator === '%' || operator === 'classic /') && b === 0n) {
    raises('ZeroDivisionError', 'integer division or modulo by zero');
  }
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
    case 'classic /':
      return floorDivide(a, b);
    case '%':
      return a - floorDivide(a, b) * b;
    case '**':
      return b < 0n ? null : wholePower(a, b);
    case '<<':
      return b > maximumBits ? refuse('a number of more than 4096 bits') : a << b;
    case '>>':
      return a >> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default:
      return null;
  }
}

function wholePower(base: bigint, exponent: bigint): bigint {
  const bits = BigInt(base.toString(2).length);
  if (bits * exponent > maximumBits) refuse('a number of more than 4096 bits');
  return base ** exponent;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floatBinary(operator: BinaryOperator, a: number, b: number): number {
  if (b === 0 && ['/', '//', '%', 'classic /'].includes(operator)) raises('ZeroDivisionError', 'division by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case 'classic /':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - Math.floor(a / b) * b;
    case '**':
      return a ** b;
    default:
      return raises('TypeError', `unsupported operand types for ${operator}: float`);
  }
}

/** `left operator right` for two plain numbers. */
export function numberCompare(operator: CompareOperator, left: number, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    default:
      return left !== right;
  }
}
