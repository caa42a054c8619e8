/** Pooling over windows. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import type { Lowering, LoweringTable } from '../define.ts';
import { unsupported } from '../define.ts';
import { dataFormatOf, paddingOf, spatial } from './convolution.ts';

const pool =
  (make: typeof ops.maxPool): Lowering =>
  node => {
    const padding = paddingOf(node);
    if (padding !== 'same' && padding !== 'valid') throw unsupported(node.where, `${node.op} with explicit padding`);
    return make(node.x(0), spatial(node.attributes.ints('ksize'), node), {
      strides: spatial(node.attributes.ints('strides'), node),
      padding,
      dataFormat: dataFormatOf(node),
    });
  };

/** The greatest of each window and where it stands, in the sample (or the batch) laid out in a row. */
const withPlaces: Lowering = node => {
  const x = node.x(0);
  const [rows, columns, channels] = x.shape.slice(1);
  if (typeof rows !== 'number' || typeof columns !== 'number' || typeof channels !== 'number')
    throw unsupported(node.where, `${node.op} on pictures of unknown size`);
  const isSame = paddingOf(node) === 'same';
  const sides = [rows, columns].map((size, axis) => {
    const [window, stride] = [node.attributes.ints('ksize')[axis + 1]!, node.attributes.ints('strides')[axis + 1]!];
    const count = isSame ? Math.ceil(size / stride) : Math.ceil((size - window + 1) / stride);
    const missing = Math.max((count - 1) * stride + window - size, 0);
    return { window, stride, span: (count - 1) * stride + 1, pad: [missing >> 1, missing - (missing >> 1)] as const };
  });
  const padding = [[0, 0], ...sides.map(({ pad }) => [...pad]), [0, 0]] as [number, number][];
  const line = ops.arange(0, { stop: rows * columns * channels, dtype: 'int64' });
  const numbers = ops.reshape(line, [1, rows, columns, channels]);
  const places = node.attributes.bool('include_batch_in_index', false) ? ops.add(numbers, batchStarts(x)) : numbers;
  const values = ops.pad(x, padding, { constantValues: lowest });
  const whole = ops.pad(ops.add(places, ops.zerosLike(ops.cast(x, 'int64'))), padding);
  return greatestOf(values, whole, sides);
};

const lowest = -3.4028234663852886e38;

function batchStarts(x: SymbolicTensor): SymbolicTensor {
  const [batch, ...rest] = ops.shape(x);
  const step = rest.reduce<number>((product, size) => product * (size as number), 1);
  return ops.reshape(ops.multiply(ops.arange(0, { stop: batch!, dtype: 'int64' }), step), [-1, 1, 1, 1]);
}

interface Side {
  readonly window: number;
  readonly stride: number;
  /** From the first window's start to behind the last one's. */
  readonly span: number;
}

/** Goes through the cells of a window; of equal ones the first counts. */
function greatestOf(values: SymbolicTensor, places: SymbolicTensor, sides: readonly Side[]): SymbolicTensor[] {
  const [down, across] = sides as readonly [Side, Side];
  let best: readonly [SymbolicTensor, SymbolicTensor] | null = null;
  for (let cell = 0; cell < down.window * across.window; cell += 1) {
    const starts = [Math.floor(cell / across.window), cell % across.window];
    const stops = [starts[0]! + down.span, starts[1]! + across.span];
    const cut = { axes: [1, 2], starts, stops, steps: [down.stride, across.stride] };
    const [value, place] = [ops.stridedSlice(values, cut), ops.stridedSlice(places, cut)];
    const isGreater: SymbolicTensor | null = best && ops.greater(value, best[0]);
    best =
      best && isGreater ? [ops.where(isGreater, value, best[0]), ops.where(isGreater, place, best[1])] : [value, place];
  }
  return [...best!];
}

export const pooling: LoweringTable = {
  MaxPoolWithArgmax: { outputs: ['output', 'argmax'], lower: withPlaces },
  MaxPool: pool(ops.maxPool),
  MaxPool3D: pool(ops.maxPool),
  AvgPool: pool(ops.averagePool),
  AvgPool3D: pool(ops.averagePool),
};
