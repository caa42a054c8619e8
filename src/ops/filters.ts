/** Colours and filters of pictures (keras.ops.image). */

import { pad } from './arrange.ts';
import { add, divide, equal, greater, less, maximum, minimum, multiply, subtract, where } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { conv, type DataFormat, depthwiseConv } from './convolution.ts';
import { abs } from './elementwise.ts';
import { onPictures } from './geometry.ts';
import { toFloating } from './promote.ts';
import { refuse } from './record.ts';
import { max, mean, min, sum } from './reduce.ts';
import { expandDims, moveaxis, reshape, shape, squeeze, stack, transpose, unstack } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

interface Format {
  readonly dataFormat?: DataFormat | null;
}

/** Luma of red, green and blue. */
export function rgbToGrayscale(images: TensorLike, { dataFormat = null }: Format = {}): SymbolicTensor {
  const given = toTensor(images);
  const axis = given.shape.length - (dataFormat === 'channels_first' ? 3 : 1);
  if (given.shape[axis] === 1) return given;
  const moved = moveaxis(castTensor(given, toFloating(given.dtype)), axis, -1);
  const gray = sum(multiply(moved, [0.2989, 0.587, 0.114]), { axis: -1, keepdims: true });
  return castTensor(moveaxis(gray, -1, axis), given.dtype);
}

/** Hue, saturation and value, each from 0 to 1. */
export function rgbToHsv(images: TensorLike, { dataFormat = null }: Format = {}): SymbolicTensor {
  return onPictures(images, dataFormat, pictures => {
    const [red, green, blue] = unstack(pictures, { num: 3, axis: -1 }) as [
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
    ];
    const value = max(pictures, { axis: -1 });
    const range = subtract(value, min(pictures, { axis: -1 }));
    const saturation = where(greater(value, 0), divide(range, where(equal(value, 0), 1, value)), 0);
    const unit = divide(1, multiply(6, where(equal(range, 0), 1, range)));
    const share = (a: SymbolicTensor, b: SymbolicTensor, offset: number) => add(multiply(unit, subtract(a, b)), offset);
    const warm = where(
      equal(red, value),
      share(green, blue, 0),
      where(equal(green, value), share(blue, red, 2 / 6), share(red, green, 4 / 6)),
    );
    const hue = where(greater(range, 0), warm, 0);
    return stack([where(less(hue, 0), add(hue, 1), hue), saturation, value], { axis: -1 });
  });
}

/** Back to red, green and blue. */
export function hsvToRgb(images: TensorLike, { dataFormat = null }: Format = {}): SymbolicTensor {
  return onPictures(images, dataFormat, pictures => {
    const [hue, saturation, value] = unstack(pictures, { num: 3, axis: -1 }) as [
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
    ];
    const sixth = multiply(hue, 6);
    const limit = (x: SymbolicTensor) => minimum(maximum(x, 0), 1);
    const red = limit(subtract(abs(subtract(sixth, 3)), 1));
    const green = limit(subtract(2, abs(subtract(sixth, 2))));
    const blue = limit(subtract(2, abs(subtract(sixth, 4))));
    const colour = stack([red, green, blue], { axis: -1 });
    const [s, v] = [expandDims(saturation, -1), expandDims(value, -1)];
    return multiply(add(subtract(1, s), multiply(s, colour)), v);
  });
}

/** A normalized bell of `size` cells. */
function bell(size: number, sigma: number): number[] {
  const values = Array.from({ length: size }, (_, at) => Math.exp(-0.5 * ((at - (size - 1) / 2) / sigma) ** 2));
  const total = values.reduce((left, right) => left + right, 0);
  return values.map(value => value / total);
}

type Two = readonly [number, number];

