/** The release that something is written for: which forms its configs have, and how it will read them. */

import type { JsonObject, Line } from '../../model/types.ts';
import type { Era } from '../era.ts';
import { classesIn, type FormKind, formOf } from '../forms/index.ts';
import { compareVersions } from '../versions.ts';

export interface Target {
  readonly line: Line;
  /** Keras's own version, without suffix. */
  readonly keras: string;
  /** TensorFlow's version; null where there is none (Theano). */
  readonly tensorflow: string | null;
  readonly backend: string | null;
  /** The interpreter there (`3.7`); absent where only the release is meant. Bytecode of Lambdas depends on it. */
  readonly python?: string;
}

export function eraOfTarget({ line, keras, backend }: Target): Era {
  return { line, keras, backend };
}

/** The version by which the tables of forms go: tf.keras counts by TensorFlow's, all others by Keras's own. */
export function formVersion({ line, keras, tensorflow }: Target): string {
  return line === 'tf.keras' ? (tensorflow ?? keras) : keras;
}

/** The config that the target itself writes for a class; null where it has no such class. */
export function targetForm(target: Target, kind: FormKind, className: string): JsonObject | null {
  return formOf(target.line, formVersion(target), kind, className);
}

export function targetHas(target: Target, kind: FormKind, className: string): boolean {
  return targetForm(target, kind, className) !== null;
}

export function targetClasses(target: Target, kind: FormKind): readonly string[] {
  return classesIn(target.line, formVersion(target), kind);
}

/** True where the target is of that line and at least that version. */
export function isTarget(target: Target, line: Line, from = '0'): boolean {
  return target.line === line && compareVersions(formVersion(target), from) >= 0;
}

/**
 * True where objects inside configs are written with module and registered name: tf.keras from TF 2.13 on, tf_keras,
 * Keras 3.
 */
export function namesModules(target: Target): boolean {
  return isTarget(target, 'tf.keras', '2.13') || target.line === 'tf_keras' || target.line === 'keras3';
}
