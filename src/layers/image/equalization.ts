/**
 * ContrastLimitedAdaptiveHistogramEqualization (Keras 3.15): each tile of a picture has its values spread by its own
 * clipped histogram, and neighbouring tiles are blended (clahe.py). It works at inference too.
 */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { dataFormat, float, list, sizes } from '../fields.ts';
import { mapRange } from './auto-contrast.ts';

const levels = 256;

interface Tiles {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
}

/** (B, rows, columns, C, 256): to what each tile maps each level. */
function curves(padded: SymbolicTensor, tiles: Tiles, clipLimit: number, ops: Ops): SymbolicTensor {
  const { rows, columns, height, width } = tiles;
  const channels = padded.shape[3]!;
  const split = ops.reshape(padded, [-1, rows, height, columns, width, channels]);
  const flat = ops.reshape(ops.transpose(split, { axes: [0, 1, 3, 5, 2, 4] }), [
    -1,
    rows,
    columns,
    channels,
    height * width,
  ]);
  const level = ops.clip(ops.cast(flat, 'int32'), 0, levels - 1);
  let counts = ops.sum(ops.oneHot(level, levels), { axis: -2 });
  if (clipLimit > 0) {
    const clipped = ops.clip(counts, 0, (clipLimit * height * width) / levels);
    const excess = ops.sum(ops.subtract(counts, clipped), { axis: -1, keepdims: true });
    counts = ops.add(clipped, ops.divide(excess, levels));
  }
  const sums = ops.cumsum(counts, { axis: -1 });
  const least = ops.min(sums, { axis: -1, keepdims: true });
  const rest = ops.subtract(height * width, least);
  const whole = ops.where(ops.equal(rest, 0), 1, rest);
  return ops.clip(ops.divide(ops.multiply(ops.subtract(sums, least), 255), whole), 0, 255);
}

/** The outermost tiles once more on every side, so that every pixel lies between four. */
function withBorder(tiles: SymbolicTensor, ops: Ops): SymbolicTensor {
  return [1, 2].reduce((grown, axis) => {
    const edge = (at: number) => ops.take(grown, [at], { axis });
    return ops.concatenate([edge(0), grown, edge(grown.shape[axis]! - 1)], { axis });
  }, tiles);
}

/** For each pixel along an axis: the tile before it, and its share of the one after. */
function between(count: number, size: number): { before: number[]; share: number[] } {
  const places = Array.from({ length: count * size }, (_, at) => (at - size / 2) / size + 1);
  return { before: places.map(Math.floor), share: places.map(place => place - Math.floor(place)) };
}

function blend(padded: SymbolicTensor, mapped: SymbolicTensor, tiles: Tiles, ops: Ops): SymbolicTensor {
  const down = between(tiles.rows, tiles.height);
  const across = between(tiles.columns, tiles.width);
  const [batch, gridRows, gridColumns, channels] = ops.shape(mapped) as [SizeLike, number, number, number];
  const along = (size: SizeLike, shape: readonly number[]) => ops.reshape(ops.arange(0, { stop: size }), shape);
  const level = ops.cast(ops.clip(padded, 0, 255), 'int32');
  const channel = along(channels, [1, 1, 1, -1]);
  // Where, in all curves one after another, those of one corner keep what they make of each pixel's level.
  const corner = (rowStep: number, columnStep: number) => {
    const row = ops.constant(
      down.before.map(at => at + rowStep),
      'int32',
    );
    const column = ops.constant(
      across.before.map(at => at + columnStep),
      'int32',
    );
    const tile = ops.add(
      ops.multiply(
        ops.add(ops.multiply(along(batch, [-1, 1, 1, 1]), gridRows), ops.reshape(row, [1, -1, 1, 1])),
        gridColumns,
      ),
      ops.reshape(column, [1, 1, -1, 1]),
    );
    const curve = ops.add(ops.multiply(tile, channels), channel);
    return ops.take(mapped, ops.add(ops.multiply(curve, levels), level), { axis: null });
  };
  const wy = ops.reshape(ops.constant(down.share, 'float32'), [1, -1, 1, 1]);
  const wx = ops.reshape(ops.constant(across.share, 'float32'), [1, 1, -1, 1]);
  const mix = (a: SymbolicTensor, b: SymbolicTensor, share: SymbolicTensor) =>
    ops.add(ops.multiply(a, ops.subtract(1, share)), ops.multiply(b, share));
  return mix(mix(corner(0, 0), corner(0, 1), wx), mix(corner(1, 0), corner(1, 1), wx), wy);
}

function equalize(images: SymbolicTensor, grid: readonly number[], clipLimit: number, ops: Ops): SymbolicTensor {
  const [height, width] = images.shape.slice(1, 3) as [number, number];
  const [rows, columns] = grid as [number, number];
  const tiles = { rows, columns, height: Math.ceil(height / rows), width: Math.ceil(width / columns) };
  const borders: [number, number][] = [
    [0, 0],
    [0, tiles.height * rows - height],
    [0, tiles.width * columns - width],
    [0, 0],
  ];
  const padded = borders.some(([, after]) => after > 0) ? ops.pad(images, borders, { mode: 'symmetric' }) : images;
  const mapped = withBorder(curves(padded, tiles, clipLimit, ops), ops);
  return ops.stridedSlice(blend(padded, mapped, tiles, ops), { axes: [1, 2], starts: [0, 0], stops: [height, width] });
}

export default defineLayer({
  name: 'ContrastLimitedAdaptiveHistogramEqualization',
  config: {
    valueRange: list(float(), [0, 255]),
    clipLimit: float(4),
    tileGridSize: sizes(2, 8),
    dataFormat: dataFormat(),
  },
  callArguments: ['data', 'training'],
  call({ valueRange, clipLimit, tileGridSize, dataFormat }, _weights, [x, ...others], ops) {
    const range = valueRange as unknown as readonly [number, number];
    const first = dataFormat === 'channels_first';
    const single = x!.shape.length === 3;
    const batch = single ? ops.expandDims(x!, 0) : x!;
    const images = first ? ops.transpose(batch, { axes: [0, 2, 3, 1] }) : batch;
    const bytes = mapRange(ops.cast(images, 'float32'), range, [0, 255], ops);
    const equalized = equalize(bytes, tileGridSize, clipLimit, ops);
    const back = ops.cast(mapRange(equalized, [0, 255], range, ops), x!.dtype);
    const ordered = first ? ops.transpose(back, { axes: [0, 3, 1, 2] }) : back;
    return [single ? ops.squeeze(ordered, { axis: 0 }) : ordered, ...others];
  },
});
