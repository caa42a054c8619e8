/** Configs of all eras under today's names. */

import { describe, expect, it } from 'vitest';
import { normaliseLayer } from '../../src/eras/normalise/layer.ts';
import type { RuleContext } from '../../src/eras/normalise/rules.ts';
import type { JsonObject, Line } from '../../src/model/types.ts';

function context(line: Line, keras: string, backend: string | null = 'tensorflow'): RuleContext {
  return { era: { line, keras, backend }, ordering: 'channels_first' };
}

const keras1 = context('keras1', '1.2.2');
const keras2 = context('keras2', '2.2.4');
const tf2 = context('tf.keras', '2.8.0');
const keras3 = context('keras3', '3.10.0');

const layer = (className: string, config: JsonObject, rest: JsonObject = {}): JsonObject => ({
  class_name: className,
  config,
  ...rest,
});

describe('Keras 1', () => {
  it('renames convolutions and their arguments', () => {
    const stored = layer('Convolution2D', {
      name: 'c',
      nb_filter: 8,
      nb_row: 3,
      nb_col: 5,
      subsample: [2, 2],
      border_mode: 'same',
      dim_ordering: 'th',
      init: 'uniform',
      W_regularizer: { name: 'WeightRegularizer', l1: 0, l2: 0.1 },
      bias: true,
    });
    expect(normaliseLayer(stored, keras1)).toEqual({
      className: 'Conv2D',
      origin: 'layer',
      registeredName: null,
      config: {
        name: 'c',
        filters: 8,
        kernel_size: [3, 5],
        strides: [2, 2],
        padding: 'same',
        data_format: 'channels_first',
        kernel_initializer: { class_name: 'RandomUniform', config: { minval: -0.05, maxval: 0.05, seed: null } },
        kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.1 } },
        use_bias: true,
      },
    });
  });

  it('keeps embeddings apart: output_dim is not units', () => {
    expect(
      normaliseLayer(layer('Embedding', { input_dim: 9, output_dim: 4, init: 'uniform' }), keras1).config,
    ).toMatchObject({
      input_dim: 9,
      output_dim: 4,
    });
  });

  it('makes TimeDistributedDense a wrapper', () => {
    const found = normaliseLayer(layer('TimeDistributedDense', { name: 't', output_dim: 4, bias: true }), keras1);
    expect(found.className).toBe('TimeDistributed');
    expect(found.config.layer).toMatchObject({ class_name: 'Dense', config: { units: 4, use_bias: true } });
  });

  it('gives layers without an ordering that of the rest', () => {
    expect(normaliseLayer(layer('UpSampling2D', { size: [2, 2] }), keras1).config.data_format).toBe('channels_first');
  });

  it("pads as Theano did where Theano's backend wrote it", () => {
    const padding = (backend: string) =>
      normaliseLayer(layer('Convolution2D', { border_mode: 'same' }), context('keras1', '1.2.2', backend)).config
        .padding;
    expect([padding('theano'), padding('tensorflow')]).toEqual(['half', 'same']);
  });
});

describe('Keras 2 and tf.keras', () => {
  it('brings what was renamed under its new name', () => {
    expect(normaliseLayer(layer('LeakyReLU', { alpha: 0.1 }), tf2).config).toEqual({ negative_slope: 0.1 });
    expect(normaliseLayer(layer('InputLayer', { batch_input_shape: [null, 4] }), tf2).config).toEqual({
      batch_shape: [null, 4],
    });
    expect(normaliseLayer(layer('BatchNormalization', { axis: [3] }), tf2).config.axis).toBe(3);
  });

  it('says what the release left out', () => {
    expect(normaliseLayer(layer('GRU', { units: 3 }), keras2).config.reset_after).toBe(false);
    expect(normaliseLayer(layer('CuDNNGRU', { units: 3 }), keras2)).toMatchObject({
      className: 'GRU',
      config: { reset_after: true, recurrent_activation: 'sigmoid' },
    });
  });

  it('tells functions of one name apart', () => {
    const activation = (where: RuleContext) =>
      normaliseLayer(layer('Dense', { activation: 'hard_sigmoid' }), where).config.activation;
    expect([activation(keras2), activation(tf2), activation(keras3)]).toEqual([
      'hard_sigmoid_keras2',
      'hard_sigmoid_keras2',
      'hard_sigmoid',
    ]);
  });

  it('tells resizing of Keras 2 from that of tf.keras', () => {
    const interpolation = (where: RuleContext) =>
      normaliseLayer(layer('UpSampling2D', { interpolation: 'bilinear' }), where).config.interpolation;
    expect([interpolation(keras2), interpolation(tf2)]).toEqual(['bilinear_legacy', 'bilinear']);
  });

  it('normalises what is inside wrappers, whatever the nesting', () => {
    const inner = layer('LSTM', { units: 3, recurrent_activation: 'hard_sigmoid', implementation: 1 });
    const found = normaliseLayer(layer('Bidirectional', { layer: inner }), tf2);
    expect(found.config.layer).toMatchObject({
      class_name: 'LSTM',
      config: { units: 3, recurrent_activation: 'hard_sigmoid_keras2', zero_output_for_mask: true },
    });
  });

  it('unwraps tuples and arrays', () => {
    const stored = layer('Normalization', {
      axis: { class_name: '__tuple__', items: [1, 2] },
      mean: { class_name: '__numpy__', config: { value: [1, 2], dtype: 'float32' } },
      variance: { type: 'ndarray', value: [3] },
    });
    expect(normaliseLayer(stored, tf2).config).toEqual({ axis: [1, 2], mean: [1, 2], variance: [3] });
  });

  it('is the same when done twice', () => {
    const stored = layer('TimeDistributed', {
      layer: layer('Convolution1D', { nb_filter: 2, filter_length: 3, border_mode: 'same' }),
    });
    const once = normaliseLayer(stored, keras1);
    const again = normaliseLayer({ class_name: once.className, config: once.config }, keras1);
    expect(again.config).toEqual(once.config);
  });
});

describe('whose class it is', () => {
  it('takes a name that the release did not know for the user’s', () => {
    expect(normaliseLayer(layer('LayerNormalization', {}), keras2).origin).toBe('custom');
    expect(normaliseLayer(layer('LayerNormalization', {}), tf2).origin).toBe('layer');
  });

  it('keeps the registered name and leaves the arguments of custom classes alone', () => {
    const found = normaliseLayer(layer('pkg>Scale', { alpha: 2 }), tf2);
    expect(found).toEqual({ className: 'Scale', origin: 'custom', registeredName: 'pkg>Scale', config: { alpha: 2 } });
  });

  it('tells an operation from the layer of the same name', () => {
    const node = { inbound_nodes: [{ args: [], kwargs: {} }] };
    expect(normaliseLayer(layer('Add', { name: 'add' }, node), keras3).origin).toBe('operation');
    expect(normaliseLayer(layer('Add', { name: 'add', trainable: true }, node), keras3).origin).toBe('layer');
    expect(
      normaliseLayer(layer('Add', { name: 'add' }, { ...node, module: 'keras.src.ops.numpy' }), keras3).origin,
    ).toBe('operation');
    expect(normaliseLayer(layer('TFOpLambda', { function: 'math.add' }), tf2).origin).toBe('operation');
  });
});
