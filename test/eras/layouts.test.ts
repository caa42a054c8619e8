/** Weights of older eras in today's layout, number by number. */

import { describe, expect, it } from 'vitest';
import type { Era } from '../../src/eras/era.ts';
import { joinGates, todaysLayout } from '../../src/eras/layouts/index.ts';
import type { JsonObject, TensorRef } from '../../src/model/types.ts';

function tensor(shape: readonly number[], data: readonly number[], path = 'w'): TensorRef {
  const read = async () => ({ dtype: 'float32' as const, shape, data: Float32Array.from(data) });
  return { path, shape, dtype: 'float32', storage: 'contiguous', plain: null, at: {}, conversions: [], read };
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const numbered = (shape: readonly number[]) =>
  tensor(
    shape,
    Array.from({ length: count(shape) }, (_, index) => index),
  );

const keras1: Era = { line: 'keras1', keras: '1.2.2', backend: 'tensorflow' };
const theano: Era = { ...keras1, backend: 'theano' };
const keras2: Era = { line: 'keras2', keras: '2.2.4', backend: 'tensorflow' };

async function kernel(className: string, config: JsonObject, stored: TensorRef, era: Era) {
  const today = todaysLayout({ kernel: stored }, { className, config, shapes: {} }, era).kernel!;
  return {
    shape: today.shape,
    data: Array.from((await today.read()).data as Float32Array),
    conversions: today.conversions,
  };
}

describe('kernels of Keras 1', () => {
  it('moves the channels of Theano ordering behind the sizes', async () => {
    const found = await kernel('Conv2D', { data_format: 'channels_first' }, numbered([2, 1, 2, 2]), keras1);
    expect(found).toMatchObject({ shape: [2, 2, 1, 2], data: [0, 4, 1, 5, 2, 6, 3, 7] });
    expect(found.conversions).toHaveLength(1);
  });

  it('leaves TensorFlow ordering as it is', async () => {
    const found = await kernel('Conv2D', { data_format: 'channels_last' }, numbered([2, 2, 1, 2]), keras1);
    expect(found).toMatchObject({ data: [0, 1, 2, 3, 4, 5, 6, 7], conversions: [] });
  });

  it('drops the axis of one-dimensional kernels without moving a number', async () => {
    const found = await kernel('Conv1D', {}, numbered([3, 1, 2, 1]), keras1);
    expect(found).toMatchObject({ shape: [3, 2, 1], data: [0, 1, 2, 3, 4, 5] });
  });

  it('turns kernels of Theano round', async () => {
    const found = await kernel('Conv2D', { data_format: 'channels_last' }, numbered([2, 2, 1, 1]), theano);
    expect(found.data).toEqual([3, 2, 1, 0]);
  });

  it('exchanges the channels of transposed convolutions', async () => {
    const found = await kernel('Conv2DTranspose', { data_format: 'channels_last' }, numbered([1, 1, 2, 3]), keras1);
    expect(found).toMatchObject({ shape: [1, 1, 3, 2], data: [0, 3, 1, 4, 2, 5] });
  });

  it('has nothing to do for later eras', async () => {
    expect(
      (await kernel('Conv2D', { data_format: 'channels_first' }, numbered([2, 2, 1, 2]), keras2)).conversions,
    ).toEqual([]);
  });
});

describe('gates of Keras 1', () => {
  const stored = [...'icfo'].flatMap((gate, index) => [
    { name: `lstm_1_W_${gate}:0`, tensor: tensor([1, 2], [10 * index, 10 * index + 1], `W_${gate}`) },
    { name: `lstm_1_U_${gate}:0`, tensor: tensor([2, 2], [1, 2, 3, 4]) },
    { name: `lstm_1_b_${gate}:0`, tensor: tensor([2], [index, index]) },
  ]);

  it('lie side by side in the order i, f, c, o', async () => {
    const joined = joinGates([...stored, { name: 'dense_1_W:0', tensor: numbered([2, 1]) }]);
    expect(joined.map(({ name }) => name)).toEqual([
      'lstm_1/kernel',
      'lstm_1/recurrent_kernel',
      'lstm_1/bias',
      'dense_1_W:0',
    ]);
    expect(Array.from((await joined[0]!.tensor.read()).data as Float32Array)).toEqual([0, 1, 20, 21, 10, 11, 30, 31]);
    expect(joined[1]!.tensor.shape).toEqual([2, 8]);
  });

  it('stay as they are where one is missing', () => {
    expect(joinGates(stored.slice(1))).toHaveLength(stored.length - 1);
  });
});

describe('CuDNN', () => {
  it('adds the two biases of an LSTM and transposes gate by gate', async () => {
    const weights = {
      kernel: numbered([3, 8]),
      recurrent_kernel: numbered([2, 8]),
      bias: tensor(
        [16],
        Array.from({ length: 16 }, (_, index) => index),
      ),
    };
    const today = todaysLayout(weights, { className: 'LSTMCell', config: {}, shapes: {} }, keras2);
    const read = async (name: keyof typeof weights) => Array.from((await today[name]!.read()).data as Float32Array);
    expect(await read('bias')).toEqual([8, 10, 12, 14, 16, 18, 20, 22]);
    // Gate 0 of the recurrent kernel is [[0, 1], [8, 9]], transposed [[0, 8], [1, 9]].
    expect((await read('recurrent_kernel')).slice(0, 2)).toEqual([0, 8]);
    // Gate 0 of the kernel lies as [[0, 1], [8, 9], [16, 17]]: read as (units, inputs) [[0, 1, 8], [9, 16, 17]].
    const kernel = await read('kernel');
    expect([kernel[0], kernel[1], kernel[8], kernel[9], kernel[16], kernel[17]]).toEqual([0, 9, 1, 16, 8, 17]);
    expect(today.bias!.storedElements).toBe(16);
  });

  it('keeps the two biases of a GRU as two rows', () => {
    const weights = { kernel: numbered([3, 6]), recurrent_kernel: numbered([2, 6]), bias: numbered([12]) };
    expect(todaysLayout(weights, { className: 'GRUCell', config: {}, shapes: {} }, keras2).bias!.shape).toEqual([2, 6]);
  });

  it('takes plain weights for plain', () => {
    const weights = { kernel: numbered([3, 8]), recurrent_kernel: numbered([2, 8]), bias: numbered([8]) };
    expect(todaysLayout(weights, { className: 'LSTM', config: {}, shapes: {} }, keras2)).toEqual(weights);
  });
});
