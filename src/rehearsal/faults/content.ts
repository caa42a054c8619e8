/** What a container holds, whatever its name says: a model, its weights, parts of a SavedModel, or nothing of Keras's. */

import type { RawArtefact, RawGroup } from '../../artefacts/raw/index.ts';
import { type Fault, fault } from './types.ts';
import { eachLink } from './walk.ts';

const marks = ['layers', '_layer_checkpoint_dependencies', 'vars', 'model_weights', 'optimizer_weights'];

/** A model or weights in any layout of Keras's. */
export function holdsKeras({ attributes, children }: RawGroup): boolean {
  return (
    attributes.model_config !== undefined ||
    attributes.layer_names !== undefined ||
    attributes.layer_names0 !== undefined ||
    marks.some(name => name in children) ||
    Object.values(children).some(node => node.kind === 'group' && node.attributes.weight_names !== undefined)
  );
}

/** HDF5 of another program; a folder or an archive with parts of a SavedModel. */
export function foreignContent({ hdf5, zip, files, presence, path }: RawArtefact): Fault | null {
  if (hdf5?.root && !hdf5.problem && !holdsKeras(hdf5.root)) {
    const names = Object.keys(hdf5.root.children).slice(0, 4);
    const text = `it is HDF5, but of another program: it holds ${names.join(', ') || 'nothing'}`;
    return fault('not-a-model-file', text, '/');
  }
  const packed = zip?.members.find(({ name }) => /(^|\/)saved_model\.pb(txt)?$/.test(name));
  if (packed) {
    const text = `it is a zip archive of a SavedModel (${packed.name}): unpacked, the folder is the model`;
    return fault('savedmodel-missing-files', text, path, packed.offset);
  }
  const part = files.find(name => /^(variables\/variables\.|keras_metadata\.pb$|fingerprint\.pb$)/.test(name));
  if (presence === 'folder' && part && !files.some(name => /^saved_model\.pb(txt)?$/.test(name))) {
    const text = `the folder has ${part} of a SavedModel, and saved_model.pb itself is missing`;
    return fault('savedmodel-missing-files', text, 'saved_model.pb');
  }
  return null;
}

/** A layers model of TensorFlow.js, which no Keras of Python reads. */
export function madeForTensorflowJs({ text, files, presence, path }: RawArtefact): Fault | null {
  const start = text ? new TextDecoder().decode(text.subarray(0, 4096)) : '';
  const inFolder =
    presence === 'folder' && files.includes('model.json') && files.some(name => /shard\d+of\d+(\.bin)?$/.test(name));
  if (!inFolder && !/"format"\s*:\s*"layers-model"|^\s*\{\s*"modelTopology"\s*:/.test(start)) return null;
  const told =
    'it is a layers model of TensorFlow.js, which Keras in Python does not read; mend writes a copy that it does';
  return fault('wrong-loader-for-format', told, path);
}

/** A path that is a checkpoint's prefix: no file has that name, and several begin with it. */
export function checkpointPrefix({ presence, files, path }: RawArtefact): Fault | null {
  const index = presence === 'missing' ? files.find(name => name.endsWith('.index')) : undefined;
  if (index === undefined) return null;
  const text = `it is the prefix of a TensorFlow checkpoint (${index}): load_weights of the model's code reads it`;
  return fault('checkpoint-wrong-name', text, path);
}

/** Weights that lie in another file, which newer releases refuse and other machines do not have. */
export function linkedWeights(root: RawGroup | null): Fault | null {
  const link = root && [...eachLink(root)].find(({ kind }) => kind === 'external-link');
  if (!link) return null;
  return fault('hdf5-external-link', `a link leads into another file, "${link.file}"`, link.path);
}
