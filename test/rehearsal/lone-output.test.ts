/** A graph inside a Sequential whose only output stands in a list: some releases of Keras 3 unpack it, others do not. */

import { expect, it } from 'vitest';
import { readRawArtefact } from '../../src/artefacts/raw/index.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';

const layer = (className: string, config: object, extra: object = {}) => ({
  module: 'keras.layers',
  class_name: className,
  config,
  registered_name: null,
  ...extra,
});

const base = {
  module: 'keras.src.models.functional',
  class_name: 'Functional',
  registered_name: 'Functional',
  config: {
    name: 'base',
    trainable: true,
    layers: [
      layer(
        'InputLayer',
        { batch_shape: [null, 4], dtype: 'float32', sparse: false, name: 'in' },
        { name: 'in', inbound_nodes: [] },
      ),
      layer(
        'Activation',
        { name: 'act', activation: 'relu' },
        {
          name: 'act',
          inbound_nodes: [
            {
              args: [
                {
                  class_name: '__keras_tensor__',
                  config: { shape: [null, 4], dtype: 'float32', keras_history: ['in', 0, 0] },
                },
              ],
              kwargs: {},
            },
          ],
        },
      ),
    ],
    input_layers: [['in', 0, 0]],
    output_layers: [['act', 0, 0]],
  },
};

async function foresee(env: string, last: object) {
  const config = {
    module: 'keras',
    class_name: 'Sequential',
    config: { name: 'outer', trainable: true, layers: [base, last] },
    registered_name: null,
  };
  const source = memorySource(new TextEncoder().encode(JSON.stringify(config)), 'model.json');
  const raw = await readRawArtefact({ kind: 'file', path: 'model.json', source });
  const { outcome, exception } = rehearse(raw, parseEnvironment(env), 'json');
  return exception ? `${exception.type}: ${exception.message.split('\n')[0]}` : outcome;
}

const dense = layer('Dense', { name: 'last', units: 2 });

it.each([
  ['keras==3.5.0', 'loads'],
  ['keras==3.10.0', 'loads'],
  ['keras==3.11.3', 'ValueError: Invalid dtype: tuple'],
  [
    'keras==3.15.1',
    "ValueError: Cannot convert '((None, 4), 2)' to a shape. Found invalid dimension '(None, 4)' of type '<class 'tuple'>'. ",
  ],
])('a Dense behind it in %s', async (env, expected) => {
  expect(await foresee(env, dense)).toBe(expected);
});

it('passes through what computes element by element', async () => {
  expect(await foresee('keras==3.15.1', layer('Dropout', { name: 'drop', rate: 0.5 }))).toBe('loads');
});
