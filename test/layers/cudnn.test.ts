/** CuDNN layers compute what plain layers compute on weights that the reader converted. */

import { describe, expect, it } from 'vitest';
import { cudnn } from '../../src/eras/layouts/cudnn.ts';
import { instantiate } from '../../src/layers/build.ts';
import { startTracing } from '../../src/layers/calling.ts';
import { float32Policy } from '../../src/layers/policy.ts';
import type { JsonObject, Layer, TensorRef, Weight } from '../../src/model/types.ts';
import { compareTensors, float32Tolerance } from '../../src/numbers/compare.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';
import { compileProgram } from '../../src/run/program.ts';
import { sample } from '../run/both.ts';

type Refs = { readonly [name: string]: TensorRef };

function ref(tensor: Tensor): TensorRef {
  const { shape, dtype } = tensor;
  return { path: '', shape, dtype, storage: '', plain: null, at: {}, conversions: [], read: async () => tensor };
}

async function compute(
  className: string,
  config: JsonObject,
  own: Refs,
  cell: Refs | null,
  x: Tensor,
): Promise<Tensor[]> {
  const weightsOf = (refs: Refs): Weight[] =>
    Object.entries(refs).map(([name, tensor]) => ({ name, shape: tensor.shape, trainable: true, tensor }));
  const tracing = startTracing({}, () => {
    throw new Error('no models here');
  });
  const base = { registeredName: null, dtype: float32Policy, model: null, assets: {} };
  const inner: Layer = {
    ...base,
    name: 'cell',
    className: `${className}Cell`,
    origin: 'layer',
    config,
    sublayers: {},
    weights: cell ? weightsOf(cell) : [],
    trainable: true,
    calls: [],
    buildShape: null,
    at: {},
  };
  const source = {
    ...base,
    name: 'layer',
    className,
    origin: 'layer' as const,
    config,
    sublayers: (cell ? { cell: inner } : {}) as Layer['sublayers'],
    weights: weightsOf(own),
  };
  const input = ops.input([null, 5, 3], 'float32', 'x');
  const { outputs } = instantiate(source, 'layer', tracing).call([input]);
  const weights = new Map(tracing.weights.map(({ tensor, weight }) => [tensor.node.id, weight!.tensor!]));
  const program = await compileProgram([input], outputs, weights, nodeBackend, { prepack: false });
  const results = await program.run([x]);
  await program.release();
  return results;
}

describe.each([
  ['LSTM', 4, {}],
  ['GRU', 3, { reset_after: true }],
] as const)('CuDNN%s', (className, gates, extra) => {
  it.each([true, false])('agrees with the plain layer, going backwards: %s', async backwards => {
    const units = 4;
    const config = { units, return_sequences: true, return_state: true, go_backwards: backwards };
    const stored = {
      kernel: ref(sample([3, gates * units], 'float32', { seed: 2 })),
      recurrent_kernel: ref(sample([units, gates * units], 'float32', { seed: 3 })),
      bias: ref(sample([2 * gates * units], 'float32', { seed: 4 })),
    };
    const plain = cudnn.apply(
      stored,
      { className: `${className}Cell`, config, shapes: {} },
      {
        line: 'keras2',
        keras: '2.2.4',
        backend: 'tensorflow',
      },
    )! as Refs;
    const x = sample([2, 5, 3]);
    const found = await compute(`CuDNN${className}`, config, stored, null, x);
    const expected = await compute(className, { ...config, ...extra }, {}, plain, x);
    expect(found.map((tensor, at) => compareTensors(tensor, expected[at]!, float32Tolerance).why)).toEqual(
      found.map(() => null),
    );
  });
});
