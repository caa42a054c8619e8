/**
 * From some pins to a whole environment: what one package implies of the others, and what pip would have resolved in
 * that line's days. Facts: the `install_requires` of the packages on PyPI and their dates of release.
 */

import { compareVersions, inVersions } from '../../eras/versions.ts';
import type { Line } from '../../model/types.ts';

export interface Pins {
  keras?: string;
  tensorflow?: string;
  tfKeras?: string;
  h5py?: string;
  numpy?: string;
  python?: string;
  backend?: string;
  /** `TF_USE_LEGACY_KERAS=1`. */
  legacyKeras?: boolean;
}

/** First entry whose version is at most the one asked for; tables run from new to old. */
function upTo<T>(table: readonly (readonly [string, T])[], version: string): T {
  const found = table.find(([from]) => compareVersions(version, from) >= 0);
  return (found ?? table.at(-1)!)[1];
}

/** tf.keras's own version in each TensorFlow that ships one (tensorflow/python/keras/__init__.py, then the keras package). */
const kerasInTensorflow: readonly (readonly [string, string])[] = [
  ['2.15', '2.15.0'],
  ['2.14', '2.14.0'],
  ['2.13', '2.13.1'],
  ['2.12', '2.12.0'],
  ['2.11', '2.11.0'],
  ['2.10', '2.10.0'],
  ['2.9', '2.9.0'],
  ['2.8', '2.8.0'],
  ['2.7', '2.7.0'],
  ['2.6', '2.6.0'],
  ['2.5', '2.5.0'],
  ['2.3', '2.4.0'],
  ['2.1', '2.3.0-tf'],
  ['1.13', '2.2.4-tf'],
  ['1.0', '2.1.6-tf'],
];

/** Newest Keras 3 while that TensorFlow was the newest. */
const keras3ForTensorflow: readonly (readonly [string, string])[] = [
  ['2.21', '3.15.1'],
  ['2.20', '3.12.0'],
  ['2.19', '3.10.0'],
  ['2.18', '3.8.0'],
  ['2.17', '3.5.0'],
  ['2.16', '3.3.3'],
  ['0', '3.0.5'],
];

const tensorflowForKeras3: readonly (readonly [string, string])[] = [
  ['3.13', '2.21.0'],
  ['3.9', '2.19.1'],
  ['3.6', '2.18.1'],
  ['3.4', '2.17.1'],
  ['3.0', '2.16.2'],
];

const tensorflowForKeras2: readonly (readonly [string, string])[] = [
  ['2.4', '2.3.4'],
  ['2.0', '1.15.0'],
];

/** Last patch of each TensorFlow that tf_keras goes with: it asks for the minor version only. */
const lastPatch: readonly (readonly [string, string])[] = [
  ['2.21', '2.21.0'],
  ['2.20', '2.20.0'],
  ['2.19', '2.19.1'],
  ['2.18', '2.18.1'],
  ['2.17', '2.17.1'],
  ['2.16', '2.16.2'],
  ['0', '2.15.1'],
];

/** Latest Python that the TensorFlow of the time had wheels for and people used. */
const pythonForTensorflow: readonly (readonly [string, string])[] = [
  ['2.12', '3.11.7'],
  ['0', '3.7.9'],
];

const h5pyForTensorflow: readonly (readonly [string, string])[] = [
  ['2.21', '3.14.0'],
  ['2.12', '3.16.0'],
  ['2.7', '3.8.0'],
  ['2.5', '3.1.0'],
  ['0', '2.10.0'],
];

const numpyForTensorflow: readonly (readonly [string, string])[] = [
  ['2.21', '2.4.6'],
  ['2.19', '2.1.3'],
  ['2.18', '2.0.2'],
  ['2.14', '1.26.4'],
  ['2.12', '1.24.3'],
  ['2.7', '1.21.6'],
  ['2.4', '1.19.5'],
  ['0', '1.18.5'],
];

export interface Completed {
  line: Line;
  keras: string;
  tensorflow: string | null;
  backend: string;
  h5py: string;
  numpy: string;
  python: string;
}

/** Fills what is not pinned. Null where nothing says which Keras it is. */
export function completePins(pins: Pins): Completed | null {
  const core = corePins(pins);
  if (!core) return null;
  const tensorflow = core.tensorflow;
  // Without TensorFlow the packages are as old as the Keras: Theano's days, or today's.
  const asOld = tensorflow ?? (core.line === 'keras3' ? '2.19' : '1.15');
  return {
    ...core,
    backend:
      pins.backend ??
      (tensorflow === null && core.line === 'keras3' ? 'jax' : tensorflow === null ? 'theano' : 'tensorflow'),
    h5py: full(pins.h5py, upTo(h5pyForTensorflow, asOld)),
    numpy: full(pins.numpy, upTo(numpyForTensorflow, asOld)),
    python: full(pins.python, upTo(pythonForTensorflow, asOld)),
  };
}

/** `3` or `3.11` pinned: the rest as in the version that would have been taken, where it begins so. */
function full(pinned: string | undefined, usual: string): string {
  if (!pinned) return usual;
  return usual.startsWith(`${pinned}.`) ? usual : pinned.includes('.') ? pinned : `${pinned}.0.0`;
}

function corePins(pins: Pins): { line: Line; keras: string; tensorflow: string | null } | null {
  const { keras, tensorflow, tfKeras, backend } = pins;
  const without = backend !== undefined && backend !== 'tensorflow';
  if (tfKeras)
    return { line: 'tf_keras', keras: padded(tfKeras), tensorflow: paddedOr(tensorflow, upTo(lastPatch, tfKeras)) };
  if (keras && inVersions(keras, '3'))
    return {
      line: 'keras3',
      keras: padded(keras),
      tensorflow: paddedOr(tensorflow, without ? null : upTo(tensorflowForKeras3, keras)),
    };
  if (keras && inVersions(keras, '2.6')) return tfKerasLine(tensorflow ?? padded(keras), padded(keras));
  if (keras && inVersions(keras, '2.4')) return tfKerasLine(tensorflow ?? '2.3.4');
  if (keras) {
    const line = inVersions(keras, '2') ? 'keras2' : 'keras1';
    const usual = line === 'keras1' ? '1.13.2' : upTo(tensorflowForKeras2, keras);
    return { line, keras: padded(keras), tensorflow: paddedOr(tensorflow, without ? null : usual) };
  }
  if (!tensorflow) return null;
  if (inVersions(tensorflow, '2.16')) {
    if (pins.legacyKeras) return { line: 'tf_keras', keras: `${minor(tensorflow)}.0`, tensorflow: padded(tensorflow) };
    return { line: 'keras3', keras: upTo(keras3ForTensorflow, tensorflow), tensorflow: padded(tensorflow) };
  }
  return tfKerasLine(tensorflow);
}

function tfKerasLine(tensorflow: string, keras?: string) {
  const own = upTo(kerasInTensorflow, tensorflow);
  return { line: 'tf.keras' as const, keras: keras ?? own, tensorflow: padded(tensorflow) };
}

function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function paddedOr<T extends string | null>(pinned: string | undefined, usual: T): string | T {
  return pinned === undefined ? usual : padded(pinned);
}

/** Three numbers: `2.9` is `2.9.0`. */
function padded(version: string): string {
  const parts = version.split('.');
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}
