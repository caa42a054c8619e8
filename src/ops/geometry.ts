/**
 * Pictures moved about: affine and perspective transforms, sampling at coordinates, scaling with shifts. As TensorFlow's
 * ImageProjectiveTransformV3 and keras.ops.image compute them.
 */

import { addSize } from './arrange.ts';
import {
  add,
  clip,
  divide,
  equal,
  floorDivide,
  greaterEqual,
  less,
  logicalAnd,
  mod,
  multiply,
  subtract,
  where,
} from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import type { DataFormat } from './convolution.ts';
import { abs, cast, floor, round, sign, trunc } from './elementwise.ts';
import { arange, gatherNd } from './index-by.ts';
import { solve } from './linalg.ts';
import { refined, refuse } from './record.ts';
import { expandDims, fullLike, onesLike, shape, squeeze, stack, transpose, unstack, zerosLike } from './shape.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

export type TransformFill = 'constant' | 'nearest' | 'wrap' | 'mirror' | 'reflect';

interface TransformOptions {
  readonly interpolation?: 'nearest' | 'bilinear';
  readonly fillMode?: TransformFill;
  readonly fillValue?: TensorLike;
  readonly dataFormat?: DataFormat | null;
  /** Height and width of the result; the pictures' own when left out. */
  readonly size?: readonly [SizeLike, SizeLike] | null;
}

/** Runs `compute` on a batch of pictures with channels last, whatever the form in which they come. */
export function onPictures(
  images: TensorLike,
  dataFormat: DataFormat | null | undefined,
  compute: (images: SymbolicTensor) => SymbolicTensor,
): SymbolicTensor {
  const given = toTensor(images);
  const single = given.shape.length === 3;
  const batch = single ? expandDims(given, 0) : given;
  const first = dataFormat === 'channels_first';
  const result = compute(first ? transpose(batch, { axes: [0, 2, 3, 1] }) : batch);
  const back = first ? transpose(result, { axes: [0, 3, 1, 2] }) : result;
  return single ? squeeze(back, { axis: 0 }) : back;
}

/** Eight numbers for each picture say where each output pixel comes from: (a0·x + a1·y + a2) / (c0·x + c1·y + 1), and alike for y. */
export function affineTransform(
  images: TensorLike,
  transform: TensorLike,
  {
    interpolation = 'bilinear',
    fillMode = 'constant',
    fillValue = 0,
    dataFormat = null,
    size = null,
  }: TransformOptions = {},
): SymbolicTensor {
  return onPictures(images, dataFormat, pictures => {
    const numbers = toTensor(transform, 'float32');
    const rows = numbers.shape.length === 1 ? expandDims(numbers, 0) : numbers;
    const parts = unstack(rows, { num: 8, axis: 1 }).map(part => expandDims(part, [1, 2]));
    const [height, width] = size ?? (shape(pictures).slice(1, 3) as [SizeLike, SizeLike]);
    const y = expandDims(cast(arange(height), 'float32'), [0, 2]);
    const x = expandDims(cast(arange(width), 'float32'), [0, 1]);
    const plane = (at: number) => add(add(multiply(parts[at]!, x), multiply(parts[at + 1]!, y)), parts[at + 2] ?? 1);
    const scale = plane(6);
    const sources = [plane(3), plane(0)].map(line => divide(line, where(equal(scale, 0), 1, scale)));
    const sampled = samplePictures(pictures, sources[0]!, sources[1]!, interpolation, fillMode, fillValue);
    const fill = castTensor(toTensor(fillValue, 'float32'), pictures.dtype);
    const [batch = null, rows0 = null, columns0 = null, channels = null] = pictures.shape;
    const made = [...(size ?? [rows0, columns0])].map(extent => (typeof extent === 'number' ? extent : null));
    return refined(where(equal(expandDims(scale, -1), 0), fill, sampled), [batch, ...made, channels]);
  });
}

