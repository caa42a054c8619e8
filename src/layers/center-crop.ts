/**
 * CenterCrop: the window of the given size around the middle. A picture smaller than that either way is cut to the
 * target's proportions and resized instead.
 */

import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat, int } from './fields.ts';
import { cropMiddle, extentOf, inscribed } from './picture-window.ts';
import { resize } from './resize.ts';

export default defineLayer({
  name: 'CenterCrop',
  config: { height: int(), width: int(), dataFormat: dataFormat() },
  outputShape: ({ height, width, dataFormat }, [x]) =>
    withSpatial(x!, 2, dataFormat, (_size, axis) => (axis === 0 ? height : width), channelsOf(x!, dataFormat)),
  call: ({ height, width, dataFormat }, _weights, [input], ops, { computeDtype }) => {
    const channelsFirst = dataFormat === 'channels_first';
    const x = ops.cast(input!, computeDtype);
    const single = x.shape.length === 3;
    const picture = single ? ops.expandDims(x, 0) : x;
    const [rows, columns] = extentOf(picture, channelsFirst, ops);
    const small = (typeof rows === 'number' && rows < height) || (typeof columns === 'number' && columns < width);
    const target = [height, width] as const;
    const cut = cropMiddle(picture, small ? inscribed([rows, columns], target, ops) : target, channelsFirst, ops);
    const sized = small ? resize(cut, target, { interpolation: 'bilinear', dataFormat, antialias: false }, ops) : cut;
    return ops.cast(single ? ops.squeeze(sized, { axis: 0 }) : sized, computeDtype);
  },
});
