/** From configs to graphs: inbound nodes of both forms, node numbers of nested models, Sequentials of every shape. */

import { describe, expect, it } from 'vitest';
import type { ConfigContext } from '../../src/artefacts/config/context.ts';
import { readModel } from '../../src/artefacts/config/read-model.ts';
import type { JsonObject, Line, Model } from '../../src/model/types.ts';

function read(config: JsonObject, line: Line = 'keras2', keras = '2.2.4'): { model: Model; context: ConfigContext } {
  const context: ConfigContext = {
    era: { line, keras, backend: null },
    ordering: 'channels_last',
    path: 'config',
    findings: [],
    depth: 0,
  };
  return { model: readModel(config, context)!, context };
}

const entry = (className: string, name: string, inbound: unknown, config: object = {}) =>
  ({ class_name: className, name, config: { name, ...config }, inbound_nodes: inbound }) as JsonObject;

const functional = (layers: JsonObject[], inputs: unknown, outputs: unknown) =>
  ({ class_name: 'Model', config: { name: 'm', layers, input_layers: inputs, output_layers: outputs } }) as JsonObject;

const tensorAt = (layer: string, node = 0, tensor = 0) => ({ kind: 'tensor', at: { layer, node, tensor } });

const x = entry('InputLayer', 'x', [], { batch_input_shape: [null, 4] });
const h = entry('InputLayer', 'h', [], { batch_input_shape: [null, 3] });

describe('calls up to tf_keras', () => {
  const callsOf = (inbound: unknown) =>
    read(functional([x, h, entry('Dense', 'd', inbound)], [['x', 0, 0]], [['d', 0, 0]])).model.layers[2]!.calls;

  it('a lone tensor is the first argument', () => {
    expect(callsOf([[['x', 0, 0, {}]]])).toEqual([{ args: [tensorAt('x')], kwargs: {} }]);
    expect(callsOf([[['x', 0, 0]]])).toEqual([{ args: [tensorAt('x')], kwargs: {} }]);
  });

  it('several tensors are a list', () => {
    const calls = callsOf([
      [
        ['x', 0, 0, {}],
        ['h', 0, 0, {}],
      ],
    ]);
    expect(calls).toEqual([{ args: [{ kind: 'list', items: [tensorAt('x'), tensorAt('h')] }], kwargs: {} }]);
  });

  it('tensors and constants stand in kwargs', () => {
    const calls = callsOf([[['x', 0, 0, { value: ['h', 0, 0], scale: 2, both: [['x', 0, 0], 1] }]]]);
    expect(calls[0]!.kwargs).toEqual({
      value: tensorAt('h'),
      scale: { kind: 'value', value: 2 },
      both: { kind: 'list', items: [tensorAt('x'), { kind: 'value', value: 1 }] },
    });
  });

  it('the flat form of operations, dictionaries and constants', () => {
    expect(callsOf([['x', 0, 0, { y: 1 }]])[0]).toMatchObject({ args: [tensorAt('x')] });
    expect(callsOf([{ a: ['x', 0, 0, {}] }])[0]!.args[0]).toEqual({ kind: 'record', entries: { a: tensorAt('x') } });
    expect(callsOf([[['_CONSTANT_VALUE', -1, 3, {}]]])[0]!.args[0]).toEqual({ kind: 'value', value: 3 });
  });

  it('a call of nothing is a finding, not a crash', () => {
    const { model, context } = read(
      functional([x, entry('Dense', 'd', [[['gone', 0, 0, {}]]])], [['x', 0, 0]], [['d', 0, 0]]),
    );
    expect(model.layers[1]!.calls).toEqual([{ args: [], kwargs: {} }]);
    expect(context.findings[0]).toMatchObject({
      code: 'config-bad-node',
      at: { pointer: '/config/layers/1/inbound_nodes/0' },
    });
  });
});

describe('calls of Keras 3', () => {
  const reference = (layer: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 4], dtype: 'float32', keras_history: [layer, 0, 0] },
  });

  it('keep every argument where the call had it', () => {
    const inbound = [{ args: [[reference('x'), reference('h')], 2], kwargs: { mask: null, y: reference('h') } }];
    const { model } = read(
      functional([x, h, entry('Add', 'a', inbound)], ['x', 0, 0], ['a', 0, 0]),
      'keras3',
      '3.15.0',
    );
    expect(model.layers[2]!.calls[0]).toEqual({
      args: [
        { kind: 'list', items: [tensorAt('x'), tensorAt('h')] },
        { kind: 'value', value: 2 },
      ],
      kwargs: { mask: { kind: 'value', value: null }, y: tensorAt('h') },
    });
    expect(model.inputs).toEqual({ layer: 'x', node: 0, tensor: 0 });
  });
});

