import { describe, expect, it } from 'vitest';
import { pairWeights, type WeightedLayer } from '../../src/failures/pair-weights.ts';

type Shape = readonly number[];

const wanted = (name: string, path: string, ...shapes: readonly Shape[]): WeightedLayer => ({
  name,
  className: 'Dense',
  path,
  shapes,
  tensors: [],
});

/** Tensors stand for their paths only. */
const stored = (name: string, prefix: string, ...shapes: readonly Shape[]): WeightedLayer => ({
  name,
  className: null,
  path: null,
  shapes,
  tensors: shapes.map(
    (shape, index) => ({ path: `${prefix}/${index}`, shape }) as unknown as WeightedLayer['tensors'][0],
  ),
});

describe('weights against an architecture', () => {
  it('pairs files of the .keras kind by path, whatever layers are called', () => {
    const pairing = pairWeights(
      [wanted('hidden', 'dense', [5, 6], [6]), wanted('out', 'dense_1', [6, 3], [3])],
      [stored('dense_1', 'layers/dense_1/vars', [6, 3], [3]), stored('dense', 'layers/dense/vars', [5, 6], [6])],
    );
    expect(pairing.by).toBe('path');
    expect(pairing.pairs.map(({ layer, stored: file, status }) => [layer, file, status])).toEqual([
      ['hidden', 'dense', 'match'],
      ['out', 'dense_1', 'match'],
    ]);
  });

  it('says which edit explains another number of units', () => {
    const { pairs, edit } = pairWeights(
      [wanted('hidden', 'dense', [5, 32], [32])],
      [stored('hidden', 'hidden/hidden', [5, 64], [64])],
    );
    expect(pairs[0]?.status).toBe('shape');
    expect(edit).toBe(
      '"hidden" has units=32 in the architecture and 64 in the file; that alone can explain every difference',
    );
  });

  it('finds the layer that one side lacks', () => {
    const { edit } = pairWeights(
      [wanted('a', 'dense', [5, 6], [6]), wanted('b', 'dense_1', [6, 6], [6]), wanted('c', 'dense_2', [6, 3], [3])],
      [stored('x', 'x/x', [5, 6], [6]), stored('z', 'z/z', [6, 3], [3])],
    );
    expect(edit).toBe('the file lacks "b"; that alone can explain every difference');
  });

  it('tells every edit once, and not what follows from it', () => {
    const { edit } = pairWeights(
      [
        wanted('a', 'dense', [5, 32], [32]),
        wanted('b', 'dense_1', [32, 16], [16]),
        wanted('c', 'dense_2', [16, 3], [3]),
      ],
      [stored('a', 'a/a', [5, 64], [64]), stored('b', 'b/b', [64, 16], [16]), stored('c', 'c/c', [16, 10], [10])],
    );
    expect(edit).toBe(
      '"a" has units=32 in the architecture and 64 in the file; "c" has units=3 in the architecture and 10 in the file',
    );
  });

  it('tells that the input has another size where no layer was changed', () => {
    const { edit } = pairWeights(
      [wanted('a', 'dense', [20, 8], [8]), wanted('b', 'dense_1', [8, 3], [3])],
      [stored('a', 'a/a', [12, 8], [8]), stored('b', 'b/b', [8, 3], [3])],
    );
    expect(edit).toMatch(/^"a" is given 20 features in the architecture and 12 in the file; that alone/);
  });

  it('finds several layers that were added, in a file that keeps them by path too', () => {
    const { by, edit } = pairWeights(
      [
        wanted('in', 'dense', [5, 6], [6]),
        wanted('new', 'dense_1', [6, 9], [9]),
        wanted('newer', 'dense_2', [9, 6], [6]),
        wanted('out', 'dense_3', [6, 3], [3]),
      ],
      [stored('dense_1', 'layers/dense_1/vars', [6, 3], [3]), stored('dense', 'layers/dense/vars', [5, 6], [6])],
    );
    expect(by).toBe('path');
    expect(edit).toBe('the file lacks "new", "newer"; that alone can explain every difference');
  });
});
