/** Flatten: all axes but the first become one; `channels_first` puts the channels last before that. */

import { defineLayer } from './define.ts';
import { dataFormat } from './fields.ts';

export default defineLayer({
  name: 'Flatten',
  config: { dataFormat: dataFormat() },
  outputShape: (_config, [x]) => {
    const sizes = x!.slice(1);
    return [x![0]!, sizes.includes(null) ? null : (sizes as number[]).reduce((left, right) => left * right, 1)];
  },
  call: ({ dataFormat }, _weights, [x], ops) => {
    const rank = x!.shape.length;
    const moved = dataFormat === 'channels_first' && rank > 2 ? ops.moveaxis(x!, 1, -1) : x!;
    const sizes = moved.shape.slice(1);
    if (sizes.includes(null)) return ops.reshape(moved, [ops.shape(moved)[0]!, -1]);
    return ops.reshape(moved, [ops.shape(moved)[0]!, (sizes as number[]).reduce((left, right) => left * right, 1)]);
  },
});
