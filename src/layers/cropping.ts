/** Cropping1D, Cropping2D, Cropping3D. */

import { borders } from './borders.ts';
import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat } from './fields.ts';

const cropping = (rank: number) =>
  defineLayer({
    name: `Cropping${rank}D`,
    config: { cropping: borders(rank, rank === 2 ? 0 : 1), dataFormat: dataFormat() },
    outputShape: ({ cropping, dataFormat }, [x]) =>
      withSpatial(
        x!,
        rank,
        dataFormat,
        (size, axis) => (size === null ? null : size - cropping[axis]![0] - cropping[axis]![1]),
        channelsOf(x!, dataFormat),
      ),
    call: ({ cropping, dataFormat }, _weights, [x], ops) => {
      const first = dataFormat === 'channels_first' ? 2 : 1;
      return ops.stridedSlice(x!, {
        axes: cropping.map((_, axis) => first + axis),
        starts: cropping.map(([before]) => before),
        stops: cropping.map(([, after]) => (after === 0 ? null : -after)),
        steps: cropping.map(() => 1),
      });
    },
  });

export default [cropping(1), cropping(2), cropping(3)];
