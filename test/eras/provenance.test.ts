/** Who wrote a file, from what it states and what gives its writer away. */

import { describe, expect, it } from 'vitest';
import { traceProvenance } from '../../src/eras/provenance.ts';

const stated = (text: string) => ({ text, where: 'attribute keras_version of /' });

describe('traceProvenance', () => {
  it('believes a stated version', () => {
    const found = traceProvenance({ kerasVersion: stated('2.2.4-tf'), backend: 'tensorflow' });
    expect(found).toMatchObject({ line: 'tf.keras', keras: '2.2.4', backend: 'tensorflow' });
    expect(found.evidence[0]).toContain('2.2.4-tf is stated by attribute keras_version');
  });

  it('tells TensorFlow 1 from 2.0 under one version by the dtype in initializers', () => {
    const initializer = (config: object) => ({ kernel_initializer: { class_name: 'GlorotUniform', config } });
    const one = traceProvenance({
      kerasVersion: stated('2.2.4-tf'),
      config: initializer({ seed: null, dtype: 'float32' }) as never,
    });
    const two = traceProvenance({ kerasVersion: stated('2.2.4-tf'), config: initializer({ seed: null }) as never });
    expect([one.tensorflow, two.tensorflow]).toEqual(['1.13–1.15', '2.0']);
  });

  it("knows Keras 1's backend by the suffix of its weights", () => {
    const backend = (names: string[]) => traceProvenance({ kerasVersion: stated('1.2.2'), weightNames: names }).backend;
    expect(backend(['dense_1_W', 'dense_1_b'])).toBe('theano');
    expect(backend(['dense_1_W:0', 'dense_1_b:0'])).toBe('tensorflow');
  });

  it('finds the line by the words of a config without a version', () => {
    const line = (config: object) => traceProvenance({ config: config as never }).line;
    expect(line({ config: { layers: [{ config: { nb_filter: 3 } }] } })).toBe('keras1');
    expect(line({ config: { batch_shape: [null, 3] } })).toBe('keras3');
    expect(line({ module: 'tf_keras.src.engine.sequential' })).toBe('tf_keras');
    expect(line({ config: {} })).toBeNull();
  });

  it('finds the line by the names of weights alone', () => {
    expect(traceProvenance({ weightNames: ['dense_1_W', 'dense_1_b'] })).toMatchObject({
      line: 'keras1',
      backend: 'theano',
    });
    expect(traceProvenance({ weightNames: ['sequential/dense/kernel'] }).line).toBe('keras3');
  });

  it('says when a config contradicts the stated version', () => {
    const found = traceProvenance({ kerasVersion: stated('2.8.0'), config: { batch_shape: [null] } as never });
    expect(found.line).toBe('tf.keras');
    expect(found.evidence.at(-2) ?? '').toContain('which tf.keras does not write');
  });
});