/** Where a coordinate outside of an axis is taken from (MapCoordinate in TensorFlow's image_ops.h). */
function foldCoordinate(coordinate: SymbolicTensor, size: SizeLike, mode: TransformFill): SymbolicTensor {
  const length = castTensor(toTensor(size, 'int32'), 'float32');
  const last = subtract(length, 1);
  if (mode === 'constant') return coordinate;
  if (mode === 'nearest') return limit(coordinate, last);
  if (mode === 'wrap') {
    const below = add(coordinate, multiply(length, add(trunc(divide(subtract(0, coordinate), last)), 1)));
    const above = subtract(coordinate, multiply(length, trunc(divide(coordinate, last))));
    return limit(where(less(coordinate, 0), below, where(less(last, coordinate), above, coordinate)), last);
  }
  const period = multiply(length, 2);
  const turned = add(multiply(period, trunc(divide(subtract(0, coordinate), period))), coordinate);
  const below = where(less(turned, subtract(0, length)), add(turned, period), subtract(subtract(0, turned), 1));
  const reduced = subtract(coordinate, multiply(period, trunc(divide(coordinate, period))));
  const above = where(greaterEqual(reduced, length), subtract(subtract(period, reduced), 1), reduced);
  return limit(where(less(coordinate, 0), below, where(less(last, coordinate), above, coordinate)), last);
}

function limit(x: SymbolicTensor, last: SymbolicTensor): SymbolicTensor {
  return clip(x, toTensor(0, 'float32'), last);
}

/** Pixels of (B, H, W, C) at real coordinates (B or 1, H', W'). */
function samplePictures(
  pictures: SymbolicTensor,
  rows: SymbolicTensor,
  columns: SymbolicTensor,
  interpolation: 'nearest' | 'bilinear',
  mode: TransformFill,
  fillValue: TensorLike,
): SymbolicTensor {
  const [batch, height, width] = shape(pictures) as [SizeLike, SizeLike, SizeLike];
  const y = foldCoordinate(rows, height, mode);
  const x = foldCoordinate(columns, width, mode);
  const fill = castTensor(toTensor(fillValue, 'float32'), pictures.dtype);
  const each = expandDims(multiply(arange(batch), 0), [1, 2]);
  const read = (row: SymbolicTensor, column: SymbolicTensor) => {
    const [i, j] = [cast(row, 'int32'), cast(column, 'int32')];
    const inside = logicalAnd(
      logicalAnd(greaterEqual(i, 0), less(i, height)),
      logicalAnd(greaterEqual(j, 0), less(j, width)),
    );
    const safe = [i, j].map((index, at) =>
      add(each, clip(index, toTensor(0, 'int32'), toTensor(addSize(at === 0 ? height : width, -1), 'int32'))),
    );
    return where(expandDims(inside, -1), gatherNd(pictures, stack(safe, { axis: -1 }), { batchDims: 1 }), fill);
  };
  if (interpolation === 'nearest') return read(roundAway(y), roundAway(x));
  const [top, left] = [floor(y), floor(x)];
  const [bottom, right] = [add(top, 1), add(left, 1)];
  const weigh = (share: SymbolicTensor, value: SymbolicTensor) =>
    multiply(castTensor(expandDims(share, -1), 'float32'), castTensor(value, 'float32'));
  const across = (row: SymbolicTensor) =>
    add(weigh(subtract(right, x), read(row, left)), weigh(subtract(x, left), read(row, right)));
  const [above, below] = [across(top), across(bottom)];
  const mixed = add(
    multiply(expandDims(subtract(bottom, y), -1), above),
    multiply(expandDims(subtract(y, top), -1), below),
  );
  return castTensor(mixed, pictures.dtype);
}

/** The nearest whole number, halves away from 0 (C++'s round). */
function roundAway(x: SymbolicTensor): SymbolicTensor {
  return multiply(sign(x), floor(add(abs(x), 0.5)));
}

/** The transform that takes `endPoints` to `startPoints` (four corners each), applied to pictures. */
export function perspectiveTransform(
  images: TensorLike,
  startPoints: TensorLike,
  endPoints: TensorLike,
  options: Omit<TransformOptions, 'fillMode'> = {},
): SymbolicTensor {
  const [from, to] = [startPoints, endPoints].map(points => {
    const given = toTensor(points, 'float32');
    return given.shape.length === 2 ? expandDims(given, 0) : given;
  }) as [SymbolicTensor, SymbolicTensor];
  return affineTransform(images, homography(from, to), options);
}

