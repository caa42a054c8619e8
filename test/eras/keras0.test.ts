/** Architectures of Keras before 1.0 as Keras 1 would have stored them. */

import { describe, expect, it } from 'vitest';
import { openArtefact } from '../../src/artefacts/open.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { isKeras0, keras0AsKeras1 } from '../../src/eras/keras0.ts';

const dense = (more: object = {}) => ({
  name: 'Dense',
  custom_name: 'dense',
  output_dim: 2,
  activation: 'linear',
  cache_enabled: true,
  ...more,
});

describe('Keras 0', () => {
  it('names every layer once', () => {
    const stored = { name: 'Sequential', layers: [dense({ input_shape: [3] }), dense()] };
    expect(isKeras0(stored)).toBe(true);
    expect(keras0AsKeras1(stored)).toEqual({
      class_name: 'Sequential',
      config: [
        {
          class_name: 'Dense',
          config: { name: 'dense', output_dim: 2, activation: 'linear', batch_input_shape: [null, 3] },
        },
        { class_name: 'Dense', config: { name: 'dense_1', output_dim: 2, activation: 'linear' } },
      ],
    });
  });

  it('opens a graph whose nodes merge others', async () => {
    const text = [
      'name: Graph',
      'input_order: [x]',
      'input_config:',
      '- {name: x, input_shape: !!python/tuple [4], dtype: float}',
      'node_config:',
      '- {name: a, input: x, inputs: &id001 [], merge_mode: concat}',
      '- {name: b, input: x, inputs: *id001, merge_mode: concat}',
      '- {name: c, input: null, inputs: [a, b], merge_mode: concat, concat_axis: -1}',
      'nodes:',
      ...['a', 'b', 'c'].map(
        name => `  ${name}: {name: Dense, custom_name: ${name}, output_dim: 3, activation: linear}`,
      ),
      'output_config:',
      '- {name: out, input: c, inputs: []}',
    ].join('\n');
    const { model, provenance } = await openArtefact(memorySource(new TextEncoder().encode(text)));
    expect(provenance).toMatchObject({ line: 'keras1', keras: null });
    expect(model!.layers.map(({ name }) => name)).toEqual(['x', 'a', 'b', 'c_merge', 'c']);
    expect(model!.layers[4]!.weights[0]!.shape).toEqual([6, 3]);
    expect(model!.outputs).toEqual([{ layer: 'c', node: 0, tensor: 0 }]);
  });

  it('is told from later configs', () => {
    expect(isKeras0({ class_name: 'Sequential', name: 'Sequential', layers: [] })).toBe(false);
    expect(isKeras0({ name: 'Sequential' })).toBe(false);
  });
});