describe('models within models', () => {
  const inner = (inbound: unknown) =>
    ({
      ...functional([entry('InputLayer', 'i', [], { batch_input_shape: [null, 4] })], [['i', 0, 0]], [['i', 0, 0]]),
      name: 'inner',
      inbound_nodes: inbound,
    }) as JsonObject;

  it('count their own making as their first call, except in Keras 3', () => {
    const layers = [x, inner([[['x', 0, 0, {}]]]), entry('Dense', 'd', [[['inner', 1, 0, {}]]])];
    const two = read(functional(layers, [['x', 0, 0]], [['d', 0, 0]])).model;
    expect(two.layers[2]!.calls[0]!.args[0]).toEqual(tensorAt('inner', 0));
    expect(two.layers[1]!.model!.className).toBe('Functional');
    const three = read(
      functional([x, inner([[['x', 0, 0, {}]]])], [['x', 0, 0]], [['inner', 0, 0]]),
      'keras3',
      '3.10.0',
    ).model;
    expect(three.outputs).toEqual([{ layer: 'inner', node: 0, tensor: 0 }]);
  });

  it('end somewhere', () => {
    let config: JsonObject = functional([x], [['x', 0, 0]], [['x', 0, 0]]);
    for (let depth = 0; depth < 60; depth += 1) config = functional([config], [], []);
    const { context } = read(config);
    expect(context.findings.some(({ code }) => code === 'config-too-deep')).toBe(true);
  });

  it('keep inputs and outputs in their nesting', () => {
    const { model } = read(
      functional([x, h], { a: ['x', 0, 0], b: [['h', 0, 0]] }, [[['x', 0, 0]], ['h', 0, 0]]),
      'tf.keras',
      '2.15.0',
    );
    expect(model.inputs).toEqual({ a: { layer: 'x', node: 0, tensor: 0 }, b: [{ layer: 'h', node: 0, tensor: 0 }] });
    expect(model.outputs).toEqual([[{ layer: 'x', node: 0, tensor: 0 }], { layer: 'h', node: 0, tensor: 0 }]);
  });
});

describe('Sequential', () => {
  const dense = (config: object) => ({ class_name: 'Dense', config: { units: 2, ...config } }) as JsonObject;
  const names = (model: Model) => model.layers.map(({ name, className }) => `${name}:${className}`);

  it('as a bare list, its input told by the first layer', () => {
    const { model } = read({ class_name: 'Sequential', config: [dense({ name: 'd', batch_input_shape: [null, 4] })] });
    expect(names(model)).toEqual(['d_input:InputLayer', 'd:Dense']);
    expect(model.layers[0]!.config.batch_shape).toEqual([null, 4]);
    expect(model.layers[1]!.calls[0]!.args[0]).toEqual(tensorAt('d_input'));
  });

  it('with an InputLayer, with what it was built with, or with nothing', () => {
    const withInput = {
      layers: [{ class_name: 'InputLayer', config: { name: 'i', batch_shape: [null, 4] } }, dense({ name: 'd' })],
    };
    expect(names(read({ class_name: 'Sequential', config: withInput }, 'keras3', '3.6.0').model)).toEqual([
      'i:InputLayer',
      'd:Dense',
    ]);
    const built = { name: 's', layers: [dense({ name: 'd' })], build_input_shape: [null, 7] };
    expect(read({ class_name: 'Sequential', config: built }).model.layers[0]!.config.batch_shape).toEqual([null, 7]);
    const bare = read({ class_name: 'Sequential', config: { layers: [dense({ name: 'd' })] } }).model;
    expect(bare.layers[0]!.config.batch_shape).toBeNull();
  });

  it('of Keras 1 that begins with a Merge becomes the graph that it is', () => {
    const branch = (name: string) => ({
      class_name: 'Sequential',
      config: [dense({ name, batch_input_shape: [null, 4] })],
    });
    const merge = {
      class_name: 'Merge',
      config: { name: 'merge', mode: 'concat', layers: [branch('a'), branch('b')] },
    } as JsonObject;
    const { model } = read({ class_name: 'Sequential', config: [merge, dense({ name: 'c' })] }, 'keras1', '1.2.2');
    expect(model.className).toBe('Functional');
    expect(names(model)).toEqual([
      'a_input:InputLayer',
      'a:Dense',
      'b_input:InputLayer',
      'b:Dense',
      'merge:Merge',
      'c:Dense',
    ]);
    expect(model.layers[4]!.calls[0]!.args[0]).toEqual({ kind: 'list', items: [tensorAt('a'), tensorAt('b')] });
    expect(model.inputs).toHaveLength(2);
  });
});
