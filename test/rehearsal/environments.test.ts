import { expect, test } from 'vitest';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';

test.each([
  ['keras==3.4.1', 'keras-3.4.1+tf-2.16'],
  ['keras==3.15.1', 'keras-3.15.1+tf-2.21'],
  ['keras==2.2.4', 'keras-2.2.4+tf-1.15'],
  ['keras==2.2.4,h5py==3.8.0', 'keras-2.2.4+tf-1.15+h5py-3'],
  ['keras==1.2.2,backend==theano', 'keras-1.2.2+theano'],
  ['keras==3.10.0,backend=jax', 'keras-3.10.0+jax-0.5'],
  ['tensorflow==2.11', 'tf-2.11.0'],
  ['tensorflow-intel==2.13.1', 'tf-2.13.1'],
  ['tf_keras==2.16.0', 'tf_keras-2.16'],
  ['tensorflow==2.16.2,TF_USE_LEGACY_KERAS=1', 'tf_keras-2.16'],
])('the pins %s are the environment %s', (pins, id) => {
  expect(parseEnvironment(pins).id).toBe(id);
});

test.each([
  ['tensorflow==2.16.1', { line: 'keras3', keras: '3.3.3', tensorflow: '2.16.1' }],
  ['tensorflow==2.17.0', { line: 'keras3', keras: '3.5.0', numpy: '1.26.4' }],
  ['tf-keras==2.17', { line: 'tf_keras', keras: '2.17.0', tensorflow: '2.17.1' }],
  ['keras==2.2.5', { line: 'keras2', keras: '2.2.5', tensorflow: '1.15.0', h5py: '2.10.0' }],
  ['keras==3.8.0,backend=torch', { line: 'keras3', keras: '3.8.0', tensorflow: null, backend: 'torch' }],
  ['tensorflow==2.4.1,h5py==3.1.0', { line: 'tf.keras', keras: '2.4.0', h5py: '3.1.0', python: '3.7.9' }],
])('the pins %s are completed, and keep their own words', (pins, expected) => {
  expect(parseEnvironment(pins)).toMatchObject({ ...expected, id: pins });
});
