/** Versions, lines and what each line knows. */

import { describe, expect, it } from 'vitest';
import { eraOf, isKeras3, lineOfVersion, tensorflowOfKeras } from '../../src/eras/era.ts';
import { isKerasModule, isKnownIn } from '../../src/eras/names.ts';
import { compareVersions, inVersions, parseVersion, plainVersion } from '../../src/eras/versions.ts';

describe('compareVersions', () => {
  it('compares numbers, not text', () => {
    expect(compareVersions('3.10.0', '3.9')).toBeGreaterThan(0);
    expect(compareVersions('2.2.4-tf', '2.2.4')).toBe(0);
    expect(compareVersions('3.0', '3.0.0')).toBe(0);
  });

  it('puts candidates before their release', () => {
    expect(compareVersions('2.16.0rc1', '2.16.0')).toBeLessThan(0);
    expect(compareVersions('3.0.0.dev202311', '3.0.0')).toBeLessThan(0);
  });

  it('takes ranges as from, before', () => {
    expect(inVersions('3.4.0', '3.4', '3.5')).toBe(true);
    expect(inVersions('3.5.0', '3.4', '3.5')).toBe(false);
  });

  it('reads what files write', () => {
    expect(parseVersion('no version')).toBeNull();
    expect(plainVersion('2.3.0-tf')).toBe('2.3.0');
  });
});

describe('lineOfVersion', () => {
  it.each([
    ['1.2.2', 'keras1'],
    ['2.2.4', 'keras2'],
    ['2.2.4-tf', 'tf.keras'],
    ['2.4.0', 'tf.keras'],
    ['2.15.0', 'tf.keras'],
    ['2.21.0', 'tf_keras'],
    ['3.10.0', 'keras3'],
  ])('%s is %s', (version, line) => {
    expect(lineOfVersion(version)).toBe(line);
  });

  it('knows which TensorFlow shipped which tf.keras', () => {
    expect(tensorflowOfKeras('2.4.0')).toBe('2.3 or 2.4');
    expect(tensorflowOfKeras('2.8.0')).toBe('2.8');
  });
});

describe('eraOf', () => {
  it('fills what a file does not say with what most files of its line are', () => {
    expect(eraOf({ line: 'keras1', keras: null, backend: null }).keras).toBe('1.2.2');
    expect(isKeras3(eraOf({ line: null, keras: '3.1.0', backend: null }), '3.0', '3.4')).toBe(true);
  });
});

describe('isKnownIn', () => {
  const era = (line: 'keras2' | 'tf.keras' | 'keras3', keras: string) => ({ line, keras, backend: null });

  it('asks the release that wrote the file', () => {
    expect(isKnownIn(era('keras2', '2.2.4'), 'layer', 'LayerNormalization')).toBe(false);
    expect(isKnownIn(era('tf.keras', '2.8.0'), 'layer', 'LayerNormalization')).toBe(true);
    expect(isKnownIn(era('keras2', '2.2.4'), 'activation', 'relu6')).toBe(false);
    expect(isKnownIn(era('keras3', '3.6.0'), 'activation', 'relu6')).toBe(true);
  });

  it('tells modules of Keras from the users’', () => {
    expect(isKerasModule('keras.src.ops.numpy')).toBe(true);
    expect(isKerasModule('keras_hub.models')).toBe(false);
    expect(isKerasModule('builtins')).toBe(false);
  });
});
