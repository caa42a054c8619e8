/** ONNX forms of operations on one tensor, element by element. */

import type { DType } from '../../numbers/dtype.ts';
import { isFloating } from '../../numbers/dtype.ts';
import type { OpNode } from '../../ops/types.ts';
import type { OnnxAttributes, Value } from './builder.ts';
import { layoutOf } from './layout.ts';
import { carrierOf, type Lowering, type Rule } from './lowering.ts';

/** A rule out of a function on one value; the layout stays as it is. */
function unary(make: (x: Value, lowering: Lowering, node: OpNode) => Value): Rule {
  return (node, lowering) => {
    const x = node.inputs[0]!;
    const layout = layoutOf(lowering, x);
    return [layout.result(make(layout.value(x), lowering, node))];
  };
}

const direct = (operator: string): Rule => unary((x, lowering) => lowering.emit(operator, [x]));

/** An operator with one number as its attribute. */
function withFloats(operator: string, names: readonly string[]): Rule {
  return unary((x, lowering, { attributes }) => {
    const given: OnnxAttributes = Object.fromEntries(names.map(name => [name, { float: attributes[name] as number }]));
    return lowering.emit(operator, [x], given);
  });
}

/** Whole numbers stay as they are. */
function onFloats(operator: string): Rule {
  return unary((x, lowering) => (isFloating(x.dtype) ? lowering.emit(operator, [x]) : x));
}

/** 2·exp(x/2)·sinh(x/2), which keeps its digits near 0; 1 less than exp(x). */
function expm1(x: Value, lowering: Lowering): Value {
  const { emit, scalar } = lowering;
  const half = emit('Mul', [x, scalar(0.5, x.dtype)]);
  const large = emit('Sub', [emit('Exp', [x]), scalar(1, x.dtype)]);
  const small = emit('Mul', [emit('Mul', [emit('Exp', [half]), emit('Sinh', [half])]), scalar(2, x.dtype)]);
  const near = emit('Less', [emit('Abs', [x]), scalar(1, x.dtype)], {}, { dtype: 'bool' });
  return emit('Where', [near, small, large], {}, { typed: [1, 2] });
}

/** log(1 + x) corrected by what the sum lost: log(u)·x/(u - 1) for u = 1 + x. */
function log1p(x: Value, lowering: Lowering): Value {
  const { emit, scalar } = lowering;
  const one = scalar(1, x.dtype);
  const u = emit('Add', [x, one]);
  const lost = emit('Sub', [u, one]);
  const exact = emit('Equal', [lost, x], {}, { dtype: 'bool' });
  const plain = emit('Log', [u]);
  const tiny = emit('Equal', [lost, scalar(0, x.dtype)], {}, { dtype: 'bool' });
  const corrected = emit('Mul', [plain, emit('Div', [x, lost])]);
  const settled = emit('Where', [tiny, x, corrected], {}, { typed: [1, 2] });
  return emit('Where', [exact, plain, settled], {}, { typed: [1, 2] });
}

function trunc(x: Value, lowering: Lowering): Value {
  if (!isFloating(x.dtype)) return x;
  const negative = lowering.emit('Less', [x, lowering.scalar(0, x.dtype)], {}, { dtype: 'bool' });
  const [up, down] = [lowering.emit('Ceil', [x]), lowering.emit('Floor', [x])];
  return lowering.emit('Where', [negative, up, down], {}, { typed: [1, 2] });
}

const question = (operator: string): Rule =>
  unary((x, lowering) => lowering.emit(operator, [x], {}, { dtype: 'bool' }));

/** A cast; to a short float it rounds, and the value goes on as float32. */
export function castTo(x: Value, dtype: DType, lowering: Lowering): Value {
  const carrier = carrierOf(dtype);
  return carrier === dtype ? lowering.cast(x, dtype) : lowering.cast(lowering.cast(x, dtype), carrier);
}

/** True where every value of `from` is one of `to`, so that no rounding happens. */
function holds(to: DType, from: DType): boolean {
  return carrierOf(to) === carrierOf(from) && (to === from || to === 'float32');
}

const cast: Rule = unary((x, lowering, node) => {
  const dtype = node.attributes.dtype as DType;
  return holds(dtype, node.inputs[0]!.dtype) ? x : castTo(x, dtype, lowering);
});

export const elementwiseRules: { readonly [op: string]: Rule } = {
  abs: direct('Abs'),
  negative: direct('Neg'),
  sign: direct('Sign'),
  ceil: onFloats('Ceil'),
  floor: onFloats('Floor'),
  round: onFloats('Round'),
  trunc: unary(trunc),
  sqrt: direct('Sqrt'),
  reciprocal: direct('Reciprocal'),
  exp: direct('Exp'),
  expm1: unary(expm1),
  log: direct('Log'),
  log1p: unary(log1p),
  sin: direct('Sin'),
  cos: direct('Cos'),
  tan: direct('Tan'),
  arcsin: direct('Asin'),
  arccos: direct('Acos'),
  arctan: direct('Atan'),
  sinh: direct('Sinh'),
  cosh: direct('Cosh'),
  tanh: direct('Tanh'),
  arcsinh: direct('Asinh'),
  arccosh: direct('Acosh'),
  arctanh: direct('Atanh'),
  erf: direct('Erf'),
  isnan: question('IsNaN'),
  isinf: question('IsInf'),
  logicalNot: unary((x, lowering) => lowering.emit('Not', [x])),
  bitwiseNot: unary((x, lowering) => lowering.emit(x.dtype === 'bool' ? 'Not' : 'BitwiseNot', [x])),
  relu: direct('Relu'),
  sigmoid: direct('Sigmoid'),
  softplus: direct('Softplus'),
  softsign: direct('Softsign'),
  selu: direct('Selu'),
  elu: withFloats('Elu', ['alpha']),
  leakyRelu: withFloats('LeakyRelu', ['alpha']),
  hardSigmoid: withFloats('HardSigmoid', ['alpha', 'beta']),
  gelu: unary((x, lowering, { attributes }) =>
    lowering.emit('Gelu', [x], { approximate: attributes.approximate ? 'tanh' : 'none' }),
  ),
  cast,
};