/** Two equations for each corner, eight unknowns. */
function homography(from: SymbolicTensor, to: SymbolicTensor): SymbolicTensor {
  const corners = (points: SymbolicTensor) =>
    unstack(points, { num: 4, axis: 1 }).map(corner => unstack(corner, { num: 2, axis: 1 }));
  const [starts, ends] = [corners(from), corners(to)];
  const rows = starts.flatMap(([x, y], at) => {
    const [u, v] = ends[at] as [SymbolicTensor, SymbolicTensor];
    const [zero, one] = [zerosLike(u), onesLike(u)];
    const line = (target: SymbolicTensor) => [subtract(0, multiply(target, u)), subtract(0, multiply(target, v))];
    return [
      stack([u, v, one, zero, zero, zero, ...line(x!)], { axis: -1 }),
      stack([zero, zero, zero, u, v, one, ...line(y!)], { axis: -1 }),
    ];
  });
  const wanted = stack(starts.flat(), { axis: -1 });
  return squeeze(solve(stack(rows, { axis: 1 }), expandDims(wanted, -1)), { axis: -1 });
}

/** `inputs` sampled at coordinates (one row for each axis); `order` 0 is nearest, 1 linear. */
export function mapCoordinates(
  inputs: TensorLike,
  coordinates: TensorLike,
  order: number,
  { fillMode = 'constant', fillValue = 0 }: { fillMode?: TransformFill; fillValue?: number } = {},
): SymbolicTensor {
  const given = toTensor(inputs);
  const axes = unstack(toTensor(coordinates), { num: given.shape.length, axis: 0 });
  if (order > 1) refuse('mapCoordinates', `order ${order}; Keras has 0 and 1`);
  const nodes = axes.map((coordinate, axis) => nodesAlong(coordinate, shape(given)[axis]!, order, fillMode));
  const combinations = nodes.reduce<AxisNode[][]>(
    (list, choices) => list.flatMap(chosen => choices.map(node => [...chosen, node])),
    [[]],
  );
  const terms = combinations.map(chosen => {
    const picked = gatherNd(
      given,
      stack(
        chosen.map(node => node.index),
        { axis: -1 },
      ),
    );
    const dtype = chosen[0]!.weight.dtype;
    const valid = chosen.map(node => node.valid).reduce((a, b) => logicalAnd(a, b));
    const value = where(valid, castTensor(picked, dtype), castTensor(toTensor(fillValue, 'float32'), dtype));
    return chosen.reduce((term, node) => multiply(term, node.weight), value);
  });
  const total = terms.reduce((a, b) => add(a, b));
  return given.dtype.includes('float') ? castTensor(total, given.dtype) : castTensor(round(total), given.dtype);
}

interface AxisNode {
  readonly index: SymbolicTensor;
  readonly valid: SymbolicTensor;
  readonly weight: SymbolicTensor;
}

function nodesAlong(coordinate: SymbolicTensor, size: SizeLike, order: number, mode: TransformFill): AxisNode[] {
  const real = coordinate.dtype.includes('float') ? coordinate : castTensor(coordinate, 'float32');
  if (order === 0) return [axisNode(cast(round(real), 'int32'), onesLike(real), size, mode)];
  const low = floor(real);
  const share = subtract(real, low);
  const index = cast(low, 'int32');
  return [axisNode(index, subtract(1, share), size, mode), axisNode(add(index, 1), share, size, mode)];
}

/** An index brought into its axis, as Keras's map_coordinates does it. */
function axisNode(index: SymbolicTensor, weight: SymbolicTensor, size: SizeLike, mode: TransformFill): AxisNode {
  const length = toTensor(size, 'int32');
  const always = fullLike(index, 1, { dtype: 'bool' });
  const last = subtract(length, 1);
  const clamped = clip(index, toTensor(0, 'int32'), last);
  if (mode === 'constant')
    return { index: clamped, valid: logicalAnd(greaterEqual(index, 0), less(index, length)), weight };
  if (mode === 'nearest') return { index: clamped, valid: always, weight };
  if (mode === 'wrap') return { index: mod(index, length), valid: always, weight };
  if (mode === 'mirror') {
    const folded = subtract(mod(add(index, last), multiply(last, 2)), last);
    return { index: abs(folded), valid: always, weight };
  }
  const half = multiply(length, 2);
  const mirrored = subtract(mod(add(add(multiply(index, 2), 1), half), multiply(half, 2)), half);
  return { index: floorDivide(subtract(abs(mirrored), 1), 2), valid: always, weight };
}
