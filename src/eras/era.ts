/**
 * The era that decides what a config means: which line of Keras wrote it, and in which version. Where a file does not
 * say its version, the line's commonest one stands for it.
 */

import type { Line, Provenance } from '../model/types.ts';
import { compareVersions, inVersions, plainVersion } from './versions.ts';

export interface Era {
  readonly line: Line;
  /** Keras's version without suffix. */
  readonly keras: string;
  readonly backend: string | null;
}

/** For files that name no version: what most files of that line were written by. */
const usualVersion: Readonly<Record<Line, string>> = {
  keras1: '1.2.2',
  keras2: '2.2.4',
  'tf.keras': '2.8.0',
  tf_keras: '2.16.0',
  keras3: '3.6.0',
};

export function eraOf(provenance: Pick<Provenance, 'line' | 'keras' | 'backend'>): Era {
  const line = provenance.line ?? (provenance.keras ? lineOfVersion(provenance.keras) : null) ?? 'keras3';
  return { line, keras: provenance.keras ?? usualVersion[line], backend: provenance.backend };
}

/** The line that a stored `keras_version` belongs to; null where it is no version. */
export function lineOfVersion(stored: string): Line | null {
  if (!/^\s*v?\d/.test(stored)) return null;
  if (/-tf/.test(stored)) return 'tf.keras';
  const version = plainVersion(stored);
  if (compareVersions(version, '2') < 0) return 'keras1';
  if (compareVersions(version, '2.4') < 0) return 'keras2';
  if (compareVersions(version, '2.16') < 0) return 'tf.keras';
  return compareVersions(version, '3') < 0 ? 'tf_keras' : 'keras3';
}

/** True for Keras 3 from `from` on (and before `before`). */
export function isKeras3(era: Era, from = '0', before?: string): boolean {
  return era.line === 'keras3' && inVersions(era.keras, from, before);
}

/** True for tf.keras and tf_keras from that version of Keras on (and before `before`). */
export function isTfKeras(era: Era, from = '0', before?: string): boolean {
  return (era.line === 'tf.keras' || era.line === 'tf_keras') && inVersions(era.keras, from, before);
}

/** True for standalone Keras 2.0 to 2.3. */
export function isKeras2(era: Era, from = '0', before?: string): boolean {
  return era.line === 'keras2' && inVersions(era.keras, from, before);
}

const tensorflowOf: readonly (readonly [string, string])[] = [
  ['2.2.4', '1.13–2.0'],
  ['2.3.0', '2.1 or 2.2'],
  ['2.4.0', '2.3 or 2.4'],
];

/**
 * The TensorFlow that ships a version of tf.keras; null where none is known. Releases 1.13 to 2.4 share versions, from
 * 2.5 on the numbers are TensorFlow's own (tensorflow/python/keras/__init__.py of each tag).
 */
export function tensorflowOfKeras(keras: string): string | null {
  const known = tensorflowOf.find(([version]) => version === keras);
  if (known) return known[1];
  if (inVersions(keras, '2.1.0', '2.2.0')) return '1.9–1.12';
  return inVersions(keras, '2.5.0') ? keras.split('.').slice(0, 2).join('.') : null;
}
