/** A Sequential being built layer by layer in Keras 3: names that clash, inputs that come twice, shapes that do not fit. */

import type { Built } from '../built.ts';
import { callLambda } from '../lambda-call.ts';
import { isPythonException, raise } from '../python/exception.ts';
import type { PyDict } from '../python/values.ts';
import type { Run } from '../run.ts';
import { mistakenInput, shapeAfter } from './sequential-shapes.ts';

/** What is known of a Sequential while layers are added. */
export interface Building {
  /** False once a layer could not tell its output's shape: nothing behind it is built. */
  inferring: boolean;
  /** Shape after the layers so far, where the first layer's own input shape is taken wrongly; null elsewhere. */
  shape: readonly (number | null)[] | null;
}

export function buildSequential(run: Run, _config: PyDict, layers: readonly Built[], building: Building): void {
  const added = layers.at(-1)!;
  const same = layers.slice(0, -1).some(layer => layer.name === added.name && layer.name !== '');
  if (same) {
    raise(
      'ValueError',
      `All layers added to a Sequential model should have unique names. Name '${added.name}' is already the name of a layer in this model. Update the \`name\` argument to pass a unique name.`,
      {
        failure: 'duplicate-names',
        evidence: { text: `two layers are named "${added.name}"`, where: added.where, offset: null },
      },
    );
  }
  if (!building.inferring) {
    run.unbuilt.add(added.name);
    return;
  }
  if (layers.length === 1 && run.legacyConfig && !run.supposed.has('batch-axis')) {
    building.shape = mistakenInput(added);
    if (added.where.split('/layers/').length === 2) run.mistakenInput ??= building.shape;
  }
  if (building.shape) building.shape = shapeAfter(run, added, building.shape);
  building.inferring = tellsShape(run, added);
}

/** Building stops silently at a layer that raises NotImplementedError (models/sequential.py, `build`). */
function tellsShape(run: Run, layer: Built): boolean {
  try {
    layer.callFails?.();
    callLambda(run, layer);
    return true;
  } catch (error) {
    if (!isPythonException(error) || error.type !== 'NotImplementedError') throw error;
    return false;
  }
}
