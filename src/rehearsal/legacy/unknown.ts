/**
 * "Unknown layer: X": how each release before Keras 3 words that it does not know a name. Facts:
 * utils/generic_utils.py (later saving/legacy/serialization.py) of the tags, keras/utils/generic_utils.py of Keras 1.
 */

import { compareVersions, plainVersion } from '../../eras/versions.ts';
import { evidence, type RaiseFacts } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import type { PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { isUnlisted } from './registry.ts';

/** What kind of object is looked for, as messages call it. */
export type What =
  | 'layer'
  | 'activation function'
  | 'activation'
  | 'initializer'
  | 'regularizer'
  | 'constraint'
  | 'optimizer'
  | 'loss function'
  | 'metric function'
  | 'learning rate schedule'
  | 'dtype policy'
  | 'function in Lambda layer'
  | 'decay';

const guide = 'https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.';

/** The text for a name that is not known; `form` says whether the config gave a dictionary or only the name. */
export function unknownText(run: Run, what: What, name: string, form: 'dict' | 'string'): string {
  const { line } = run.environment;
  if (line === 'keras2') return form === 'dict' ? `Unknown ${what}: ${name}` : `Unknown ${what}:${name}`;
  if (line === 'keras3' || since(run, '2.11')) {
    return `Unknown ${what}: '${name}'. Please ensure you are using a \`keras.utils.custom_object_scope\` and that this object is included in the scope. See ${guide}`;
  }
  if (since(run, '2.5')) {
    return `Unknown ${what}: ${name}. Please ensure this object is passed to the \`custom_objects\` argument. See ${guide}`;
  }
  return form === 'dict' || since(run, '2.2') ? `Unknown ${what}: ${name}` : `Unknown ${what}:${name}`;
}

/** Why a name is not known: the user's own, or another Keras's. */
export function unknownFacts(run: Run, what: What, name: string, isOwn: boolean, where: string | null): RaiseFacts {
  if (what === 'layer' && isUnlisted(run, name)) {
    const forgotten = `this release has "${name}", but its own loader does not know it: give it in custom_objects`;
    return { failure: 'keras-regression', evidence: evidence(forgotten, where), suppose: `custom:${name}` };
  }
  const failure = isOwn ? 'custom-object-missing' : foreignFailure(run);
  const text = isOwn
    ? `"${name}" is none of Keras's own ${what} names: it must be given in custom_objects`
    : `"${name}" is a ${what} of another Keras than ${run.environment.line} ${run.version}`;
  return { failure, evidence: evidence(text, where), suppose: `custom:${name}` };
}

/** The failure of a name or keyword that this release does not know and another one does. */
export function foreignFailure(run: Run): string {
  const stored = storedMajor(run);
  const own = Number(run.environment.keras.split('.')[0]);
  if (stored === 1 && own > 1) return 'keras1-config';
  if (stored !== null && stored >= 3 && own < 3) return 'keras3-file-in-keras2';
  if (stored !== null && stored < 3 && own >= 3) return 'keras2-file-in-keras3';
  const version = run.stored.keras;
  // What is as old as this release or older was once known, or this very release wrote it and cannot read it.
  if (version !== null && stored === own && compareVersions(plainVersion(version), run.environment.keras) <= 0)
    return run.legacyConfig ? 'keras-regression' : 'older-file-newer-keras';
  return 'newer-file-older-keras';
}

/** Major version of the Keras that wrote the file, where the file says it. */
export function storedMajor(run: Run): number | null {
  const version = run.stored.keras;
  return version === null ? null : Number(version.split('.')[0]);
}

/** Raises for an unknown name. */
export function raiseUnknown(
  run: Run,
  what: What,
  name: string,
  form: 'dict' | 'string',
  isOwn: boolean,
  where: string | null,
): void {
  obstacle(run, 'ValueError', unknownText(run, what, name, form), unknownFacts(run, what, name, isOwn, where));
}

/** The text for what should be `{class_name, config}` and is not. */
export function improperText(run: Run, config: PyValue): string {
  if (run.environment.line === 'tf.keras' && !since(run, '2.7')) return `Improper config format: ${repr(config)}`;
  if (run.environment.line === 'keras2') return `Improper config format: ${repr(config)}`;
  return `Improper config format for ${repr(config)}. Expecting python dict contains \`class_name\` and \`config\` as keys`;
}
