/**
 * `predict` after the load: would it take these arrays? Facts: engine/training.py and training_utils.py of Keras 1, 2 and
 * tf.keras up to 2.1; engine/input_spec.py and functional.py of tf.keras 2.2 to 2.15; layers/input_spec.py and
 * models/functional.py of Keras 3.
 */

import { describeRaw } from '../infer-raw.ts';
import { since2 } from '../legacy/identifiers.ts';
import type { Run } from '../run.ts';
import type { GivenInput } from './given.ts';
import { executeGraph, refuseText } from './graph.ts';
import { callKeras3 } from './keras3.ts';
import { remarkRange } from './scaling.ts';
import { standardize } from './standardize.ts';
import { callTensorflow } from './tensorflow.ts';

export function predictWith(run: Run, inputs: readonly GivenInput[]): void {
  const described = describeRaw(run.raw);
  if (!described || run.mode === 'weights' || run.mode === 'json') return;
  run.stage = 'predict';
  const specs = described.inferred.inputs.filter(spec => spec !== null);
  if (specs.length !== described.inferred.inputs.length || specs.length === 0) return;
  if (run.environment.line === 'keras3') refuseText(specs, inputs);
  if (run.environment.line === 'keras3') callKeras3(run, described, specs, inputs);
  else if (since2(run, '2.2') && run.environment.line !== 'keras2') callTensorflow(run, described, specs, inputs);
  else standardize(run, specs, inputs);
  executeGraph(run, described.model, specs, inputs);
  remarkRange(run, described, specs, inputs);
}
