/** Pictures taken apart into windows and put together again (keras.ops.nn.unfold and fold: channels first). */

import { pad } from './arrange.ts';
import { toTensor } from './convert.ts';
import { getItem, scatterUpdate } from './index-by.ts';
import { refuse } from './record.ts';
import { reshape, shape, stack, transpose, zeros } from './shape.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

type Pair = number | readonly [number, number];

interface WindowOptions {
  readonly dilation?: Pair;
  readonly padding?: Pair;
  readonly stride?: Pair;
}

const pair = (value: Pair): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

/** How many windows fit along each axis. */
function counts(
  sizes: readonly number[],
  kernel: readonly number[],
  { dilation = 1, padding = 0, stride = 1 }: WindowOptions,
): number[] {
  const [d, p, s] = [pair(dilation), pair(padding), pair(stride)];
  return sizes.map(
    (size, axis) => Math.floor((size + 2 * p[axis]! - d[axis]! * (kernel[axis]! - 1) - 1) / s[axis]!) + 1,
  );
}

/** Every window of (N, C, H, W) as a column: (N, C·window, windows). */
export function unfold(x: TensorLike, kernelSize: Pair, options: WindowOptions = {}): SymbolicTensor {
  const given = toTensor(x);
  const [, channels, height, width] = given.shape as [number | null, number, number, number];
  if (given.shape.length !== 4 || [channels, height, width].includes(null as never))
    refuse('unfold', 'takes pictures of known size');
  const [kernel, d, p, s] = [
    pair(kernelSize),
    pair(options.dilation ?? 1),
    pair(options.padding ?? 0),
    pair(options.stride ?? 1),
  ];
  const padded = pad(given, [
    [0, 0],
    [0, 0],
    [p[0], p[0]],
    [p[1], p[1]],
  ]);
  const [rows, columns] = counts([height, width], kernel, options) as [number, number];
  const cells: SymbolicTensor[] = [];
  for (let i = 0; i < kernel[0]; i += 1) {
    for (let j = 0; j < kernel[1]; j += 1) {
      const [top, left] = [i * d[0], j * d[1]];
      const vertical = { start: top, stop: top + (rows - 1) * s[0] + 1, step: s[0] };
      const horizontal = { start: left, stop: left + (columns - 1) * s[1] + 1, step: s[1] };
      cells.push(getItem(padded, [{}, {}, vertical, horizontal]));
    }
  }
  return reshape(stack(cells, { axis: 2 }), [shape(given)[0]!, channels * cells.length, rows * columns]);
}

/** The sum of columns put back where `unfold` took them: (N, C, H, W). */
export function fold(x: TensorLike, outputSize: Pair, kernelSize: Pair, options: WindowOptions = {}): SymbolicTensor {
  const given = toTensor(x);
  const [kernel, out] = [pair(kernelSize), pair(outputSize)];
  const [d, p, s] = [pair(options.dilation ?? 1), pair(options.padding ?? 0), pair(options.stride ?? 1)];
  const window = kernel[0] * kernel[1];
  const depth = given.shape[1] ?? refuse('fold', 'the number of channels must be known');
  const [rows, columns] = counts(out, kernel, options) as [number, number];
  const [height, width] = [out[0] + 2 * p[0], out[1] + 2 * p[1]];
  const places: number[][] = [];
  for (let cell = 0; cell < window; cell += 1) {
    const [i, j] = [Math.floor(cell / kernel[1]) * d[0], (cell % kernel[1]) * d[1]];
    for (let at = 0; at < rows * columns; at += 1) {
      places.push([(Math.floor(at / columns) * s[0] + i) * width + (at % columns) * s[1] + j]);
    }
  }
  const batch = shape(given)[0]!;
  const channels = depth / window;
  // Cells first, so that one scatter adds whole (batch, channel) rows.
  const values = reshape(transpose(reshape(given, [batch, channels, window * rows * columns]), { axes: [2, 0, 1] }), [
    window * rows * columns,
    batch,
    channels,
  ]);
  const empty = zeros([height * width, batch, channels], { dtype: given.dtype });
  const summed = scatterUpdate(empty, toTensor(places, 'int64'), values, { reduction: 'add' });
  const picture = reshape(transpose(summed, { axes: [1, 2, 0] }), [batch, channels, height, width]);
  return getItem(picture, [{}, {}, { start: p[0], stop: p[0] + out[0] }, { start: p[1], stop: p[1] + out[1] }]);
}