/** Pictures blurred by a bell of the given size (rows, columns) and widths. */
export function gaussianBlur(
  images: TensorLike,
  { kernelSize = [3, 3], sigma = [1, 1], dataFormat = null }: { kernelSize?: Two; sigma?: Two } & Format = {},
): SymbolicTensor {
  return onPictures(images, dataFormat, pictures => {
    const channels = pictures.shape[3] ?? refuse('gaussianBlur', 'the number of channels must be known');
    // Keras makes its two lines from swapped sizes and then reads the product under the unswapped shape.
    const [x, y] = [bell(kernelSize[0], sigma[0]), bell(kernelSize[1], sigma[1])];
    const plane = y.flatMap(b => x.map(a => a * b));
    const kernel = reshape(
      toTensor(
        plane.flatMap(value => new Array<number>(channels).fill(value)),
        pictures.dtype,
      ),
      [kernelSize[0], kernelSize[1], channels, 1],
    );
    return depthwiseConv(pictures, kernel, { padding: 'same' });
  });
}

/** Sobel's derivatives along rows and columns, on a new last axis. */
export function sobelEdges(images: TensorLike, { dataFormat = null }: Format = {}): SymbolicTensor {
  const given = toTensor(images);
  const pictures = dataFormat === 'channels_first' ? transpose(given, { axes: [0, 2, 3, 1] }) : given;
  const channels = pictures.shape[3] ?? refuse('sobelEdges', 'the number of channels must be known');
  const down = [-1, -2, -1, 0, 0, 0, 1, 2, 1];
  const right = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
  const cells = down.map((value, at) => new Array(channels).fill([value, right[at]!]));
  const kernel = reshape(toTensor(cells as never, pictures.dtype), [3, 3, channels, 2]);
  const edges = depthwiseConv(
    pad(
      pictures,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      { mode: 'reflect' },
    ),
    kernel,
  );
  const [batch, rows, columns] = shape(pictures) as [SymbolicTensor, number, number];
  const apart = reshape(edges, [batch, rows, columns, channels, 2]);
  return dataFormat === 'channels_first' ? transpose(apart, { axes: [0, 3, 1, 2, 4] }) : apart;
}

interface SsimOptions extends Format {
  readonly maxVal?: number;
  readonly filterSize?: number;
  readonly filterSigma?: number;
  readonly k1?: number;
  readonly k2?: number;
}

/** Structural similarity of pairs of pictures, 1 for equal ones. */
export function ssim(
  image1: TensorLike,
  image2: TensorLike,
  { maxVal = 1, filterSize = 11, filterSigma = 1.5, k1 = 0.01, k2 = 0.03, dataFormat = null }: SsimOptions = {},
): SymbolicTensor {
  const original = toTensor(image1);
  const single = original.shape.length === 3;
  const [a, b] = [image1, image2].map(image => {
    const given = toTensor(image);
    const real = castTensor(single ? expandDims(given, 0) : given, toFloating(given.dtype));
    const first = dataFormat === 'channels_first' ? real : transpose(real, { axes: [0, 3, 1, 2] });
    const [, , height, width] = shape(first);
    return reshape(first, [-1, height!, width!, 1]);
  }) as [SymbolicTensor, SymbolicTensor];
  const line = bell(filterSize, filterSigma);
  const kernel = reshape(
    toTensor(
      line.flatMap(y => line.map(x => x * y)),
      a.dtype,
    ),
    [filterSize, filterSize, 1, 1],
  );
  const blur = (x: SymbolicTensor) => conv(x, kernel);
  const [mean1, mean2] = [blur(a), blur(b)];
  const [c1, c2] = [(k1 * maxVal) ** 2, (k2 * maxVal) ** 2];
  const spread = (x: SymbolicTensor, y: SymbolicTensor, mx: SymbolicTensor, my: SymbolicTensor) =>
    subtract(blur(multiply(x, y)), multiply(mx, my));
  const top = multiply(add(multiply(2, multiply(mean1, mean2)), c1), add(multiply(2, spread(a, b, mean1, mean2)), c2));
  const bottom = multiply(
    add(add(multiply(mean1, mean1), multiply(mean2, mean2)), c1),
    add(add(spread(a, a, mean1, mean1), spread(b, b, mean2, mean2)), c2),
  );
  const channels =
    (dataFormat === 'channels_first' ? original.shape.at(-3) : original.shape.at(-1)) ??
    refuse('ssim', 'the number of channels must be known');
  const each = mean(reshape(mean(divide(top, bottom), { axis: [1, 2, 3] }), [-1, channels]), { axis: -1 });
  return castTensor(single ? squeeze(each, { axis: 0 }) : each, original.dtype);
}
