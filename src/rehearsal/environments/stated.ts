/**
 * What files beside an artefact state of the environment: `requirements.txt`, MLflow's `MLmodel`, `conda.yaml` and
 * `python_env.yaml`. Only exact pins count; a range says what might be installed, not what was.
 */

import { isLoadstoneError } from '../../findings/errors.ts';
import { parseEnvironment } from './index.ts';
import type { Environment } from './types.ts';

export interface StatedFile {
  readonly name: string;
  readonly text: string;
}

export interface StatedEnvironment {
  readonly environment: Environment;
  /** One sentence for each pin: what is stated, and where. */
  readonly evidence: readonly string[];
}

/** Names of files that may state it, in the order in which they are believed. */
export const statingFiles = ['requirements.txt', 'MLmodel', 'conda.yaml', 'environment.yml', 'python_env.yaml'];

const packages = 'keras|tensorflow(?:-cpu|-gpu|-intel|-macos)?|h5py|numpy|python';

/** `tensorflow==2.9.1`, `- python=3.8.10`, `keras_version: 2.9.0`. */
const pin = new RegExp(
  `^[\\s-]*["']?(${packages})(?:_version)?["']?\\s*(?:==?|:)\\s*["']?v?(\\d+(?:\\.\\d+)+)(?:[^\\d.]|$)`,
  'i',
);

/** Null where nothing of Keras or TensorFlow is pinned, or where the pins make no environment. */
export function statedEnvironment(files: readonly StatedFile[]): StatedEnvironment | null {
  const pins = new Map<string, { version: string; name: string }>();
  for (const { name, text } of files) {
    for (const line of text.split(/\r?\n/)) {
      const [, found, version] = pin.exec(line) ?? [];
      const key = found?.toLowerCase().replace(/^tensorflow-.*/, 'tensorflow');
      if (key && version && !pins.has(key)) pins.set(key, { version, name });
    }
  }
  if (!pins.has('keras') && !pins.has('tensorflow')) return null;
  const spec = [...pins].map(([key, { version }]) => `${key}==${version}`).join(',');
  const evidence = [...pins].map(([key, { version, name }]) => `${key} ${version} is pinned by ${name} beside it`);
  try {
    return { environment: parseEnvironment(spec), evidence };
  } catch (error) {
    if (isLoadstoneError(error)) return null;
    throw error;
  }
}
