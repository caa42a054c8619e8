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

/** (x + ½)·ln t − t + …, Lanczos's sum of nine terms (g = 7), for x above ½; below by reflection. */
const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

function logGamma(x: SymbolicTensor): SymbolicTensor {
  const isSmall = ops.less(x, 0.5);
  const y = ops.subtract(ops.where(isSmall, ops.subtract(1, x), x), 1);
  const terms = lanczos.map((factor, at) => ops.divide(factor, ops.add(y, at + 1)));
  const sum = terms.reduce((left, right) => ops.add(left, right), ops.multiply(0, y));
  const t = ops.add(y, 7.5);
  const powers = ops.subtract(ops.multiply(ops.add(y, 0.5), ops.log(t)), t);
  const found = ops.add(ops.add(powers, ops.log(ops.add(sum, 0.9999999999998099))), Math.log(2 * Math.PI) / 2);
  const mirror = ops.log(ops.abs(ops.divide(Math.PI, ops.sin(ops.multiply(Math.PI, x)))));
  return ops.where(isSmall, ops.subtract(mirror, found), found);
}

/** The derivative of `logGamma`: six steps up, and there the series in 1/y². */
function digamma(x: SymbolicTensor): SymbolicTensor {
  const isSmall = ops.less(x, 0.5);
  const start = ops.where(isSmall, ops.subtract(1, x), x);
  const steps = Array.from({ length: 6 }, (_, at) => ops.reciprocal(ops.add(start, at)));
  const y = ops.add(start, 6);
  const square = ops.reciprocal(ops.multiply(y, y));
  const inner = ops.subtract(1 / 120, ops.divide(square, 252));
  const series = ops.multiply(square, ops.subtract(1 / 12, ops.multiply(square, inner)));
  const above = ops.subtract(ops.subtract(ops.log(y), ops.divide(0.5, y)), series);
  const found = steps.reduce((left, step) => ops.subtract(left, step), above);
  const mirror = ops.divide(Math.PI, ops.tan(ops.multiply(Math.PI, x)));
  return ops.where(isSmall, ops.subtract(found, mirror), found);
}

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
  Exp: unary(x => (ops.isComplex(x) ? ops.polar(ops.exp(ops.real(x)), ops.imag(x)) : ops.exp(x))),
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
  Lgamma: unary(logGamma),
  Digamma: unary(digamma),
  Invert: unary(ops.bitwiseNot),
  ZerosLike: unary(x => ops.zerosLike(x)),
  OnesLike: unary(x => ops.onesLike(x)),
};
