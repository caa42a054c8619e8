/**
 * Resizing: pictures to a height and width. `crop_to_aspect_ratio` first cuts out the largest window of the target's
 * proportions, `pad_to_aspect_ratio` (Keras 3.3) adds borders to them. `result_dtype` is ours (see era-keys.ts).
 */

import { type DType, isFloating } from '../numbers/dtype.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { bool, dataFormat, float, int, oneOf } from './fields.ts';
import { circumscribed, cropMiddle, extentOf, inscribed, margin } from './picture-window.ts';
import { interpolations, resize } from './resize.ts';

/** Whole numbers each dtype holds. */
const ranges: { readonly [dtype: string]: readonly [number, number] } = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** Back to the dtype that came in: rounded, and held within what it holds. */
function backTo(x: SymbolicTensor, dtype: DType, ops: Ops): SymbolicTensor {
  if (x.dtype === dtype) return x;
  if (isFloating(dtype)) return ops.cast(x, dtype);
  const range = ranges[dtype];
  const whole = ops.round(x);
  return ops.cast(range ? ops.clip(whole, range[0], range[1]) : whole, dtype);
}

export default defineLayer({
  name: 'Resizing',
  config: {
    height: int(),
    width: int(),
    interpolation: oneOf(interpolations, 'bilinear'),
    cropToAspectRatio: bool(false),
    padToAspectRatio: bool(false),
    fillValue: float(0),
    antialias: bool(false),
    dataFormat: dataFormat(),
    resultDtype: oneOf(['input', 'float', 'compute'], 'input'),
  },
  outputShape: ({ height, width, dataFormat }, [x]) =>
    withSpatial(x!, 2, dataFormat, (_size, axis) => (axis === 0 ? height : width), channelsOf(x!, dataFormat)),
  call: (config, _weights, [x], ops, { computeDtype }) => {
    const { height, width, interpolation, dataFormat, antialias, resultDtype } = config;
    const target = [height, width] as const;
    const channelsFirst = dataFormat === 'channels_first';
    const single = x!.shape.length === 3;
    let y = single ? ops.expandDims(x!, 0) : x!;
    const extent = extentOf(y, channelsFirst, ops);
    if (config.cropToAspectRatio) y = cropMiddle(y, inscribed(extent, target, ops), channelsFirst, ops);
    if (config.padToAspectRatio) {
      const around = circumscribed(extent, target, ops);
      const borders = around
        .map((size, axis) => margin(size, extent[axis]!, ops))
        .map(cells => [cells, cells] as const);
      const none = [0, 0] as const;
      y = ops.pad(y, channelsFirst ? [none, none, ...borders] : [none, ...borders, none], {
        constantValues: config.fillValue,
      });
    }
    y = resize(y, target, { interpolation, dataFormat, antialias }, ops);
    if (single) y = ops.squeeze(y, { axis: 0 });
    if (resultDtype === 'compute') return ops.cast(y, computeDtype);
    return resultDtype === 'input' ? backTo(y, x!.dtype, ops) : y;
  },
});
