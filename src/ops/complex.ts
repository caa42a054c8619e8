/** Complex numbers: made of two real tensors and taken apart again; arithmetic is on the parts. */

import type { DType } from '../numbers/dtype.ts';
import { less, multiply, where } from './binary.ts';
import { toTensor } from './convert.ts';
import { cos, negative, sin } from './elementwise.ts';
import { getItem } from './index-by.ts';
import { arctan2 } from './math.ts';
import { record } from './record.ts';
import { onesLike, stack, zerosLike } from './shape.ts';
import { broadcastShapes } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

export function isComplex(x: SymbolicTensor): boolean {
  return x.dtype.startsWith('complex');
}

function part(x: SymbolicTensor, which: 'real' | 'imaginary'): SymbolicTensor {
  const dtype: DType = x.dtype === 'complex128' ? 'float64' : 'float32';
  return record('complexPart', [x], { which }, { shape: x.shape, dtype });
}

/** A complex tensor of real and imaginary parts. */
export function makeComplex(re: TensorLike, im: TensorLike): SymbolicTensor {
  const [a, b] = [toTensor(re), toTensor(im)];
  const wide = a.dtype === 'float64' || b.dtype === 'float64';
  const parts = [a, b].map(x => toTensor(x, wide ? 'float64' : 'float32'));
  const shape = broadcastShapes('makeComplex', a.shape, b.shape);
  return record('makeComplex', parts, {}, { shape, dtype: wide ? 'complex128' : 'complex64' });
}

/** Real part; of real numbers, these. */
export function real(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return isComplex(given) ? part(given, 'real') : given;
}

/** Imaginary part; of real numbers, zeros. */
export function imag(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return isComplex(given) ? part(given, 'imaginary') : zerosLike(given);
}

/** The complex conjugate. */
export function conj(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return isComplex(given) ? makeComplex(real(given), negative(imag(given))) : given;
}

export const conjugate = conj;

/** Angle in the complex plane; of real numbers 0 or π. */
export function angle(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  if (isComplex(given)) return arctan2(imag(given), real(given));
  return where(less(given, 0), Math.PI, 0);
}

/** Whether the imaginary part is 0. */
export function isreal(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  if (!isComplex(given)) return onesLike(given, { dtype: 'bool' });
  const im = imag(given);
  return record('equal', [im, toTensor(0, im.dtype)], {}, { shape: im.shape, dtype: 'bool' });
}

/** Complex numbers of lengths and angles. */
export function polar(abs_: TensorLike, angles: TensorLike): SymbolicTensor {
  return makeComplex(multiply(abs_, cos(angles)), multiply(abs_, sin(angles)));
}

/** Pairs along the last axis as complex numbers, and back. */
export function viewAsComplex(x: TensorLike): SymbolicTensor {
  return makeComplex(getItem(x, ['...', 0]), getItem(x, ['...', 1]));
}

export function viewAsReal(x: TensorLike): SymbolicTensor {
  return stack([real(x), imag(x)], { axis: -1 });
}
