/** `load_model` of Keras 3: the route by extension, `.keras` archives, legacy HDF5. Facts: saving/saving_api.py, saving_lib.py. */

import type { RawGroup, RawHdf5 } from '../../artefacts/raw/index.ts';
import { inVersions } from '../../eras/versions.ts';
import { compile3, compileLegacy3 } from '../compile/keras3.ts';
import { readTrainingConfig } from '../compile/training-config.ts';
import { attribute, child, decode, h5String, openFile } from '../h5py.ts';
import { deserialize } from '../keras3/deserialize.ts';
import { legacyLayer3 } from '../keras3/legacy-layer.ts';
import { inferBuilt } from '../lost-axes.ts';
import { folderOfCheckpoint, missingPath } from '../missing-path.ts';
import { evidence, raise } from '../python/exception.ts';
import { jsonLoadsKept } from '../python/json.ts';
import { copyDict, isDict, type PyValue } from '../python/values.ts';
import { type Run, since } from '../run.ts';
import { readsLegacySafely, safeChild } from '../weights/access.ts';
import { loadByOrder } from '../weights/by-order.ts';
import { loadStoreWeights } from '../weights/by-path.ts';
import { loadOptimizerWeights } from '../weights/optimizer.ts';
import { holdsWeights } from './legacy-h5.ts';
import { readZipConfig } from './zip-config.ts';

export function loadModelKeras3(run: Run): void {
  const { path, presence, zip, unzipped } = run.raw;
  if (path.endsWith('.keras') && presence === 'file' && zip) return loadArchive(run);
  if (unzipped && presence === 'folder' && since(run, '3.4')) {
    if (path.endsWith('.keras')) raiseFolder(path);
    return loadConfig(run, unzipped.config, unzipped.weights);
  }
  if (/\.(h5|hdf5)$/.test(path)) return loadLegacy(run);
  if (path.endsWith('.keras')) {
    raise(
      'ValueError',
      `File not found: filepath=${path}. Please ensure the file is an accessible \`.keras\` zip file.`,
      noArchive(run),
    );
  }
  raise('ValueError', unsupportedText(run, path), unsupported(run));
}

function raiseFolder(path: string): never {
  raise('IsADirectoryError', `[Errno 21] Is a directory: '${path}'`, {
    failure: 'keras-unzipped-directory',
    evidence: evidence('the .keras artefact is a folder: it was unpacked', path),
  });
}

function noArchive(run: Run) {
  const { presence, hdf5, head, size, path } = run.raw;
  const text = new TextDecoder('latin1').decode(head.subarray(0, 40));
  if (presence === 'missing')
    return { failure: 'file-not-found-path', evidence: evidence('there is nothing at that path', path) };
  if (presence === 'folder') {
    const failure = run.raw.unzipped ? 'keras-unzipped-directory' : 'wrong-loader-for-format';
    return { failure, evidence: evidence('the path is a folder', path) };
  }
  if (hdf5)
    return {
      failure: 'filename-extension-required',
      evidence: evidence('the file is HDF5: Keras 3 wants it named .h5', path, 0),
    };
  if (text.startsWith('version https://git-lfs'))
    return { failure: 'lfs-pointer', evidence: evidence('it is a Git LFS pointer', path, 0) };
  if (size === 0) return { failure: 'truncated-or-corrupt', evidence: evidence('the file is empty', path, 0) };
  if (text.startsWith('PK'))
    return {
      failure: 'truncated-or-corrupt',
      evidence: evidence('the zip archive has no end record: it was cut off', path, size),
    };
  return {
    failure: 'not-a-model-file',
    evidence: evidence(`it begins with ${JSON.stringify(text.slice(0, 16))}, which is no zip archive`, path, 0),
  };
}

function unsupported(run: Run) {
  const { presence, savedModel, files, path, hdf5, zip } = run.raw;
  if (presence === 'file' && path.endsWith('saved_model.pb'))
    return {
      failure: 'savedmodel-missing-files',
      evidence: evidence('it is one file of a SavedModel: the folder is the model', path),
    };
  if (presence === 'missing') return missingPath(run.raw);
  if (savedModel || files.includes('saved_model.pb'))
    return { failure: 'savedmodel-in-keras3', evidence: evidence('the folder is a SavedModel', path) };
  const deeper = files.find(name => name.endsWith('/saved_model.pb'));
  if (deeper)
    return {
      failure: 'wrong-path',
      evidence: evidence(`the folder has no saved_model.pb; ${deeper} lies deeper`, path),
    };
  const checkpoint = folderOfCheckpoint(run.raw);
  if (checkpoint) return checkpoint;
  if (hdf5 || zip)
    return {
      failure: 'filename-extension-required',
      evidence: evidence(`the file is ${hdf5 ? 'HDF5' : 'a zip archive'}, and its name does not say so`, path, 0),
    };
  return {
    failure: 'not-a-model-file',
    evidence: evidence('neither the name nor the content is that of a Keras model', path),
  };
}

