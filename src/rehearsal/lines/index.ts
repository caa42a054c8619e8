/** Which loader an environment has, and which of its ways an artefact takes. */

import type { Run } from '../run.ts';
import { checkCall } from './call.ts';
import { modelFromJson } from './from-json.ts';
import { loadModelKeras1 } from './keras1.ts';
import { loadModelKeras3 } from './keras3.ts';
import { loadModelHdf5 } from './legacy-h5.ts';
import { loadWeights } from './load-weights.ts';
import { loadModelTensorflow } from './tf-keras.ts';

export function loadModel(run: Run): void {
  if (run.mode === 'json') return modelFromJson(run);
  if (run.mode === 'weights') return loadWeights(run);
  checkCall(run);
  const { line } = run.environment;
  if (line === 'keras1') return loadModelKeras1(run);
  if (line === 'keras2') return loadModelHdf5(run);
  if (line === 'keras3') return loadModelKeras3(run);
  return loadModelTensorflow(run);
}
