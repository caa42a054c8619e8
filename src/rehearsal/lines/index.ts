/** Which loader an environment has, and which of its ways an artefact takes. */

import type { Run } from '../run.ts';
import { loadModelKeras3 } from './keras3.ts';
import { loadModelTensorflow } from './tf-keras.ts';
import { loadModelHdf5 } from './legacy-h5.ts';

export function loadModel(run: Run): void {
  const { line } = run.environment;
  if (line === 'keras2') return loadModelHdf5(run);
  if (line === 'tf.keras' || line === 'tf_keras') return loadModelTensorflow(run);
  if (line === 'keras3') return loadModelKeras3(run);
}
