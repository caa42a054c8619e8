/** The arithmetic of quantized numbers (keras/src/quantizers/quantizers.py). */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';

/** Where the scale of whole numbers must not become infinite. */
const epsilon = 1e-7;

/** Numbers of -127 … 127 and the scale that they were multiplied by, one for all elements along `axis`. */
export function quantizeToInt8(
  x: SymbolicTensor,
  axis: number | readonly number[],
  ops: Ops,
): readonly [quantized: SymbolicTensor, scale: SymbolicTensor] {
  const scale = ops.divide(127, ops.add(ops.max(ops.abs(x), { axis, keepdims: true }), epsilon));
  return [ops.clip(ops.round(ops.multiply(x, scale)), -127, 127), scale];
}

/** Two 4-bit numbers out of every byte along `axis`: the low half first. `size` of them count. */
export function unpackInt4(
  packed: SymbolicTensor,
  axis: number,
  size: number,
  { signed }: { readonly signed: boolean },
  ops: Ops,
): SymbolicTensor {
  const bytes = ops.mod(ops.cast(packed, 'float32'), 256);
  const low = ops.mod(bytes, 16);
  const halves = [low, ops.divide(ops.subtract(bytes, low), 16)];
  const numbers = signed
    ? halves.map(half => ops.where(ops.greaterEqual(half, 8), ops.subtract(half, 16), half))
    : halves;
  const along = axis < 0 ? axis + packed.shape.length : axis;
  const shape = ops.shape(packed).map((length, at) => (at === along ? -1 : length));
  const together = ops.reshape(ops.stack(numbers, { axis: along + 1 }), shape);
  return ops.stridedSlice(together, { axes: [along], starts: [0], stops: [size] });
}

/** (numbers − zero) · scale, with scale and zero of the group to which each place along `axis` belongs. */
export function dequantizeGroups(
  numbers: SymbolicTensor,
  scale: SymbolicTensor,
  zero: SymbolicTensor,
  groups: SymbolicTensor,
  axis: number,
  ops: Ops,
): SymbolicTensor {
  const place = ops.cast(groups, 'int32');
  const ofGroup = (values: SymbolicTensor) => ops.take(ops.cast(values, 'float32'), place, { axis });
  return ops.multiply(ops.subtract(ops.cast(numbers, 'float32'), ofGroup(zero)), ofGroup(scale));
}

/** Largest number of E4M3FN. */
const largest = 448;

/** What is left of numbers that go through E4M3FN at some scale and back. */
export function throughFloat8(x: SymbolicTensor, scale: SymbolicTensor, ops: Ops): SymbolicTensor {
  const scaled = ops.clip(ops.divide(x, scale), -largest, largest);
  // Three bits of fraction; below 2⁻⁶ numbers have no exponent of their own.
  const exponent = ops.floor(ops.log2(ops.maximum(ops.abs(scaled), 2 ** -6)));
  const unit = ops.exp2(ops.subtract(exponent, 3));
  return ops.multiply(ops.multiply(ops.round(ops.divide(scaled, unit)), unit), scale);
}
