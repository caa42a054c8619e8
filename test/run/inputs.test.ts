/** What `predict` takes, and what it says of what it does not take. */

import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../src/model/types.ts';
import { type PredictInputs, readInputs } from '../../src/run/inputs.ts';

const picture: TensorSpec = { name: 'image', shape: [null, 2, 2, 1], dtype: 'float32' };
const ids: TensorSpec = { name: 'ids', shape: [null, 3], dtype: 'int32' };
const words: TensorSpec = { name: 'words', shape: [null, 1], dtype: 'string' };

const read = (given: PredictInputs, ...specs: TensorSpec[]) => readInputs(given, specs);

describe('inputs', () => {
  it('are typed arrays, whose length tells the batch', () => {
    const [tensor] = read(new Float32Array(8), picture);
    expect(tensor).toMatchObject({ dtype: 'float32', shape: [2, 2, 2, 1] });
  });

  it('are nested numbers', () => {
    const [tensor] = read([[1, 2, 3]], ids);
    expect(tensor).toEqual({ dtype: 'int32', shape: [1, 3], data: Int32Array.of(1, 2, 3) });
  });

  it('may lack the last axis, or have one too many, as in Keras', () => {
    expect(
      read(
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        picture,
      )[0]!.shape,
    ).toEqual([1, 2, 2, 1]);
    expect(read([[[1], [2], [3]]], ids)[0]!.shape).toEqual([1, 3]);
  });

  it('go by name or by order', () => {
    const byName = read({ ids: [[1, 2, 3]], image: new Float32Array(4) }, picture, ids);
    const byOrder = read([new Float32Array(4), Int32Array.of(1, 2, 3)], picture, ids);
    expect(byName).toEqual(byOrder);
  });

  it('are cast to what the model takes', () => {
    expect(read({ dtype: 'float64', shape: [1, 3], data: Float64Array.of(1.9, -2.9, 3) }, ids)[0]!.data).toEqual(
      Int32Array.of(1, -2, 3),
    );
    expect(read({ dtype: 'int64', shape: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) }, ids)[0]!.data).toEqual(
      Int32Array.of(1, 2, 3),
    );
  });

  it('may be strings', () => {
    expect(read([['a'], ['b']], words)[0]).toEqual({ dtype: 'string', shape: [2, 1], data: ['a', 'b'] });
  });

  it.each([
    [[new Float32Array(4), new Float32Array(4)], [picture], '2 inputs given, the model takes 1'],
    [
      { picture: [[1]] },
      [picture, ids],
      'the inputs do not match the model\'s: "image", "ids" missing, "picture" unknown',
    ],
    [[[1, 2]], [ids], 'input "ids": its shape is (1, 2), needed (None, 3)'],
    [
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
      [picture],
      'input "image": its shape is (1, 3, 2, 1), needed (None, 2, 2, 1)',
    ],
    [[1, 2, 3], [ids], 'input "ids": it has 1 axes, (3,), and needs 2, (None, 3)'],
    [
      [
        [1, 2, 3],
        [4, 5],
      ],
      [ids],
      'input "ids": the nested lists are of different lengths or depths',
    ],
    [new Float32Array(5), [picture], 'input "image": 5 elements do not fill (None, 2, 2, 1)'],
    [[['a', 'b', 'c']], [ids], 'input "ids": it holds string, needed int32'],
    [[[1]], [words], 'input "words": it holds float64, needed string'],
    [
      { image: new Float32Array(8), ids: [[1, 2, 3]] },
      [picture, ids],
      'input "ids": it holds 1 samples, "image" holds 2',
    ],
    [
      { dtype: 'float32', shape: [2, 3], data: new Float32Array(5) },
      [ids],
      'input "ids": its 5 elements do not fill the shape (2, 3)',
    ],
  ] as const)('that do not fit are told: %#', (given, specs, what) => {
    expect(() => read(given as PredictInputs, ...(specs as readonly TensorSpec[]))).toThrowError(
      expect.objectContaining({ code: 'bad-input', what }),
    );
  });
});
