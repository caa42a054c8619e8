/**
 * What TensorFlow 1.15 to 2.1 makes of SavedModels: revived objects only, and no tuples in their metadata. Facts:
 * saving/saved_model/load.py of TensorFlow 1.15 and 2.1.
 */

import type { RawSavedNode } from '../../artefacts/raw/index.ts';
import { evidence, raise } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { isDict, type PyDict } from '../python/values.ts';
import { compiles, type Run, since } from '../run.ts';

/** Shapes that 2.2 and later spell out as `__tuple__`, where these releases take them for shapes. */
export function reviveEarly(run: Run, nodes: readonly RawSavedNode[]): void {
  if (since(run, '2.2')) return;
  const spelled = nodes.filter(({ metadata }) => isDict(metadataOf(metadata).batch_input_shape ?? null));
  if (spelled.length === 0) return;
  const facts = {
    failure: 'newer-file-older-keras',
    evidence: evidence('shapes stand in the metadata as tuples, which TensorFlow reads from 2.2 on', 'saved_model.pb'),
  };
  if (since(run, '2.1') && spelled.some(({ identifier }) => identifier === '_tf_keras_input_layer'))
    raise('KeyError', '0', facts);
  if (!nodes.some(({ identifier }) => identifier === '_tf_keras_sequential')) return;
  const start = 'Error converting shape to a TensorShape:';
  if (!since(run, '2.1')) raise('ValueError', `${start} invalid literal for int() with base 10: 'class_name'.`, facts);
  raise(
    'TypeError',
    `${start} Dimension value must be integer or None or have an __index__ method, got 'class_name'.`,
    facts,
  );
}

function metadataOf(text: string): PyDict {
  const value = text === '' ? null : jsonLoads(text);
  return isDict(value) ? value : {};
}

/** False where the root comes back as a bare network, which is never compiled. */
export function isModelEarly(run: Run, root: RawSavedNode | undefined): boolean {
  return since(run, '2.1') || root?.identifier !== '_tf_keras_network';
}

/** TensorFlow 1.15 predicts with nothing that it did not compile. */
export function predictEarly(run: Run, root: RawSavedNode | undefined): void {
  if (since(run, '2.0') || !root) return;
  const network = root.identifier === '_tf_keras_network';
  if (!network && compiles(run)) return;
  run.stage = 'predict';
  const name = String(metadataOf(root.metadata).class_name ?? 'Model');
  raise('AttributeError', `'${name}' object has no attribute '${network ? 'predict' : 'loss'}'`, {
    failure: 'keras-regression',
    evidence: evidence(
      network
        ? 'the model comes back as a bare network: TensorFlow 1.15 knows no Functional models'
        : 'TensorFlow 1.15 cannot predict with a SavedModel that it loaded with compile=False',
      'saved_model.pb',
    ),
  });
}
