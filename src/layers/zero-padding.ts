/** ZeroPadding1D, ZeroPadding2D, ZeroPadding3D. */

import { borders } from './borders.ts';
import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat } from './fields.ts';

const zeroPadding = (rank: number) =>
  defineLayer({
    name: `ZeroPadding${rank}D`,
    config: { padding: borders(rank, 1), dataFormat: dataFormat() },
    outputShape: ({ padding, dataFormat }, [x]) =>
      withSpatial(
        x!,
        rank,
        dataFormat,
        (size, axis) => (size === null ? null : size + padding[axis]![0] + padding[axis]![1]),
        channelsOf(x!, dataFormat),
      ),
    call: ({ padding, dataFormat }, _weights, [x], ops) => {
      const none = [0, 0] as const;
      return ops.pad(x!, dataFormat === 'channels_first' ? [none, none, ...padding] : [none, ...padding, none]);
    },
  });

export default [zeroPadding(1), zeroPadding(2), zeroPadding(3)];
