/** MaxPooling and AveragePooling in one, two and three dimensions; padded cells neither win nor count. */

import { channelsOf, slidSize, withOneBatchAxis, withSpatial } from './convolution.ts';
import { defineLayer } from './define.ts';
import { dataFormat, nullable, oneOf, sizes } from './fields.ts';

const pooling = (kind: 'Max' | 'Average', rank: number) =>
  defineLayer({
    name: `${kind}Pooling${rank}D`,
    aliases: [`${kind === 'Max' ? 'Max' : 'Avg'}Pool${rank}D`],
    config: {
      poolSize: sizes(rank, 2),
      strides: nullable(sizes(rank)),
      padding: oneOf(['valid', 'same'], 'valid'),
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
        const pool = kind === 'Max' ? ops.maxPool : ops.averagePool;
        return pool(image, poolSize, { strides, padding, dataFormat });
      }),
  });

export default [1, 2, 3].flatMap(rank => [pooling('Max', rank), pooling('Average', rank)]);
