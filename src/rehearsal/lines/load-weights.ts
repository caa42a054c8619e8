/**
 * `load_weights` into an architecture: which reader each line takes for which file, and what it matches. Facts:
 * engine/topology.py, network.py and training.py of each line, saving/saving_api.py of Keras 3.
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import { compareVersions } from '../../eras/versions.ts';
import { child, openFile } from '../h5py.ts';
import { inferRaw } from '../infer-raw.ts';
import { touchBackend } from '../legacy/tensorflow-two.ts';
import { compareDefaults } from '../meaning/defaults.ts';
import { evidence, raise } from '../python/exception.ts';
import { differs, type Run, remark, since } from '../run.ts';
import { attributeText } from '../stored.ts';
import { loadByOrder } from '../weights/by-order.ts';
import { loadByPath, loadStoreWeights } from '../weights/by-path.ts';
import type { NameReading } from '../weights/saved-layers.ts';
import { hasWeights } from '../weights/walk-paths.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { nameReading1 } from './keras1.ts';
import { decodesAlways } from './legacy-h5.ts';

export function loadWeights(run: Run): void {
  run.stage = 'weights';
  const { line } = run.environment;
  touchBackend(run, 'name');
  touchBackend(run, 'call');
  if (line === 'keras1' || line === 'keras2') loadOrdered(run, line === 'keras1' ? nameReading1 : reading(run));
  else if (line === 'keras3') loadKeras3(run);
  else loadTensorflow(run);
  compareDefaults(run, target(run));
}

function target(run: Run) {
  return run.architecture ? (run.architecture.inferred ?? inferRaw(run.architecture.raw)) : null;
}

function isBuilt(run: Run): boolean {
  return run.architecture?.built ?? true;
}

function reading(run: Run): NameReading {
  return { alwaysDecode: decodesAlways(run) && run.environment.line !== 'keras3', missing: () => [], child };
}

/** The layered file, or the weights inside a whole model's. */
function loadOrdered(run: Run, names: NameReading): void {
  const root = openFile(run, run.raw.hdf5);
  const inner = root.children.model_weights;
  const group: RawGroup = root.attributes.layer_names === undefined && inner?.kind === 'group' ? inner : root;
  run.weightsVersion = attributeText(group.attributes.keras_version);
  const model = target(run);
  loadByOrder(run, group, isBuilt(run) || !model ? model : { ...model, layers: [] }, names, false);
  // Neither side has layers by this reading: it goes through, and nothing is taken.
  if (!isBuilt(run)) {
    remark(run, 'unbuilt-model', evidence('the architecture declares no input shape, so it has no variables yet'));
  }
}

function loadKeras3(run: Run): void {
  const { path, presence, zip, hdf5 } = run.raw;
  if (path.endsWith('.keras')) {
    refuseUnbuilt(run);
    if (presence === 'missing')
      raise('FileNotFoundError', `[Errno 2] No such file or directory: '${path}'`, { failure: 'file-not-found-path' });
    if (!zip) raise('BadZipFile', 'File is not a zip file', { failure: 'truncated-or-corrupt' });
    const model = target(run);
    return model ? loadStoreWeights({ ...run, inferred: model }, zip.weights, null) : undefined;
  }
  if (path.endsWith('.weights.h5')) {
    refuseUnbuilt(run);
    const root = openFile(run, hdf5);
    return isBuilt(run) ? loadByPath(run, root, target(run)) : fillUnbuilt(run);
  }
  if (/\.(h5|hdf5)$/.test(path)) return loadOrdered(run, reading(run));
  raise('ValueError', unsupportedText(run), {
    failure: run.raw.files.some(name => name.endsWith('.index'))
      ? 'checkpoint-wrong-name'
      : 'filename-extension-required',
    evidence: evidence('Keras 3 reads weights from .weights.h5, .keras and .h5 files only', path),
  });
}

function refuseUnbuilt(run: Run): void {
  if (isBuilt(run) || !since(run, '3.7')) return;
  raise(
    'ValueError',
    'You are loading weights into a model that has not yet been built. Try building the model first by calling it on some data or by using `build()`.',
    {
      failure: 'unbuilt-model',
      evidence: evidence('the architecture declares no input shape, so it has no variables yet'),
    },
  );
}

/** Weights by path into layers that have no variables: told since 2.15 and by Keras 3, passed over in silence before. */
function fillUnbuilt(run: Run): void {
  const first = target(run)?.layers.find(hasWeights);
  const name = first?.name ?? 'dense';
  const facts = {
    failure: 'unbuilt-model',
    evidence: evidence('the architecture declares no input shape, so it has no variables yet'),
  };
  if (run.environment.line === 'keras3') {
    const text = `Layer '${name}' was never built and thus it doesn't have any variables. However the weights file lists 2 variables for this layer.`;
    const printed = `<${first?.className ?? 'Dense'} name=${name}, built=False>`;
    const total = target(run)?.layers.filter(hasWeights).length ?? 1;
    raise(
      'ValueError',
      since(run, '3.0.2')
        ? `A total of ${total} objects could not be loaded. Example error message for object ${printed}:\n\n${text}\n\nList of objects that could not be loaded:\n[${printed}]`
        : text,
      facts,
    );
  }
  if (!since(run, '2.15')) return differs(run, facts.failure, facts.evidence);
  raise(
    'ValueError',
    `Layer '${name}' expected 0 variables, but received 2 variables during loading. Expected: []`,
    facts,
  );
}

function unsupportedText(run: Run): string {
  const kinds = since(run, '3.14')
    ? 'V3 `.keras` files, `.weights.h5` files, legacy H5 format files (`.h5` extension), or Orbax checkpoints.'
    : 'V3 `.keras` and `.weights.h5` files, or legacy V1/V2 `.h5` files.';
  return `File format not supported: filepath=${run.raw.path}. Keras 3 only supports ${kinds}`;
}

function loadTensorflow(run: Run): void {
  const { path, presence, zip, hdf5 } = run.raw;
  const modern = since(run, '2.12');
  if (modern && path.endsWith('.weights.h5')) {
    const root = openFile(run, hdf5);
    return isBuilt(run) ? loadByPath(run, root, target(run)) : fillUnbuilt(run);
  }
  if (modern && path.endsWith('.keras') && zip && presence === 'file') {
    const model = target(run);
    return model ? loadStoreWeights({ ...run, inferred: model }, zip.weights, null) : undefined;
  }
  if (/\.(h5|keras|hdf5)$/.test(path)) return loadLegacyTensorflow(run);
  if (loadCheckpoint(run, target(run))) return;
  loadLegacyTensorflow(run);
}

function loadLegacyTensorflow(run: Run): void {
  if (!isBuilt(run)) {
    const name = 'sequential';
    const text = since(run, '2.2')
      ? 'Unable to load weights saved in HDF5 format into a subclassed Model which has not created its variables yet. Call the Model first, then load the weights.'
      : `Weights for model ${name} have not yet been created. Weights are created when the Model is first called on inputs or \`build()\` is called with an \`input_shape\`.`;
    raise('ValueError', text, {
      failure: 'unbuilt-model',
      evidence: evidence('the architecture declares no input shape, so it has no variables yet'),
    });
  }
  void compareVersions;
  loadOrdered(run, reading(run));
}
