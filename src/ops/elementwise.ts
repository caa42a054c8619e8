/** Operations on one tensor, element by element. */

import { bytesPerElement, type DType } from '../numbers/dtype.ts';
import { castTensor, toTensor } from './convert.ts';
import { promote, toFloating } from './promote.ts';
import { record } from './record.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

type Unary = (x: TensorLike) => SymbolicTensor;

const same = (dtype: DType) => dtype;
const boolToInt = (dtype: DType) => (dtype === 'bool' ? 'int32' : dtype);

/** Declares a primitive that casts its input as `inputDtype` says and gives that dtype. */
function unary(op: string, inputDtype: (dtype: DType) => DType): Unary {
  return x => {
    const given = toTensor(x);
    const cast = castTensor(given, inputDtype(given.dtype));
    return record(op, [cast], {}, cast);
  };
}

/** Declares a primitive that asks a question of each element. */
function predicate(op: string, inputDtype: (dtype: DType) => DType): Unary {
  return x => {
    const given = toTensor(x);
    return record(op, [castTensor(given, inputDtype(given.dtype))], {}, { shape: given.shape, dtype: 'bool' });
  };
}

const realAbs = unary('abs', same);

/** The distance from 0; of complex numbers a real one. */
export function abs(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  if (!given.dtype.startsWith('complex')) return realAbs(given);
  const dtype: DType = given.dtype === 'complex128' ? 'float64' : 'float32';
  return record('complexAbs', [given], {}, { shape: given.shape, dtype });
}

export const absolute = abs;
export const negative = unary('negative', same);
export const sign = unary('sign', same);
export const ceil = unary('ceil', toFloating);
export const floor = unary('floor', toFloating);
export const trunc = unary('trunc', boolToInt);
export const sqrt = unary('sqrt', toFloating);
export const reciprocal = unary('reciprocal', toFloating);
export const exp = unary('exp', toFloating);
export const expm1 = unary('expm1', toFloating);
export const log = unary('log', toFloating);
export const log1p = unary('log1p', toFloating);
export const sin = unary('sin', toFloating);
export const cos = unary('cos', toFloating);
export const tan = unary('tan', toFloating);
export const arcsin = unary('arcsin', toFloating);
export const arccos = unary('arccos', toFloating);
export const arctan = unary('arctan', toFloating);
export const sinh = unary('sinh', toFloating);
export const cosh = unary('cosh', toFloating);
export const tanh = unary('tanh', toFloating);
export const arcsinh = unary('arcsinh', toFloating);
export const arccosh = unary('arccosh', toFloating);
export const arctanh = unary('arctanh', toFloating);
export const erf = unary('erf', toFloating);

/** NaN, the infinities: true where an element is one. */
export const isnan = predicate('isnan', toFloating);
export const isinf = predicate('isinf', toFloating);

export const logicalNot = predicate('logicalNot', () => 'bool');
export const bitwiseNot = unary('bitwiseNot', same);
export const bitwiseInvert = bitwiseNot;

/** Rounds halves to even, to `decimals` places after the point. */
export function round(x: TensorLike, { decimals = 0 }: { decimals?: number } = {}): SymbolicTensor {
  const given = toTensor(x);
  const cast = castTensor(given, boolToInt(given.dtype));
  if (decimals === 0) return record('round', [cast], {}, cast);
  const scale = 10 ** decimals;
  const real = castTensor(cast, toFloating(cast.dtype));
  const factor = toTensor(scale, real.dtype);
  const scaled = record('round', [record('multiply', [real, factor], {}, real)], {}, real);
  return castTensor(record('divide', [scaled, factor], {}, real), cast.dtype);
}

/** Changes the dtype. Towards whole numbers the fraction is dropped; towards bool everything but 0 is true. */
export function cast(x: TensorLike, dtype: DType): SymbolicTensor {
  return castTensor(toTensor(x), dtype);
}

/** Casts, limiting what does not fit to the ends of the range (keras.ops.saturate_cast). */
export function saturateCast(x: TensorLike, dtype: DType): SymbolicTensor {
  const given = toTensor(x);
  const range = ranges[dtype];
  if (!range || given.dtype === 'bool' || given.dtype === dtype) return castTensor(given, dtype);
  const wide = castTensor(given, promote(given.dtype, dtype) ?? dtype);
  const limits = range.map(limit => toTensor(limit, wide.dtype));
  return castTensor(record('clip', [wide, ...limits], {}, wide), dtype);
}

/** Smallest and largest value of the dtypes that are narrow enough to overflow. */
const ranges: { readonly [dtype: string]: readonly [number, number] } = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  uint64: [0, 2 ** 64 - 2048],
  float16: [-65504, 65504],
};

/** Identity, in name for parity with keras.ops: inference has no gradients, tensors never change in place. */
export const stopGradient: Unary = x => toTensor(x);
export const copy: Unary = x => toTensor(x);
export const isfinite: Unary = x => logicalNot(either(isnan(x), isinf(x)));

function either(left: SymbolicTensor, right: SymbolicTensor): SymbolicTensor {
  return record('logicalOr', [left, right], {}, left);
}

/** The same bits read as another dtype; the last axis shrinks or grows with the width (keras.ops.view). */
export function view(x: TensorLike, { dtype = null }: { dtype?: DType | null } = {}): SymbolicTensor {
  const given = toTensor(x);
  if (dtype === null || dtype === given.dtype) return given;
  const [from, to] = [bytesPerElement[given.dtype], bytesPerElement[dtype]];
  const last = given.shape.at(-1) ?? 1;
  const found = last === null ? null : (last * from) / to;
  const shape = from === to ? given.shape : [...given.shape.slice(0, -1), found];
  return record('view', [given], { dtype }, { shape, dtype });
}
