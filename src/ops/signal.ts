/** Fourier transforms and what is made of them. Complex numbers are pairs of tensors (real, imaginary), as in keras.ops. */

import { extractSequences, pad } from './arrange.ts';
import { multiply } from './binary.ts';
import { castTensor, toTensor } from './convert.ts';
import { constant } from './graph.ts';
import { flip, stridedSlice } from './index-by.ts';
import { recordAll } from './record.ts';
import { concatenate, swapaxes, zerosLike } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** Real and imaginary part. */
export type ComplexPair = readonly [real: SymbolicTensor, imaginary: SymbolicTensor];

function transform(real: SymbolicTensor, imaginary: SymbolicTensor, inverse: boolean): ComplexPair {
  const spec = { shape: real.shape, dtype: real.dtype };
  return recordAll('fourier', [real, imaginary], { inverse }, [spec, spec]) as unknown as ComplexPair;
}

function pairOf(x: readonly TensorLike[]): ComplexPair {
  const parts = x.map(part => toTensor(part));
  return parts.map(part => (part.dtype === 'float64' ? part : castTensor(part, 'float32'))) as unknown as ComplexPair;
}

/** Discrete Fourier transform along the last axis. */
export function fft(x: readonly TensorLike[]): ComplexPair {
  return transform(...pairOf(x), false);
}

/** Discrete Fourier transform along the last two axes. */
export function fft2(x: readonly TensorLike[]): ComplexPair {
  return alongTwo(pairOf(x), false);
}

/** Inverse of `fft2`. */
export function ifft2(x: readonly TensorLike[]): ComplexPair {
  return alongTwo(pairOf(x), true);
}

function alongTwo([real, imaginary]: ComplexPair, inverse: boolean): ComplexPair {
  const turn = ([re, im]: ComplexPair): ComplexPair => [swapaxes(re, -2, -1), swapaxes(im, -2, -1)];
  return turn(transform(...turn(transform(real, imaginary, inverse)), inverse));
}

/** Cut, or filled with zeros, to `size` along the last axis. */
function fitLast(x: SymbolicTensor, size: number | null): SymbolicTensor {
  const last = x.shape.at(-1)!;
  if (size === null || last === size) return x;
  const axis = x.shape.length - 1;
  const widths = x.shape.map((_, at): [number, number] => [0, at === axis ? size : 0]);
  return stridedSlice(last !== null && last > size ? x : pad(x, widths), { axes: [axis], starts: [0], stops: [size] });
}

function cutLast(x: SymbolicTensor, start: number, stop: number | null): SymbolicTensor {
  return stridedSlice(x, { axes: [x.shape.length - 1], starts: [start], stops: [stop] });
}

/** Transform of a real signal along the last axis: the first fftLength/2 + 1 frequencies. */
export function rfft(x: TensorLike, { fftLength = null }: { fftLength?: number | null } = {}): ComplexPair {
  const [given] = pairOf([x]);
  const signal = fitLast(given, fftLength);
  const size = fftLength ?? signal.shape.at(-1)!;
  const [real, imaginary] = transform(signal, zerosLike(signal), false);
  const stop = size === null ? null : Math.floor(size / 2) + 1;
  return [cutLast(real, 0, stop), cutLast(imaginary, 0, stop)];
}

/** The real signal of which `rfft` gives these frequencies. */
export function irfft(
  x: readonly TensorLike[],
  { fftLength = null }: { fftLength?: number | null } = {},
): SymbolicTensor {
  const [real, imaginary] = pairOf(x);
  const length = fftLength ?? 2 * (real.shape.at(-1)! - 1);
  const half = Math.floor(length / 2) + 1;
  const mirror = (part: SymbolicTensor) => flip(cutLast(part, 1, length - half + 1), { axis: -1 });
  const [re, im] = [fitLast(real, half), fitLast(imaginary, half)];
  const whole = (part: SymbolicTensor, sign: number) => concatenate([part, multiply(mirror(part), sign)], { axis: -1 });
  return transform(whole(re, 1), whole(im, -1), true)[0];
}

/** A window of raised cosines whose period is `size`, in the middle of `length` cells. */
function periodicWindow(name: 'hann' | 'hamming', size: number, length: number): SymbolicTensor {
  const [base, swing] = name === 'hann' ? [0.5, 0.5] : [0.54, 0.46];
  const before = Math.floor((length - size) / 2);
  const values = Array.from({ length }, (_, at) =>
    at < before || at >= before + size ? 0 : base - swing * Math.cos((2 * Math.PI * (at - before)) / size),
  );
  return constant(values, 'float32');
}

export interface StftOptions {
  readonly window?: 'hann' | 'hamming' | TensorLike | null;
  readonly center?: boolean;
}

/** Short-time Fourier transform: windows of the last axis, weighed and transformed (keras.ops.stft). */
export function stft(
  x: TensorLike,
  sequenceLength: number,
  sequenceStride: number,
  fftLength: number,
  { window = 'hann', center = true }: StftOptions = {},
): ComplexPair {
  const [given] = pairOf([x]);
  const half = Math.floor(fftLength / 2);
  const widths = given.shape.map((_, axis): [number, number] =>
    axis === given.shape.length - 1 ? [half, half] : [0, 0],
  );
  const signal = center ? pad(given, widths, { mode: 'reflect' }) : given;
  const frames = extractSequences(signal, fftLength, sequenceStride);
  if (window === null) return rfft(frames, { fftLength });
  return rfft(multiply(frames, castTensor(windowOf(window, sequenceLength, fftLength), frames.dtype)), { fftLength });
}

function windowOf(window: 'hann' | 'hamming' | TensorLike, size: number, length: number): SymbolicTensor {
  if (window === 'hann' || window === 'hamming') return periodicWindow(window, size, length);
  const before = Math.floor((length - size) / 2);
  return pad(window as TensorLike, [[before, length - size - before]]);
}
