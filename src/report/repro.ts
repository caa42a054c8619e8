/**
 * A script that reproduces a load: its pins stand in the header that `uv run` and `pipx run` read (PEP 723), what is
 * foreseen in a comment, so that whoever runs it sees whether the same happens.
 */

import type { Line } from '../model/types.ts';
import type { Mode, Rehearsal } from '../rehearsal/types.ts';
import { pins } from './environment.ts';

/** `architecture`: the file whose model takes the artefact as weights; null where the artefact is loaded as a model. */
export function reproScript(artefact: string, rehearsal: Rehearsal, architecture: string | null = null): string {
  const { environment, outcome, exception, failure } = rehearsal;
  const { line, python } = environment;
  const minor = python.split('.').slice(0, 2).join('.');
  const foreseen = exception ? `${exception.type}: ${exception.message.split('\n')[0]}` : outcome;
  return [
    '# /// script',
    `# requires-python = "==${minor}.*"`,
    `# dependencies = [${pins(environment)
      .map(pin => JSON.stringify(pin))
      .join(', ')}]`,
    '# ///',
    '# Run with: uv run repro.py',
    `# Foreseen: ${foreseen}${failure ? `   [${failure}]` : ''}`,
    ...imports(line),
    ...(architecture === null ? [loadLine(artefact, rehearsal.mode)] : weightLines(artefact, architecture)),
    'model.summary()',
    '',
  ].join('\n');
}

/** The line's own `keras`, and what says which release answers: `tf.keras` has no `__version__` from TF 2.13 on. */
function imports(line: Line): string[] {
  if (line === 'tf.keras') {
    return ['import tensorflow as tf', 'from tensorflow import keras', '', 'print(tf.__version__)'];
  }
  return [line === 'tf_keras' ? 'import tf_keras as keras' : 'import keras', '', 'print(keras.__version__)'];
}

function loadLine(artefact: string, mode: Mode): string {
  const rest: Readonly<Record<string, string>> = { nocompile: ', compile=False', unsafe: ', safe_mode=False' };
  return `model = keras.models.load_model(${JSON.stringify(artefact)}${rest[mode] ?? ''})`;
}

function weightLines(artefact: string, architecture: string): string[] {
  const path = JSON.stringify(architecture);
  const model = architecture.endsWith('.json')
    ? `keras.models.model_from_json(open(${path}).read())`
    : `keras.models.load_model(${path}, compile=False)`;
  return [`model = ${model}`, `model.load_weights(${JSON.stringify(artefact)})`];
}
