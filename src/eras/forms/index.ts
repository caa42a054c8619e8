/**
 * What a class's config looks like in a given release of Keras: its keys, with the values that the release itself
 * writes. For releases between two that were looked at, the older one's form holds.
 */

import type { Json, JsonObject, Line } from '../../model/types.ts';
import { compareVersions } from '../versions.ts';
import { forms as keras1 } from './keras1.ts';
import { forms as keras2 } from './keras2.ts';
import { forms as keras3 } from './keras3.ts';
import { forms as tensorflowKeras } from './tensorflow-keras.ts';
import { forms as tfKeras } from './tf-keras.ts';
import type { FormKind, LineForms } from './types.ts';

export type { FormKind } from './types.ts';

const lines: Readonly<Record<Line, LineForms>> = {
  keras1,
  keras2,
  keras3,
  'tf.keras': tensorflowKeras,
  tf_keras: tfKeras,
};

/**
 * The config that `className` of that release writes (without a name); null where the release has no such class.
 * `version` is Keras's own, for tf.keras TensorFlow's. Older than all that were looked at counts as the oldest.
 */
export function formOf(line: Line, version: string, kind: FormKind, className: string): JsonObject | null {
  const steps = lines[line][kind][className];
  if (!steps) return null;
  let form: { [key: string]: Json } | null = null;
  for (const [index, [since, set, dropped]] of steps.entries()) {
    const laterThanAsked = compareVersions(since, version) > 0;
    if (laterThanAsked && (index > 0 || since !== oldest(line))) break;
    form = set === null ? null : patched(form ?? {}, set, dropped);
  }
  return form;
}

function patched(form: JsonObject, set: string, dropped = ''): { [key: string]: Json } {
  const gone = new Set(dropped.split(' '));
  const kept = Object.entries(form).filter(([key]) => !gone.has(key));
  return { ...Object.fromEntries(kept), ...(JSON.parse(set) as JsonObject) };
}

function oldest(line: Line): string {
  return lines[line].layers.Dense?.[0]?.[0] ?? '';
}

/** All classes of that kind in that release. */
export function classesIn(line: Line, version: string, kind: FormKind): readonly string[] {
  return Object.keys(lines[line][kind]).filter(name => formOf(line, version, kind, name) !== null);
}
