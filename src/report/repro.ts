/**
 * A script that reproduces a load: its pins stand in the header that `uv run` and `pipx run` read (PEP 723), what is
 * foreseen in a comment, so that whoever runs it sees whether the same happens.
 */

import type { Rehearsal } from '../rehearsal/types.ts';
import { pins } from './environment.ts';

export function reproScript(artefact: string, { environment, outcome, exception, failure }: Rehearsal): string {
  const { line, python } = environment;
  const minor = python.split('.').slice(0, 2).join('.');
  const module =
    line === 'tf.keras'
      ? 'from tensorflow import keras'
      : line === 'tf_keras'
        ? 'import tf_keras as keras'
        : 'import keras';
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
    module,
    '',
    'print(keras.__version__)',
    `model = keras.models.load_model(${JSON.stringify(artefact)})`,
    'model.summary()',
    '',
  ].join('\n');
}
