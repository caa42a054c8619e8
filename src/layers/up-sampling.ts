/**
 * UpSampling1D, UpSampling2D, UpSampling3D: every cell `size` times. UpSampling2D can interpolate instead;
 * `bilinear_legacy` is ours for what Keras 2 on TensorFlow 1 did (see era-keys.ts).
 */

import type { SizeLike } from '../ops/types.ts';
import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat, oneOf, sizes } from './fields.ts';
import { interpolations, resize } from './resize.ts';

const upSampling = (rank: number) =>
  defineLayer({
    name: `UpSampling${rank}D`,
    config: { size: sizes(rank, 2), dataFormat: dataFormat(), interpolation: oneOf(interpolations, 'nearest') },
    outputShape: ({ size, dataFormat }, [x]) =>
      withSpatial(
        x!,
        rank,
        dataFormat,
        (cells, axis) => (cells === null ? null : cells * size[axis]!),
        channelsOf(x!, dataFormat),
      ),
    call: ({ size, dataFormat, interpolation }, _weights, [x], ops) => {
      const first = dataFormat === 'channels_first' ? 2 : 1;
      const target = size.map((times, axis): SizeLike => {
        const cells = ops.shape(x!)[first + axis]!;
        return typeof cells === 'number' ? cells * times : ops.multiply(cells, times);
      });
      if (interpolation === 'nearest') return ops.resample(x!, target, { place: 'corner', dataFormat });
      return resize(x!, target, { interpolation, dataFormat, antialias: false }, ops);
    },
  });

export default [upSampling(1), upSampling(2), upSampling(3)];
