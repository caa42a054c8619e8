/**
 * The line of Keras that a config's own wording gives away, for files that name no version (a `.weights.h5` apart, an
 * architecture written by Keras 3, a file made by hand). Each sign is a word that only some lines write.
 */

import type { Json, Line } from '../model/types.ts';

export interface DialectSign {
  readonly line: Line;
  /** The sentence for people. */
  readonly evidence: string;
}

/** Words (keys or class names) that appear in configs of one line only, and what it is called to people. */
const signs: readonly { readonly line: Line; readonly key?: string; readonly className?: string }[] = [
  { line: 'keras3', className: '__keras_tensor__' },
  { line: 'keras3', className: 'DTypePolicy' },
  { line: 'keras3', key: 'batch_shape' },
  { line: 'keras1', key: 'border_mode' },
  { line: 'keras1', key: 'nb_filter' },
  { line: 'keras1', key: 'output_dim' },
  { line: 'keras1', key: 'input_dtype' },
  { line: 'keras1', key: 'W_regularizer' },
  { line: 'tf.keras', key: 'shared_object_id' },
  { line: 'tf.keras', className: 'TFOpLambda' },
  { line: 'tf.keras', className: 'TensorFlowOpLayer' },
  { line: 'tf.keras', key: 'ragged' },
  { line: 'tf.keras', className: 'GlorotUniform' },
];

/** The first sign that the config shows, strongest first; null where it shows none. */
export function dialectSign(config: Json): DialectSign | null {
  const { keys, classNames, modules } = vocabulary(config);
  if ([...modules].some(module => module.startsWith('tf_keras'))) {
    return { line: 'tf_keras', evidence: 'the config names modules of tf_keras' };
  }
  for (const { line, key, className } of signs) {
    if (key !== undefined && keys.has(key)) return { line, evidence: `the config has the key "${key}"` };
    if (className !== undefined && classNames.has(className)) return { line, evidence: `the config has ${className}` };
  }
  return null;
}

interface Vocabulary {
  readonly keys: ReadonlySet<string>;
  readonly classNames: ReadonlySet<string>;
  readonly modules: ReadonlySet<string>;
}

/** All keys, class names and modules in a config, without recursion: the depth was bounded when it was parsed. */
export function vocabulary(config: Json): Vocabulary {
  const found = { keys: new Set<string>(), classNames: new Set<string>(), modules: new Set<string>() };
  const pending: Json[] = [config];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      const record = value as { readonly [key: string]: Json };
      for (const key of Object.keys(record)) found.keys.add(key);
      if (typeof record.class_name === 'string') found.classNames.add(record.class_name);
      if (typeof record.module === 'string') found.modules.add(record.module);
    }
    for (const inner of Object.values(value)) pending.push(inner as Json);
  }
  return found;
}
