/** AdaptiveMaxPooling and AdaptiveAveragePooling (Keras 3.13): as many bins as the output is to have cells. */

import { channelsOf, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat, sizes } from './fields.ts';

const adaptivePooling = (kind: 'Max' | 'Average', rank: number) =>
  defineLayer({
    name: `Adaptive${kind}Pooling${rank}D`,
    config: { outputSize: sizes(rank), dataFormat: dataFormat() },
    outputShape: ({ outputSize, dataFormat }, [x]) =>
      withSpatial(x!, rank, dataFormat, (_size, axis) => outputSize[axis]!, channelsOf(x!, dataFormat)),
    call: ({ outputSize, dataFormat }, _weights, [x], ops) =>
      (kind === 'Max' ? ops.adaptiveMaxPool : ops.adaptiveAveragePool)(x!, outputSize, { dataFormat }),
  });

export default [1, 2, 3].flatMap(rank => [adaptivePooling('Max', rank), adaptivePooling('Average', rank)]);
