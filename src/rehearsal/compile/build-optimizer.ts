/**
 * Making an optimizer's variables for a loaded model, in tf.keras from 2.9 on: Nadam asks the first trainable variable
 * for its dtype, and a model that trains nothing has none. Facts: optimizers/nadam.py and the loaders of the tags.
 */

import { since2 } from '../legacy/identifiers.ts';
import { evidence } from '../python/exception.ts';
import { isDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { requiredLayer } from '../weights/required.ts';

/** `optimizer.build(model.trainable_variables)`. */
export function buildOptimizer(run: Run, stored: PyValue | undefined): void {
  if (!since2(run, '2.9') || !isNewNadam(run, stored) || trainsSomething(run)) return;
  obstacle(run, 'IndexError', 'list index out of range', {
    failure: 'keras-regression',
    evidence: evidence('Nadam cannot be built for a model without trainable weights', 'training_config'),
    suppose: 'optimizer-build',
  });
}

function isNewNadam(run: Run, stored: PyValue | undefined): boolean {
  if (!isDict(stored)) return false;
  const name = String(stored.class_name ?? '');
  const config = isDict(stored.config) ? stored.config : {};
  if (name === 'Custom>Nadam') return true;
  return /^nadam$/i.test(name) && (run.serialization === 'modern' || config.is_legacy_optimizer === false);
}

/** True too where it cannot be told. */
function trainsSomething(run: Run): boolean {
  const layers = run.inferred?.layers.map(requiredLayer);
  return layers?.some(layer => !layer.known || layer.weights.some(({ trainable }) => trainable)) ?? true;
}
