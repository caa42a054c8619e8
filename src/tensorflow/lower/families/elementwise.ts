/** Operations on one tensor, element by element, and those that leave it as it is. */

import { isFloating } from '../../../numbers/dtype.ts';
import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { castTo, dtypeOf, type Lowering, type LoweringTable } from '../define.ts';
import { withElements } from '../follow.ts';
import { onSizes } from '../sizes.ts';

const unary =
  (make: (x: SymbolicTensor) => SymbolicTensor): Lowering =>
  node =>
    castTo(node, make(node.x(0)), 'T');

/** For whole numbers, rounding changes nothing. */
const rounding = (make: (x: SymbolicTensor) => SymbolicTensor): Lowering =>
  unary(x => (isFloating(x.dtype) ? make(x) : x));

const same: Lowering = node => node.inputs[0]!;

/** Casts between whole numbers keep the elements that are followed. */
const cast: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const to = dtypeOf(node, 'DstT');
  const whole = to === 'int32' || to === 'int64' || (to === 'bool' && tensor.dtype === 'bool');
  return withElements(ops.cast(tensor, to), whole ? elements : null);
};

const negate: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const negative = elements?.map(element => onSizes.subtract!(0, element)!) ?? null;
  return withElements(ops.negative(tensor), negative);
};

export const elementwise: LoweringTable = {
  Identity: same,
  IdentityN: node => node.inputs,
  StopGradient: same,
  PreventGradient: same,
  Snapshot: same,
  CheckNumerics: same,
  CheckNumericsV2: same,
  DebugIdentityV2: same,
  Cast: cast,
  Abs: unary(ops.abs),
  Neg: negate,
  Sign: unary(ops.sign),
  Exp: unary(ops.exp),
  Expm1: unary(ops.expm1),
  Log: unary(ops.log),
  Log1p: unary(ops.log1p),
  Sqrt: unary(ops.sqrt),
  Rsqrt: unary(x => ops.reciprocal(ops.sqrt(x))),
  Square: unary(x => ops.multiply(x, x)),
  Reciprocal: unary(ops.reciprocal),
  Inv: unary(ops.reciprocal),
  Sin: unary(ops.sin),
  Cos: unary(ops.cos),
  Tan: unary(ops.tan),
  Asin: unary(ops.arcsin),
  Acos: unary(ops.arccos),
  Atan: unary(ops.arctan),
  Sinh: unary(ops.sinh),
  Cosh: unary(ops.cosh),
  Asinh: unary(ops.arcsinh),
  Acosh: unary(ops.arccosh),
  Atanh: unary(ops.arctanh),
  Floor: rounding(ops.floor),
  Ceil: rounding(ops.ceil),
  Round: rounding(ops.round),
  Rint: rounding(ops.round),
  Erf: unary(ops.erf),
  Erfc: unary(x => ops.subtract(1, ops.erf(x))),
  Erfinv: unary(ops.erfinv),
  Ndtri: unary(x => ops.multiply(Math.SQRT2, ops.erfinv(ops.subtract(ops.multiply(2, x), 1)))),
  BesselI0: unary(ops.i0),
  Invert: unary(ops.bitwiseNot),
  ZerosLike: unary(x => ops.zerosLike(x)),
  OnesLike: unary(x => ops.onesLike(x)),
};
