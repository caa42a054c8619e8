import { describe, expect, it } from 'vitest';
import { compareTensors, float32Tolerance } from '../../src/numbers/compare.ts';
import * as ops from '../../src/ops/exports.ts';
import { computeBoth, sample } from './both.ts';

/** Sizes up and down, whole factors and others. */
const targets = [
  [6, 10],
  [7, 4],
  [2, 3],
] as const;

describe.each(targets)('resample to %d × %d', (rows, columns) => {
  it.each([
    ['nearest', 'middle', 'channels_last'],
    ['nearest', 'corner', 'channels_last'],
    ['linear', 'middle', 'channels_last'],
    ['linear', 'corner', 'channels_last'],
    ['linear', 'middle', 'channels_first'],
    ['nearest', 'middle', 'channels_first'],
  ] as const)('%s, %s, %s', async (mode, place, dataFormat) => {
    const shape = dataFormat === 'channels_first' ? [2, 3, 3, 5] : [2, 3, 5, 3];
    const { session, host } = await computeBoth([sample(shape)], x =>
      ops.resample(x!, [rows, columns], { mode, place, dataFormat }),
    );
    expect(compareTensors(session[0]!, host[0]!, float32Tolerance).why).toBeNull();
  });
});

describe('resample', () => {
  it('takes the cells that TensorFlow takes', async () => {
    const line = { dtype: 'float32', shape: [1, 4, 1], data: Float32Array.of(0, 10, 20, 30) } as const;
    const at = async (size: number, options: Parameters<typeof ops.resample>[2]) => {
      const { session } = await computeBoth([line], x => ops.resample(x!, [size], options));
      return [...(session[0]!.data as Float32Array)];
    };
    // tf.image.resize: nearest takes floor((i + 0.5) · 4 / 6); bilinear lies between middles, held at the ends.
    expect(await at(6, { mode: 'nearest' })).toEqual([0, 10, 10, 20, 30, 30]);
    expect(await at(8, { mode: 'nearest', place: 'corner' })).toEqual([0, 0, 10, 10, 20, 20, 30, 30]);
    expect(await at(8, { mode: 'linear' })).toEqual([0, 2.5, 7.5, 12.5, 17.5, 22.5, 27.5, 30]);
    expect(await at(8, { mode: 'linear', place: 'corner' })).toEqual([0, 5, 10, 15, 20, 25, 30, 30]);
  });

  it('takes sizes that are known only when it runs', async () => {
    const { session, host } = await computeBoth(
      [sample([2, 3, 5, 3])],
      x => ops.resample(x!, [ops.multiply(ops.shape(x!)[1]!, 2), 10], { mode: 'linear' }),
      [0, 1],
    );
    expect(session[0]!.shape).toEqual([2, 6, 10, 3]);
    expect(compareTensors(session[0]!, host[0]!, float32Tolerance).why).toBeNull();
  });
});
