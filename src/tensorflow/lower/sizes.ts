/**
 * Arithmetic on sizes: numbers as far as they are known, scalar tensors where not. Keeping `n·1` and `n+0` as `n` is
 * what lets a reshape see that a size it is given is an axis of the tensor itself.
 */

import * as ops from '../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';

type OnSizes = (a: SizeLike, b: SizeLike) => SizeLike | null;

const scalar = (size: SizeLike): SymbolicTensor =>
  typeof size === 'number' ? ops.cast(ops.constant(size, 'int64'), 'int32') : size;

const number = (size: SizeLike): size is number => typeof size === 'number';

/** Both known: the number; else the operation on tensors, unless a rule says that one of them stays as it is. */
function rule(
  known: (a: number, b: number) => number,
  symbolic: ((a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor) | null,
  same: (a: SizeLike, b: SizeLike) => SizeLike | null = () => null,
): OnSizes {
  return (a, b) => {
    if (number(a) && number(b)) return known(a, b);
    const settled = same(a, b);
    if (settled !== null) return settled;
    if (symbolic === null) return null;
    const [left, right] = [scalar(a), scalar(b)];
    const dtype = ops.resultType(left.dtype, right.dtype);
    return symbolic(ops.cast(left, dtype), ops.cast(right, dtype));
  };
}

const truth = (holds: boolean) => Number(holds);

/** What TensorFlow's binary operations do to sizes, by name. Comparisons of unknown sizes are not followed. */
export const onSizes: { readonly [op: string]: OnSizes } = {
  add: rule(
    (a, b) => a + b,
    ops.add,
    (a, b) => (a === 0 ? b : b === 0 ? a : null),
  ),
  subtract: rule(
    (a, b) => a - b,
    ops.subtract,
    (a, b) => (b === 0 ? a : a === b ? 0 : null),
  ),
  multiply: rule(
    (a, b) => a * b,
    ops.multiply,
    (a, b) => (a === 1 ? b : b === 1 ? a : a === 0 || b === 0 ? 0 : null),
  ),
  floorDivide: rule(
    (a, b) => Math.floor(a / b),
    ops.floorDivide,
    (a, b) => (b === 1 ? a : null),
  ),
  mod: rule(
    (a, b) => a - b * Math.floor(a / b),
    ops.mod,
    (_, b) => (b === 1 ? 0 : null),
  ),
  maximum: rule(Math.max, ops.maximum, (a, b) => (a === b || b === 0 ? a : a === 0 ? b : null)),
  minimum: rule(Math.min, ops.minimum, (a, b) => (a === b ? a : null)),
  equal: rule(
    (a, b) => truth(a === b),
    null,
    (a, b) => (a === b ? 1 : null),
  ),
  notEqual: rule(
    (a, b) => truth(a !== b),
    null,
    (a, b) => (a === b ? 0 : null),
  ),
  less: rule((a, b) => truth(a < b), null),
  lessEqual: rule((a, b) => truth(a <= b), null),
  greater: rule((a, b) => truth(a > b), null),
  greaterEqual: rule((a, b) => truth(a >= b), null),
  logicalAnd: rule(
    (a, b) => a & b,
    null,
    (a, b) => (a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 ? a : null),
  ),
  logicalOr: rule(
    (a, b) => a | b,
    null,
    (a, b) => (a === 1 || b === 1 ? 1 : a === 0 ? b : b === 0 ? a : null),
  ),
};

/** Product of sizes. */
export function productOfSizes(sizes: readonly SizeLike[]): SizeLike {
  return sizes.reduce<SizeLike>((left, right) => onSizes.multiply!(left, right)!, 1);
}

/** Sum of sizes. */
export function sumOfSizes(sizes: readonly SizeLike[]): SizeLike {
  return sizes.reduce<SizeLike>((left, right) => onSizes.add!(left, right)!, 0);
}
