/** Fourier transforms on the host: by halving where the length is a power of two, else by Bluestein's chirps. */

import { packNumbers, unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import type { Kernel } from './kernel.ts';

interface Signal {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Cosines and sines of one turn in `size` steps, backwards for the inverse. */
function turns(size: number, sign: number): Signal {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    re[at] = Math.cos((2 * Math.PI * at) / size);
    im[at] = sign * Math.sin((2 * Math.PI * at) / size);
  }
  return { re, im };
}

/** Elements in the order of their reversed bits, in place. */
function reorder({ re, im }: Signal): void {
  const size = re.length;
  for (let at = 1, mirror = 0; at < size; at += 1) {
    let bit = size >> 1;
    for (; mirror & bit; bit >>= 1) mirror ^= bit;
    mirror ^= bit;
    if (at >= mirror) continue;
    [re[at], re[mirror]] = [re[mirror]!, re[at]!];
    [im[at], im[mirror]] = [im[mirror]!, im[at]!];
  }
}

/** Transform in place; the size is a power of two. */
function byHalves(signal: Signal, circle: Signal): void {
  const { re, im } = signal;
  const size = re.length;
  reorder(signal);
  for (let width = 2; width <= size; width *= 2) {
    const half = width / 2;
    const stride = size / width;
    for (let start = 0; start < size; start += width) {
      for (let at = 0; at < half; at += 1) {
        const c = circle.re[at * stride]!;
        const s = circle.im[at * stride]!;
        const low = start + at;
        const high = low + half;
        const x = re[high]! * c - im[high]! * s;
        const y = re[high]! * s + im[high]! * c;
        re[high] = re[low]! - x;
        im[high] = im[low]! - y;
        re[low] = re[low]! + x;
        im[low] = im[low]! + y;
      }
    }
  }
}

/** A transform of one size, ready to be applied to many signals. */
type Transform = (signal: Signal) => Signal;

function powerOfTwo(size: number, sign: number): Transform {
  const circle = turns(size, sign);
  return signal => {
    byHalves(signal, circle);
    return signal;
  };
}

/** Any size, as a convolution with a chirp over a power of two (Bluestein 1970). */
function chirped(size: number, sign: number): Transform {
  let wide = 1;
  while (wide < 2 * size - 1) wide *= 2;
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let at = 0; at < size; at += 1) {
    const angle = (Math.PI * ((at * at) % (2 * size))) / size;
    chirp.re[at] = Math.cos(angle);
    chirp.im[at] = sign * Math.sin(angle);
  }
  const forward = powerOfTwo(wide, -1);
  const backward = powerOfTwo(wide, 1);
  const filter = { re: new Float64Array(wide), im: new Float64Array(wide) };
  for (let at = 0; at < size; at += 1) {
    for (const place of at === 0 ? [0] : [at, wide - at]) {
      filter.re[place] = chirp.re[at]!;
      filter.im[place] = -chirp.im[at]!;
    }
  }
  forward(filter);
  return signal => convolve(signal, chirp, filter, forward, backward, wide);
}

function convolve(
  signal: Signal,
  chirp: Signal,
  filter: Signal,
  forward: Transform,
  backward: Transform,
  wide: number,
): Signal {
  const size = signal.re.length;
  const work = { re: new Float64Array(wide), im: new Float64Array(wide) };
  for (let at = 0; at < size; at += 1) {
    work.re[at] = signal.re[at]! * chirp.re[at]! - signal.im[at]! * chirp.im[at]!;
    work.im[at] = signal.re[at]! * chirp.im[at]! + signal.im[at]! * chirp.re[at]!;
  }
  forward(work);
  for (let at = 0; at < wide; at += 1) {
    const re = work.re[at]! * filter.re[at]! - work.im[at]! * filter.im[at]!;
    work.im[at] = work.re[at]! * filter.im[at]! + work.im[at]! * filter.re[at]!;
    work.re[at] = re;
  }
  backward(work);
  for (let at = 0; at < size; at += 1) {
    const re = work.re[at]! / wide;
    const im = work.im[at]! / wide;
    signal.re[at] = re * chirp.re[at]! - im * chirp.im[at]!;
    signal.im[at] = re * chirp.im[at]! + im * chirp.re[at]!;
  }
  return signal;
}

const fourier: Kernel = (node, [real, imaginary]) => {
  const inverse = node.attributes.inverse === true;
  const shape = real!.shape;
  const size = shape.at(-1)!;
  const [re, im] = [real!, imaginary!].map(part => Float64Array.from(unpackNumbers(part))) as [
    Float64Array,
    Float64Array,
  ];
  const isPower = size > 0 && (size & (size - 1)) === 0;
  const transform = isPower ? powerOfTwo(size, inverse ? 1 : -1) : chirped(size, inverse ? 1 : -1);
  const rows = size === 0 ? 0 : elementCount(shape) / size;
  for (let row = 0; row < rows; row += 1) {
    transform({ re: re.subarray(row * size, (row + 1) * size), im: im.subarray(row * size, (row + 1) * size) });
  }
  const scale = inverse ? 1 / size : 1;
  const packed = (values: Float64Array): Tensor => ({
    dtype: real!.dtype,
    shape,
    data: packNumbers(scale === 1 ? values : values.map(value => value * scale), real!.dtype),
  });
  return [packed(re), packed(im)];
};

export const signalKernels: { readonly [op: string]: Kernel } = { fourier };