function unsupportedText(run: Run, path: string): string {
  const formats = since(run, '3.14')
    ? 'Keras 3 only supports V3 `.keras` files, legacy H5 format files (`.h5` extension), or Orbax checkpoints.'
    : 'Keras 3 only supports V3 `.keras` files and legacy H5 format files (`.h5` extension).';
  return `File format not supported: filepath=${path}. ${formats} Note that the legacy SavedModel format is not supported by \`load_model()\` in Keras 3. In order to reload a TensorFlow SavedModel as an inference-only layer in Keras 3, use \`keras.layers.TFSMLayer(${path}, call_endpoint='serving_default')\` (note that your \`call_endpoint\` might have a different name).`;
}

function loadArchive(run: Run): void {
  const config = readZipConfig(run);
  loadConfig(run, config, run.raw.zip!.weights);
}

/** `_model_from_config` and the weights behind it. */
function loadConfig(run: Run, bytes: Uint8Array, weights: RawHdf5 | null): void {
  run.stage = 'config';
  const stored = withoutCompile(run, parseBytes(bytes));
  run.compileConfig = (config, where) => compile3(run, config, where);
  const revived = deserialize(run, stored, '');
  if (revived.kind !== 'layer') {
    if (!since(run, '3.3.3')) raiseNoModel(run);
    const given = revived.kind === 'plain' ? JSON.stringify(revived.value) : 'object';
    raise(
      'ValueError',
      `Expected object to be an instance of \`KerasSaveable\`, but got ${given} of type <class 'dict'>`,
      noModel,
    );
  }
  run.stage = 'weights';
  loadStoreWeights(run, weights, revived.built);
}

const noModel = {
  failure: 'truncated-or-corrupt',
  evidence: evidence('config.json holds no model', 'config.json'),
};

/** tf.keras and the first releases of Keras 3 walk whatever came, and find no kind for it. */
export function raiseNoModel(run: Run): never {
  raise('UnboundLocalError', unboundText(run, 'obj_type'), noModel);
}

function unboundText({ environment }: Run, name: string): string {
  return inVersions(environment.python, '3.11')
    ? `cannot access local variable '${name}' where it is not associated with a value`
    : `local variable '${name}' referenced before assignment`;
}

/** `compile=False` takes the compile config of the outermost object away. */
export function withoutCompile(run: Run, stored: PyValue): PyValue {
  if (!isDict(stored) || run.mode === 'default') return stored;
  const copy = copyDict(stored);
  copy.compile_config = null;
  return copy;
}

/** `json.loads` of bytes: UTF-8, a mark at the start allowed. */
export function parseBytes(bytes: Uint8Array): PyValue {
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  return jsonLoadsKept(bytes, text, 'zip', {
    failure: 'truncated-or-corrupt',
    evidence: evidence('config.json is not valid JSON', 'config.json'),
  });
}

function loadLegacy(run: Run): void {
  run.legacyConfig = true;
  const root = openFile(run, run.raw.hdf5);
  const config = readConfig(run, root);
  run.stage = 'config';
  legacyLayer3(run, config, '');
  run.stage = 'weights';
  const access = readsLegacySafely(run) ? safeChild : child;
  const reading = { alwaysDecode: false, missing: () => [], child: access };
  const group = access(run, root, 'model_weights');
  if (group.kind === 'group') loadByOrder(run, group, inferBuilt(run), reading, true);
  if (run.mode !== 'default' && since(run, '3.3')) return;
  run.stage = 'compile';
  const training = readTrainingConfig(run, root, false);
  if (!training) return;
  compileLegacy3(run, training);
  loadOptimizerWeights(run, root, reading);
}

function readConfig(run: Run, root: RawGroup): PyValue {
  const stored = attribute(run, root, 'model_config');
  const value = stored && h5String(run, stored);
  if (!value) {
    const weights = holdsWeights(root);
    raise('ValueError', `No model config found in the file at ${run.raw.path}.`, {
      failure: weights ? 'weights-only-as-model' : 'not-a-model-file',
      evidence: evidence(weights ? 'the file holds weights only' : 'the file has no model_config', '/'),
    });
  }
  const text = decode(run, value, false, 'model_config');
  return jsonLoadsKept(value.bytes, text, value.type, {
    failure: 'truncated-or-corrupt',
    evidence: evidence('the model_config is not valid JSON', 'model_config', stored.offset),
  });
}
