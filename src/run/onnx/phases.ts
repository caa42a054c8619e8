/**
 * A transposed convolution of volumes as one plain convolution: cell q·s + r of the result is a sum over the taps r,
 * r + s, r + 2s …, so every remainder r is a small kernel of its own, and the results are interleaved. ONNX Runtime's
 * own operator is several times slower on three axes.
 */

import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import type { Lowering } from './lowering.ts';

interface Attributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly crops: readonly (readonly [number, number])[];
  readonly channelsFirst: boolean;
}

/** The result with channels first, of `x` with channels first; null for other ranks, dilations and unknown sizes. */
export function transposedByPhases(node: OpNode, x: Value, lowering: Lowering): Value | null {
  const kernel = node.inputs[1]!;
  const rank = kernel.shape.length - 2;
  const { strides, dilations, crops, channelsFirst } = node.attributes as unknown as Attributes;
  const spatial = (shape: SymbolicTensor['shape']) => (channelsFirst ? shape.slice(2) : shape.slice(1, -1));
  const sizes = spatial(node.inputs[0]!.shape);
  if (rank !== 3 || dilations.some(dilation => dilation !== 1) || sizes.includes(null)) return null;
  const filters = kernel.shape.at(-2)!;
  const taps = strides.map((stride, axis) => Math.ceil(kernel.shape[axis]! / stride));
  const steps = (sizes as number[]).map((size, axis) => size + taps[axis]! - 1);
  const out = spatial(node.outputs[0]!.shape) as readonly number[];
  // Cells that output padding adds may lie beyond all phases.
  if (out.some((size, axis) => crops[axis]![0] + size > steps[axis]! * strides[axis]!)) return null;
  const weights = phaseKernels(kernel, strides, taps, lowering);
  const pads = taps.map(count => count - 1);
  const made = lowering.emit('Conv', [x, weights], { kernel_shape: taps, pads: [...pads, ...pads] });
  const apart = reshape(made, [-1, ...strides, filters, ...steps], lowering);
  const axes = [0, rank + 1, ...strides.flatMap((_, axis) => [rank + 2 + axis, 1 + axis])];
  const whole = [-1, filters, ...steps.map((count, axis) => count * strides[axis]!)];
  const joined = reshape(lowering.transpose(apart, axes), whole, lowering);
  const starts = crops.map(crop => crop[0]);
  const ends = starts.map((start, axis) => start + out[axis]!);
  const bounds = [starts, ends, starts.map((_, axis) => axis + 2)].map(list => lowering.int64(list));
  return lowering.emit('Slice', [joined, ...bounds], {}, { typed: [0] });
}

/** (taps·strides…, out, in) as (strides…·out, in, taps…), the taps of each remainder in reverse. */
function phaseKernels(
  kernel: SymbolicTensor,
  strides: readonly number[],
  taps: readonly number[],
  lowering: Lowering,
): Value {
  const rank = strides.length;
  const [filters, into] = kernel.shape.slice(-2) as [number, number];
  const missing = taps.map((count, axis) => count * strides[axis]! - kernel.shape[axis]!);
  const apart = [...taps.flatMap((count, axis) => [count, strides[axis]!]), filters, into];
  const split = reshape(padEnd(lowering.plain(kernel), [...missing, 0, 0], lowering), apart, lowering);
  const along = taps.map((_, axis) => 2 * axis);
  const ones = along.map(() => -1);
  const flip = [ones, along.map(() => -2147483648), along, ones].map(list => lowering.int64(list));
  const reversed = lowering.emit('Slice', [split, ...flip], {}, { typed: [0] });
  const order = [...along.map(axis => axis + 1), 2 * rank, 2 * rank + 1, ...along];
  const remainders = strides.reduce((product, stride) => product * stride, 1);
  return reshape(lowering.transpose(reversed, order), [remainders * filters, into, ...taps], lowering);
}

function padEnd(x: Value, counts: readonly number[], lowering: Lowering): Value {
  if (counts.every(count => count === 0)) return x;
  const pads = lowering.int64([...counts.map(() => 0), ...counts]);
  return lowering.emit('Pad', [x, pads, lowering.scalar(0, x.dtype)], { mode: 'constant' }, { typed: [0, 2] });
}

function reshape(x: Value, shape: readonly number[], lowering: Lowering): Value {
  return lowering.emit('Reshape', [x, lowering.int64(shape)], {}, { typed: [0] });
}
