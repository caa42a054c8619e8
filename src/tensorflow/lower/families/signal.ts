/** Complex numbers and Fourier transforms along the last axis. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import type { Lowering, LoweringTable } from '../define.ts';

type Pair = readonly [SymbolicTensor, SymbolicTensor];

const pairOf = (x: SymbolicTensor): Pair => [ops.real(x), ops.imag(x)];
const complexOf = ([re, im]: readonly SymbolicTensor[]): SymbolicTensor => ops.makeComplex(re!, im!);

/** The inverse of a transform is that of the parts exchanged, exchanged again, and divided by the number of elements. */
const inverse = (x: SymbolicTensor): SymbolicTensor => {
  const [re, im] = pairOf(x);
  const [first, second] = ops.fft([im, re]);
  const count = ops.cast(ops.convertToTensor(ops.shape(x).at(-1)!), re.dtype);
  return complexOf([ops.divide(second, count), ops.divide(first, count)]);
};

const modulus: Lowering = node => {
  const [re, im] = pairOf(node.x(0));
  return ops.sqrt(ops.add(ops.multiply(re, re), ops.multiply(im, im)));
};

export const signal: LoweringTable = {
  Complex: node => ops.makeComplex(node.x(0), node.x(1)),
  ComplexAbs: modulus,
  Real: node => ops.real(node.x(0)),
  Imag: node => ops.imag(node.x(0)),
  Conj: node => ops.conj(node.x(0)),
  Angle: node => ops.angle(node.x(0)),
  FFT: node => complexOf(ops.fft(pairOf(node.x(0)))),
  IFFT: node => inverse(node.x(0)),
  FFT2D: node => complexOf(ops.fft2(pairOf(node.x(0)))),
  IFFT2D: node => complexOf(ops.ifft2(pairOf(node.x(0)))),
  RFFT: node => complexOf(ops.rfft(node.x(0), { fftLength: node.number(1) })),
  IRFFT: node => ops.irfft(pairOf(node.x(0)), { fftLength: node.number(1) }),
};
