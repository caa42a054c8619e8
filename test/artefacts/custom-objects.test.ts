/** The census of custom objects: where each is named, of what kind, and what for. */

import { describe, expect, it } from 'vitest';
import { censusOf } from '../../src/artefacts/custom-objects.ts';
import type { Era } from '../../src/eras/era.ts';
import type { Json } from '../../src/model/types.ts';

const tf2: Era = { line: 'tf.keras', keras: '2.8.0', backend: null };
const keras3: Era = { line: 'keras3', keras: '3.10.0', backend: null };

const layer = (className: string, config: object, rest: object = {}) => ({
  class_name: className,
  config: { name: 'l', trainable: true, ...config },
  ...rest,
});

function census(config: object | undefined, training: object | undefined, era: Era): string[] {
  const found = censusOf(config as Json | undefined, training as Json | undefined, era, 'config');
  return found.map(
    ({ kind, name, registeredName, neededFor }) =>
      `${neededFor} ${kind} ${name}${registeredName === name ? '' : ` as ${registeredName}`}`,
  );
}

describe('censusOf', () => {
  it('finds nothing in what is all of Keras', () => {
    const config = layer('Dense', {
      activation: 'relu',
      kernel_initializer: { class_name: 'GlorotUniform', config: {} },
      kernel_regularizer: { class_name: 'L2', config: { l2: 0.1 } },
    });
    expect(
      census(
        config,
        { loss: 'mse', metrics: ['accuracy', ['mae']], optimizer_config: { class_name: 'Custom>Adam', config: {} } },
        tf2,
      ),
    ).toEqual([]);
  });

  it('finds layers, registered ones by their full name', () => {
    expect(
      census(
        { class_name: 'Sequential', config: { layers: [layer('pkg>Scale', {}), layer('Plain', {})] } },
        undefined,
        tf2,
      ),
    ).toEqual(['architecture layer Scale as pkg>Scale', 'architecture layer Plain']);
  });

  it('knows kinds by where a name stands', () => {
    const config = layer('Dense', {
      activation: 'my_act',
      kernel_initializer: { class_name: 'MyInit', config: {} },
      kernel_regularizer: { class_name: 'MyReg', config: {} },
      bias_constraint: { class_name: 'MyConstraint', config: {} },
    });
    expect(census(config, undefined, tf2)).toEqual([
      'architecture activation my_act',
      'architecture initializer MyInit',
      'architecture regularizer MyReg',
      'architecture constraint MyConstraint',
    ]);
  });

  it('reads functions as objects, and takes those of Keras for Keras’s', () => {
    const named = (config: string) => ({
      module: 'builtins',
      class_name: 'function',
      config,
      registered_name: 'function',
    });
    expect(census(layer('Dense', { activation: named('my_act') }), undefined, keras3)).toEqual([
      'architecture activation my_act',
    ]);
    expect(census(layer('Lambda', { function: named('relu') }), undefined, keras3)).toEqual([]);
  });

  it('lists what only training needs apart', () => {
    const training = {
      loss: { out: 'my_loss' },
      metrics: [[{ class_name: 'MeanMetricWrapper', config: { fn: 'my_metric' } }]],
      optimizer_config: { class_name: 'SlowSGD', config: { learning_rate: { class_name: 'MySchedule', config: {} } } },
    };
    expect(census(undefined, training, tf2)).toEqual([
      'compile loss my_loss',
      'compile metric my_metric',
      'compile optimizer SlowSGD',
      'compile schedule MySchedule',
    ]);
  });

  it('asks the release that wrote the file', () => {
    const config = layer('Activation', { activation: 'relu6' });
    expect(census(config, undefined, { line: 'keras2', keras: '2.2.4', backend: null })).toEqual([
      'architecture activation relu6',
    ]);
    expect(census(config, undefined, keras3)).toEqual([]);
  });

  it('names a custom model and what is inside a custom layer', () => {
    const config = { class_name: 'TinyModel', config: { inner: layer('Block', {}) } };
    expect(census(config, undefined, tf2)).toEqual(['architecture model TinyModel', 'architecture layer Block']);
  });
});
