/**
 * MaxPooling and AveragePooling in one, two and three dimensions; padded cells neither win nor count. `half` is ours for
 * how Keras pads `same` on Theano (see era-keys.ts).
 */

import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { channelsOf, type DataFormat, slidSize, withOneBatchAxis, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat, nullable, oneOf, sizes } from './fields.ts';

type Kind = 'Max' | 'Average';

interface Pool {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly dataFormat: DataFormat;
}

/** Cells that Keras's Theano backend adds at both ends of an axis (keras/backend/theano_backend.py: pool2d). */
function theanoBorder(window: number): number {
  return window > 2 && window % 2 === 1 ? window - 2 : window - 1;
}

/** Pools with Theano's borders and cuts what is more than n / stride cells. */
function poolWithin(kind: Kind, x: SymbolicTensor, { poolSize, strides, dataFormat }: Pool, ops: Ops): SymbolicTensor {
  const first = dataFormat === 'channels_first' ? 2 : 1;
  const borders = x.shape.map((_, axis) => {
    const window = poolSize[axis - first];
    const cells = window === undefined ? 0 : theanoBorder(window);
    return [cells, cells] as const;
  });
  const padded = (tensor: SymbolicTensor, constantValues: number) => ops.pad(tensor, borders, { constantValues });
  const options = { strides, dataFormat };
  const pooled =
    kind === 'Max'
      ? ops.maxPool(padded(x, Number.NEGATIVE_INFINITY), poolSize, options)
      : ops.divide(
          ops.averagePool(padded(x, 0), poolSize, options),
          ops.averagePool(padded(ops.onesLike(x), 0), poolSize, options),
        );
  const sizesAfter = ops.shape(x).map(size => (typeof size === 'number' ? size : null));
  return ops.stridedSlice(pooled, {
    axes: poolSize.map((_, axis) => first + axis),
    starts: poolSize.map(() => 0),
    stops: poolSize.map((window, axis) => slidSize(sizesAfter[first + axis]!, window, strides[axis]!, 1, 'half')),
  });
}

const pooling = (kind: Kind, rank: number) =>
  defineLayer({
    name: `${kind}Pooling${rank}D`,
    aliases: [`${kind === 'Max' ? 'Max' : 'Avg'}Pool${rank}D`],
    config: {
      poolSize: sizes(rank, 2),
      strides: nullable(sizes(rank)),
      padding: oneOf(['valid', 'same', 'half'], 'valid'),
      dataFormat: dataFormat(),
    },
    outputShape: ({ poolSize, strides, padding, dataFormat }, [x]) =>
      withSpatial(
        x!,
        rank,
        dataFormat,
        (size, axis) => slidSize(size, poolSize[axis]!, (strides ?? poolSize)[axis]!, 1, padding),
        channelsOf(x!, dataFormat),
      ),
    call: ({ poolSize, strides, padding, dataFormat }, _weights, [x], ops) =>
      withOneBatchAxis(x!, rank, ops, image => {
        if (padding === 'half')
          return poolWithin(kind, image, { poolSize, strides: strides ?? poolSize, dataFormat }, ops);
        const pool = kind === 'Max' ? ops.maxPool : ops.averagePool;
        return pool(image, poolSize, { strides, padding, dataFormat });
      }),
  });

export default [1, 2, 3].flatMap(rank => [pooling('Max', rank), pooling('Average', rank)]);
