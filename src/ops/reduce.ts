/** Reductions along axes, and what gives positions of extremes. `axis` null means all axes. */

import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import { divide, multiply, subtract } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { exp, log, sqrt } from './elementwise.ts';
import { toFloating } from './promote.ts';
import { record } from './record.ts';
import { normalizeAxes, normalizeAxis } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

export interface ReduceOptions {
  readonly axis?: number | readonly number[] | null;
  readonly keepdims?: boolean;
}

type Reduction = (x: TensorLike, options?: ReduceOptions) => SymbolicTensor;

const same = (dtype: DType) => dtype;

/** Sums and products of narrow whole numbers are taken in 32 bits (keras.ops.sum, keras.ops.prod). */
function widen(dtype: DType): DType {
  if (dtype === 'bool' || dtype === 'int8' || dtype === 'int16') return 'int32';
  return dtype === 'uint8' || dtype === 'uint16' ? 'uint32' : dtype;
}

function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Declares a reduction that casts its input first and gives that dtype. */
function reduction(op: string, inputDtype: (dtype: DType) => DType): Reduction {
  return (x, { axis = null, keepdims = false } = {}) => {
    const given = toTensor(x);
    const cast = castTensor(given, inputDtype(given.dtype));
    const axes = normalizeAxes(op, axis, cast.shape.length);
    if (axes.length === 0) return cast;
    return record(
      op,
      [cast],
      { axes, keepdims },
      { shape: reducedShape(cast.shape, axes, keepdims), dtype: cast.dtype },
    );
  };
}

export const sum = reduction('sum', widen);
export const prod = reduction('prod', widen);
/** Mean; of whole numbers it is float32. */
export const mean = reduction('mean', toFloating);
export const max = reduction('max', same);
export const min = reduction('min', same);
export const amax = max;
export const amin = min;
/** Whether all (any) elements are true. */
export const all = reduction('all', () => 'bool');
export const any = reduction('any', () => 'bool');

/** log(Σ exp(x)), without overflow. */
export const logsumexp: Reduction = (x, { axis = null, keepdims = false } = {}) => {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const peak = max(real, { axis, keepdims: true });
  const total = log(sum(exp(subtract(real, peak)), { axis, keepdims }));
  return record('add', [total, keepdims ? peak : max(real, { axis })], {}, total);
};

/** Mean of squared distances from the mean (divides by the count, not by one less). */
function variance(x: TensorLike, { axis = null, keepdims = false }: ReduceOptions = {}): SymbolicTensor {
  const given = toTensor(x);
  const real = castTensor(given, toFloating(given.dtype));
  const centred = subtract(real, mean(real, { axis, keepdims: true }));
  return mean(multiply(centred, centred), { axis, keepdims });
}

export { variance as var };

/** Square root of the variance. */
export const std: Reduction = (x, options) => sqrt(variance(x, options));

/** Mean and variance over `axes`. */
export function moments(
  x: TensorLike,
  axes: number | readonly number[],
  { keepdims = false }: { keepdims?: boolean } = {},
): [SymbolicTensor, SymbolicTensor] {
  return [mean(x, { axis: axes, keepdims }), variance(x, { axis: axes, keepdims })];
}

/** Weighted mean along `axis`; weights of one axis belong to that axis. */
export function average(
  x: TensorLike,
  { axis = null, weights = null }: { axis?: number | null; weights?: TensorLike | null } = {},
): SymbolicTensor {
  if (weights === null) return mean(x, { axis });
  const given = toTensor(x);
  let weighing = toTensor(weights);
  if (axis !== null && weighing.shape.length === 1 && given.shape.length > 1) {
    const shape = given.shape.map((_, at) => (at === normalizeAxis('average', axis, given.shape.length) ? -1 : 1));
    weighing = record(
      'reshape',
      [weighing],
      { shape },
      { shape: shape.map(size => (size === -1 ? weighing.shape[0]! : 1)), dtype: weighing.dtype },
    );
  }
  return divide(
    sum(multiply(given, weighing), { axis }),
    sum(weighing, { axis: weighing.shape.length < given.shape.length ? null : axis }),
  );
}

/** Declares the position of an extreme; ties go to the first. */
function position(
  op: string,
): (x: TensorLike, options?: { axis?: number | null; keepdims?: boolean }) => SymbolicTensor {
  return (x, { axis = null, keepdims = false } = {}) => {
    const given = toTensor(x);
    const rank = given.shape.length;
    const flat = axis === null && rank > 1;
    const source = flat ? record('reshape', [given], { shape: [-1] }, { shape: [null], dtype: given.dtype }) : given;
    const along = flat ? 0 : rank === 0 ? 0 : normalizeAxis(op, axis ?? 0, rank);
    if (rank === 0) return toTensor(0, 'int32');
    const shape = reducedShape(source.shape, [along], keepdims && !flat);
    const found = record(op, [source], { axis: along, keepdims: keepdims && !flat }, { shape, dtype: 'int32' });
    if (!flat || !keepdims) return found;
    const ones = given.shape.map(() => 1);
    return record('reshape', [found], { shape: ones }, { shape: ones, dtype: 'int32' });
  };
}

export const argmax = position('argmax');
export const argmin = position('argmin');

/** How many elements are not zero. */
export const countNonzero: Reduction = (x, options) => sum(castTensor(toTensor(x, 'bool'), 'int32'), options);
