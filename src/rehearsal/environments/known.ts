/** Environments known by name: releases of Keras with what was installed beside them, as really tried together. */

import type { Environment } from './types.ts';

type Row = readonly [
  id: string,
  line: Environment['line'],
  keras: string,
  tensorflow: string | null,
  backend: string,
  h5py: string,
  numpy: string,
  python: string,
];

const rows: readonly Row[] = [
  ['keras-1.2.2+tf-1.13', 'keras1', '1.2.2', '1.13.2', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-1.2.2+theano', 'keras1', '1.2.2', null, 'theano', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-2.0.8+tf-1.15', 'keras2', '2.0.8', '1.15.0', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-2.1.6+tf-1.15', 'keras2', '2.1.6', '1.15.0', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-2.2.4+tf-1.15+h5py-3', 'keras2', '2.2.4', '1.15.0', 'tensorflow', '3.8.0', '1.18.5', '3.7.9'],
  ['keras-2.2.4+tf-1.15', 'keras2', '2.2.4', '1.15.0', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-2.2.4+tf-2.4', 'keras2', '2.2.4', '2.4.4', 'tensorflow', '2.10.0', '1.19.5', '3.7.9'],
  ['keras-2.3.1+tf-1.15', 'keras2', '2.3.1', '1.15.0', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['keras-2.3.1+tf-2.4', 'keras2', '2.3.1', '2.4.4', 'tensorflow', '2.10.0', '1.19.5', '3.7.9'],
  ['keras-3.0.5+tf-2.16', 'keras3', '3.0.5', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['keras-3.1.1+tf-2.16', 'keras3', '3.1.1', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['keras-3.10.0+jax-0.5', 'keras3', '3.10.0', null, 'jax', '3.16.0', '2.1.3', '3.11.7'],
  ['keras-3.10.0+tf-2.19', 'keras3', '3.10.0', '2.19.1', 'tensorflow', '3.16.0', '2.1.3', '3.11.7'],
  ['keras-3.11.3+tf-2.19', 'keras3', '3.11.3', '2.19.1', 'tensorflow', '3.16.0', '2.1.3', '3.11.7'],
  ['keras-3.12.4+tf-2.19', 'keras3', '3.12.4', '2.19.1', 'tensorflow', '3.16.0', '2.1.3', '3.11.7'],
  ['keras-3.15.1+tf-2.21', 'keras3', '3.15.1', '2.21.0', 'tensorflow', '3.14.0', '2.4.6', '3.11.7'],
  ['keras-3.3.3+tf-2.16', 'keras3', '3.3.3', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['keras-3.4.1+tf-2.16', 'keras3', '3.4.1', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['keras-3.5.0+tf-2.16', 'keras3', '3.5.0', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['keras-3.6.0+tf-2.18', 'keras3', '3.6.0', '2.18.1', 'tensorflow', '3.16.0', '2.0.2', '3.11.7'],
  ['keras-3.8.0+tf-2.18', 'keras3', '3.8.0', '2.18.1', 'tensorflow', '3.16.0', '2.0.2', '3.11.7'],
  ['tf-1.13.2', 'tf.keras', '2.2.4-tf', '1.13.2', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['tf-1.15.0', 'tf.keras', '2.2.4-tf', '1.15.0', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['tf-2.0.4', 'tf.keras', '2.2.4-tf', '2.0.4', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['tf-2.1.4+h5py-3', 'tf.keras', '2.3.0-tf', '2.1.4', 'tensorflow', '3.8.0', '1.18.5', '3.7.9'],
  ['tf-2.1.4', 'tf.keras', '2.3.0-tf', '2.1.4', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['tf-2.10.1', 'tf.keras', '2.10.0', '2.10.1', 'tensorflow', '3.8.0', '1.21.6', '3.7.9'],
  ['tf-2.11.0', 'tf.keras', '2.11.0', '2.11.0', 'tensorflow', '3.8.0', '1.21.6', '3.7.9'],
  ['tf-2.12.1', 'tf.keras', '2.12.0', '2.12.1', 'tensorflow', '3.16.0', '1.24.3', '3.11.7'],
  ['tf-2.13.1', 'tf.keras', '2.13.1', '2.13.1', 'tensorflow', '3.16.0', '1.24.3', '3.11.7'],
  ['tf-2.14.1', 'tf.keras', '2.14.0', '2.14.1', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['tf-2.15.1', 'tf.keras', '2.15.0', '2.15.1', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['tf-2.3.4', 'tf.keras', '2.4.0', '2.3.4', 'tensorflow', '2.10.0', '1.18.5', '3.7.9'],
  ['tf-2.4.4', 'tf.keras', '2.4.0', '2.4.4', 'tensorflow', '2.10.0', '1.19.5', '3.7.9'],
  ['tf-2.6.5', 'tf.keras', '2.6.0', '2.6.5', 'tensorflow', '3.1.0', '1.19.5', '3.7.9'],
  ['tf-2.8.4', 'tf.keras', '2.8.0', '2.8.4', 'tensorflow', '3.8.0', '1.21.6', '3.7.9'],
  ['tf_keras-2.16', 'tf_keras', '2.16.0', '2.16.2', 'tensorflow', '3.16.0', '1.26.4', '3.11.7'],
  ['tf_keras-2.21', 'tf_keras', '2.21.0', '2.21.0', 'tensorflow', '3.14.0', '2.4.6', '3.11.7'],
];

export const knownEnvironments: readonly Environment[] = rows.map(
  ([id, line, keras, tensorflow, backend, h5py, numpy, python]) => ({
    id,
    line,
    keras,
    tensorflow,
    backend,
    h5py,
    numpy,
    python,
  }),
);
