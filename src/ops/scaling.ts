/** Pictures scaled with shifts, padded and cropped (keras.ops.image). */

import { pad } from './arrange.ts';
import { add, divide, equal, greaterEqual, less, lessEqual, logicalAnd, multiply, subtract, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import type { DataFormat } from './convolution.ts';
import { abs, cast, round, sin } from './elementwise.ts';
import { arange, stridedSlice } from './index-by.ts';
import { tensordot } from './linear.ts';
import { refuse } from './record.ts';
import { expandDims, moveaxis, onesLike, shape, unstack } from './shape.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

export type ScaleMethod =
  | 'linear'
  | 'bilinear'
  | 'trilinear'
  | 'triangle'
  | 'cubic'
  | 'bicubic'
  | 'tricubic'
  | 'lanczos3'
  | 'lanczos5';

/** Pictures scaled and shifted along some axes, each output pixel a weighted mean of input pixels. */
export function scaleAndTranslate(
  images: TensorLike,
  outputShape: readonly number[],
  scale: TensorLike,
  translation: TensorLike,
  spatialDims: readonly number[],
  method: ScaleMethod,
  { antialias = true }: { antialias?: boolean } = {},
): SymbolicTensor {
  const given = toTensor(images);
  const whole = !given.dtype.includes('float');
  let result = whole ? castTensor(given, 'float32') : given;
  const [scales, shifts] = [scale, translation].map(x =>
    unstack(toTensor(x, 'float32'), { num: spatialDims.length, axis: 0 }),
  ) as [readonly SymbolicTensor[], readonly SymbolicTensor[]];
  spatialDims.forEach((dim, at) => {
    const axis = dim < 0 ? dim + given.shape.length : dim;
    const weights = scaleWeights(shape(given)[axis]!, outputShape[axis]!, scales[at]!, shifts[at]!, method, antialias);
    result = moveaxis(tensordot(result, castTensor(weights, result.dtype), { axes: [[axis], [0]] }), -1, axis);
  });
  return whole ? castTensor(round(result), given.dtype) : result;
}

function scaleWeights(
  input: SizeLike,
  output: number,
  scale: SymbolicTensor,
  shift: SymbolicTensor,
  method: ScaleMethod,
  antialias: boolean,
): SymbolicTensor {
  const inverse = divide(1, scale);
  const width = antialias ? where(less(inverse, 1), 1, inverse) : toTensor(1, 'float32');
  const places = subtract(
    subtract(multiply(add(cast(arange(output), 'float32'), 0.5), inverse), multiply(shift, inverse)),
    0.5,
  );
  const cells = expandDims(cast(arange(input), 'float32'), 1);
  const weights = kernelOf(method, divide(abs(subtract(places, cells)), width));
  const total = tensordot(onesLike(cells), weights, { axes: [[0], [0]] });
  const normal = where(less(1000 * 2 ** -23, abs(total)), divide(weights, where(equal(total, 0), 1, total)), 0);
  const edge = subtract(castTensor(toTensor(input, 'int32'), 'float32'), 0.5);
  return where(logicalAnd(greaterEqual(places, -0.5), lessEqual(places, edge)), normal, 0);
}

/** Weight of a cell at distance x. */
function kernelOf(method: ScaleMethod, x: SymbolicTensor): SymbolicTensor {
  if (method === 'lanczos3' || method === 'lanczos5') {
    const radius = method === 'lanczos3' ? 3 : 5;
    const top = multiply(radius, multiply(sin(multiply(x, Math.PI)), sin(multiply(x, Math.PI / radius))));
    const near = where(less(1e-3, x), divide(top, where(equal(x, 0), 1, multiply(Math.PI ** 2, multiply(x, x)))), 1);
    return where(less(radius, x), 0, near);
  }
  if (method === 'cubic' || method === 'bicubic' || method === 'tricubic') {
    const near = add(multiply(multiply(subtract(multiply(1.5, x), 2.5), x), x), 1);
    const far = add(multiply(subtract(multiply(add(multiply(-0.5, x), 2.5), x), 4), x), 2);
    return where(greaterEqual(x, 2), 0, where(greaterEqual(x, 1), far, near));
  }
  return where(less(x, 1), subtract(1, x), 0);
}

interface Borders {
  readonly dataFormat?: DataFormat | null;
}

function spatialAxes(given: SymbolicTensor, dataFormat: DataFormat | null | undefined): readonly [number, number] {
  const rank = given.shape.length;
  return dataFormat === 'channels_first' ? [rank - 2, rank - 1] : [rank - 3, rank - 2];
}

type Side = number | null | undefined;

/** What is missing of before, after and target follows from the other two. */
function settle(
  op: string,
  size: number | null,
  before: Side,
  after: Side,
  target: Side,
  sign: 1 | -1,
): readonly [number, number] {
  if (before != null && after != null) return [before, after];
  if (size === null || target == null) return refuse(op, 'the sizes do not tell how much to take or to add');
  const both = sign * (target - size);
  if (before != null) return [before, both - before];
  return after != null ? [both - after, after] : refuse(op, 'neither side is given');
}

/** Zeros around pictures. */
export function padImages(
  images: TensorLike,
  {
    topPadding = null,
    leftPadding = null,
    bottomPadding = null,
    rightPadding = null,
    targetHeight = null,
    targetWidth = null,
    dataFormat = null,
  }: {
    topPadding?: Side;
    leftPadding?: Side;
    bottomPadding?: Side;
    rightPadding?: Side;
    targetHeight?: Side;
    targetWidth?: Side;
  } & Borders = {},
): SymbolicTensor {
  const given = toTensor(images);
  const [rows, columns] = spatialAxes(given, dataFormat);
  const vertical = settle('padImages', given.shape[rows]!, topPadding, bottomPadding, targetHeight, 1);
  const horizontal = settle('padImages', given.shape[columns]!, leftPadding, rightPadding, targetWidth, 1);
  const pairs = given.shape.map((_, axis) =>
    axis === rows ? vertical : axis === columns ? horizontal : ([0, 0] as const),
  );
  return pad(given, pairs);
}

/** Borders of pictures cut off. */
export function cropImages(
  images: TensorLike,
  topCropping: Side,
  leftCropping: Side,
  bottomCropping: Side,
  rightCropping: Side,
  targetHeight: Side,
  targetWidth: Side,
  { dataFormat = null }: Borders = {},
): SymbolicTensor {
  const given = toTensor(images);
  const [rows, columns] = spatialAxes(given, dataFormat);
  const [height, width] = [given.shape[rows]!, given.shape[columns]!];
  const vertical = settle('cropImages', height, topCropping, bottomCropping, targetHeight, -1);
  const horizontal = settle('cropImages', width, leftCropping, rightCropping, targetWidth, -1);
  const stop = (after: number) => (after === 0 ? null : -after);
  return stridedSlice(given, {
    axes: [rows, columns],
    starts: [vertical[0], horizontal[0]],
    stops: [stop(vertical[1]), stop(horizontal[1])],
  });
}
