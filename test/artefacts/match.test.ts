/** Which stored tensor is which variable: order first, names where the order cannot be. */

import { describe, expect, it } from 'vitest';
import { matchWeights, type StoredWeight } from '../../src/artefacts/weights/match.ts';
import { readWeightName, sameVariable } from '../../src/artefacts/weights/names.ts';
import type { Slot } from '../../src/artefacts/weights/slots.ts';
import type { TensorRef } from '../../src/model/types.ts';

function stored(name: string, shape: readonly number[] = [2]): StoredWeight {
  return { name, tensor: { path: name, shape } as TensorRef };
}

function slot(name: string, scopes: readonly string[], shape: readonly number[] = [2], optional = false): Slot {
  const variable = { name, shape, trainable: true, dtype: 'float32' as const, optional };
  return { variable, scopes, trainable: true, owner: null as never };
}

const fits = ({ variable }: Slot, { tensor }: StoredWeight) => String(variable.shape) === String(tensor.shape);

function pairs(slots: readonly Slot[], weights: readonly StoredWeight[]): string[] {
  const { pairs, missing, extra } = matchWeights(slots, weights, fits);
  return [
    ...pairs.map(({ slot, weight }) => `${slot.scopes.at(-1)}.${slot.variable.name}=${weight.name}`),
    ...missing.map(({ variable }) => `missing ${variable.name}`),
    ...extra.map(({ name }) => `extra ${name}`),
  ];
}

describe('readWeightName', () => {
  it.each([
    ['dense_1_W:0', 'kernel', ['dense_1']],
    ['batchnormalization_1_running_std', 'moving_variance', ['batchnormalization_1']],
    ['lstm/lstm_cell/recurrent_kernel:0', 'recurrent_kernel', ['lstm', 'lstm_cell']],
    ['kernel', 'kernel', []],
  ])('%s', (name, variable, scopes) => {
    expect(readWeightName(name)).toEqual({ variable, scopes });
  });

  it('takes numbered copies for the same variable', () => {
    expect(sameVariable('kernel_3', 'kernel')).toBe(true);
    expect(sameVariable('depthwise_kernel', 'kernel')).toBe(true);
    expect(sameVariable('bias', 'kernel')).toBe(false);
  });
});

describe('matchWeights', () => {
  const dense = [slot('kernel', ['dense'], [3, 2]), slot('bias', ['dense'])];

  it('goes by order where names agree', () => {
    expect(pairs(dense, [stored('dense/kernel:0', [3, 2]), stored('dense/bias:0')])).toEqual([
      'dense.kernel=dense/kernel:0',
      'dense.bias=dense/bias:0',
    ]);
  });

  it('goes by order where the names mean nothing', () => {
    expect(pairs(dense, [stored('Variable:0', [3, 2]), stored('Variable_1:0')])).toEqual([
      'dense.kernel=Variable:0',
      'dense.bias=Variable_1:0',
    ]);
  });

  it('goes by name where the file has another order', () => {
    expect(pairs(dense, [stored('dense/bias:0'), stored('dense/kernel:0', [3, 2])])).toEqual([
      'dense.kernel=dense/kernel:0',
      'dense.bias=dense/bias:0',
    ]);
  });

  it('tells layers inside a model apart by their names when shapes do not', () => {
    const slots = [slot('kernel', ['model', 'a']), slot('kernel', ['model', 'b'])];
    expect(pairs(slots, [stored('b/kernel:0'), stored('a/kernel:0')])).toEqual([
      'a.kernel=a/kernel:0',
      'b.kernel=b/kernel:0',
    ]);
  });

  it('leaves out what is optional', () => {
    const slots = [slot('gamma', ['ln']), slot('beta', ['ln'], [2], true)];
    expect(pairs(slots, [stored('ln/gamma:0')])).toEqual(['ln.gamma=ln/gamma:0']);
  });

  it('says what is missing and what is left over', () => {
    expect(pairs(dense, [stored('dense/kernel:0', [3, 2]), stored('dense/scale:0', [7])])).toEqual([
      'dense.kernel=dense/kernel:0',
      'missing bias',
      'extra dense/scale:0',
    ]);
  });
});
