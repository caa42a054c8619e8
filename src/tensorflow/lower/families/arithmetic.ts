/** Arithmetic on two tensors. TensorFlow's operands have one dtype and the result keeps it. */

import { isFloating } from '../../../numbers/dtype.ts';
import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { castTo, type Lowering, type LoweringTable } from '../define.ts';
import { followedBinary } from '../follow.ts';

type Binary = (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor;

const binary =
  (make: Binary): Lowering =>
  node =>
    castTo(node, make(node.x(0), node.x(1)), 'T');

const zeroOf = (x: SymbolicTensor) => ops.cast(ops.constant(0), x.dtype);

/** `make(a, b)` where `by` is not 0, else 0. */
const zeroWhere = (by: SymbolicTensor, result: SymbolicTensor) =>
  ops.where(ops.equal(by, zeroOf(by)), zeroOf(result), result);

/** Division that drops the fraction, as C has it, for whole numbers. */
const truncated: Binary = (a, b) => {
  if (isFloating(a.dtype)) return ops.trunc(ops.divide(a, b));
  const magnitude = ops.floorDivide(ops.abs(a), ops.abs(b));
  return ops.multiply(ops.multiply(ops.sign(a), ops.sign(b)), magnitude);
};

const divide: Binary = (a, b) =>
  isFloating(a.dtype) || a.dtype.startsWith('complex') ? ops.divide(a, b) : truncated(a, b);

const addAll: Lowering = node => node.xs().reduce(ops.add);

const squared: Binary = (a, b) => {
  const difference = ops.subtract(a, b);
  return ops.multiply(difference, difference);
};

export const arithmetic: LoweringTable = {
  Add: followedBinary('add', ops.add),
  AddV2: followedBinary('add', ops.add),
  AddN: addAll,
  AccumulateNV2: addAll,
  Sub: followedBinary('subtract', ops.subtract),
  Mul: followedBinary('multiply', ops.multiply),
  RealDiv: binary(divide),
  Div: followedBinary('floorDivide', divide),
  DivNoNan: binary(ops.divideNoNan),
  MulNoNan: binary((a, b) => zeroWhere(b, ops.multiply(a, b))),
  FloorDiv: followedBinary('floorDivide', ops.floorDivide),
  TruncateDiv: binary(truncated),
  FloorMod: followedBinary('mod', ops.mod),
  Mod: binary(ops.fmod),
  TruncateMod: binary(ops.fmod),
  Pow: binary(ops.power),
  Maximum: followedBinary('maximum', ops.maximum),
  Minimum: followedBinary('minimum', ops.minimum),
  SquaredDifference: binary(squared),
  Atan2: binary(ops.arctan2),
  Xdivy: binary((a, b) => zeroWhere(a, ops.divide(a, b))),
  Xlogy: binary((a, b) => zeroWhere(a, ops.multiply(a, ops.log(b)))),
  Xlog1py: binary((a, b) => zeroWhere(a, ops.multiply(a, ops.log1p(b)))),
  BitwiseAnd: binary(ops.bitwiseAnd),
  BitwiseOr: binary(ops.bitwiseOr),
  BitwiseXor: binary(ops.bitwiseXor),
  LeftShift: binary(ops.leftShift),
  RightShift: binary(ops.rightShift),
};
