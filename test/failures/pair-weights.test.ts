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
    expect(edit).toBe('"hidden" has 32 units (or filters) in the architecture and 64 in the file');
  });

  it('finds the layer that one side lacks', () => {
    const { edit } = pairWeights(
      [wanted('a', 'dense', [5, 6], [6]), wanted('b', 'dense_1', [6, 6], [6]), wanted('c', 'dense_2', [6, 3], [3])],
      [stored('x', 'x/x', [5, 6], [6]), stored('z', 'z/z', [6, 3], [3])],
    );
    expect(edit).toBe('the file lacks "b"; without it all others fit in order');
  });
});
