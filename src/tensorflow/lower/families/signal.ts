/** Complex numbers and Fourier transforms along the last axis. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, unsupported } from '../define.ts';

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

/** A transform along the axis before the last. */
const acrossRows = (transform: (x: Pair) => readonly SymbolicTensor[], [re, im]: Pair): Pair => {
  const turned = transform([ops.swapaxes(re, -2, -1), ops.swapaxes(im, -2, -1)]);
  return [ops.swapaxes(turned[0]!, -2, -1), ops.swapaxes(turned[1]!, -2, -1)];
};

const realTwice: Lowering = node => {
  const [rows, columns] = node.numbers(1) as [number, number];
  if (node.x(0).shape.at(-2) !== rows) throw unsupported(node.where, `${node.op} of rows cut or filled up`);
  return complexOf(acrossRows(ops.fft, ops.rfft(node.x(0), { fftLength: columns })));
};

const realTwiceBack: Lowering = node => {
  const [rows, columns] = node.numbers(1) as [number, number];
  if (node.x(0).shape.at(-2) !== rows) throw unsupported(node.where, `${node.op} of rows cut or filled up`);
  const across = acrossRows(pair => pairOf(inverse(complexOf(pair))), pairOf(node.x(0)));
  return ops.irfft(across, { fftLength: columns });
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
  RFFT2D: realTwice,
  IRFFT2D: realTwiceBack,
  RFFT: node => complexOf(ops.rfft(node.x(0), { fftLength: node.number(1) })),
  IRFFT: node => ops.irfft(pairOf(node.x(0)), { fftLength: node.number(1) }),
};
