/** `load_model` of tf.keras and tf_keras: the route by release, and `.keras` archives. Facts: saving/save.py, saving_api.py. */

import { buildOptimizer } from '../compile/build-optimizer.ts';
import { compile3 } from '../compile/keras3.ts';
import { deserialize } from '../keras3/deserialize.ts';
import { missingPath } from '../missing-path.ts';
import { raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';
import { loadStoreWeights } from '../weights/by-path.ts';
import { parseBytes, raiseNoModel, withoutCompile } from './keras3.ts';
import { loadModelHdf5 } from './legacy-h5.ts';
import { loadSavedModel } from './saved-model.ts';
import { readZipConfig } from './zip-config.ts';

export function loadModelTensorflow(run: Run): void {
  const { path, presence, hdf5, zip } = run.raw;
  if (!since(run, '1.14')) return loadModelHdf5(run);
  if (since(run, '2.12') && path.endsWith('.keras') && zip && presence === 'file') return loadArchive(run);
  if (!since(run, '2.7')) {
    if (presence === 'file' && hdf5) return loadModelHdf5(run);
    return loadSavedModel(run);
  }
  if (presence === 'missing') raise('OSError', `No file or directory found at ${path}`, missingPath(run.raw));
  return presence === 'folder' ? loadSavedModel(run) : loadModelHdf5(run);
}

function loadArchive(run: Run): void {
  run.serialization = 'modern';
  const stored = withoutCompile(run, parseBytes(readZipConfig(run)));
  run.stage = 'config';
  run.compileConfig = (config, where) => {
    compile3(run, config, where);
    if (where === '/compile_config') buildOptimizer(run, config.optimizer);
  };
  const revived = deserialize(run, stored, '');
  if (revived.kind !== 'layer') return raiseNoModel(run);
  run.stage = 'weights';
  loadStoreWeights(run, run.raw.zip!.weights, revived.built);
}
