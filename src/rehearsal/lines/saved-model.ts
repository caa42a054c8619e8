/**
 * SavedModels in tf.keras and tf_keras: what must be there, which ops the TensorFlow must know, what Keras's metadata
 * must say. Facts: saved_model/loader_impl.py and load.py of TensorFlow, saving/saved_model/load.py of the Keras tags.
 */

import type { RawSavedModel, RawSavedNode } from '../../artefacts/raw/index.ts';
import { compileFrom } from '../compile/training-config.ts';
import { folderOfCheckpoint, missingPath } from '../missing-path.ts';
import { evidence, raise } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { isDict, type PyDict } from '../python/values.ts';
import { compiles, type Run, since } from '../run.ts';
import { isModelEarly, predictEarly, reviveEarly } from './saved-model-early.ts';
import { reconstructModels, reviveLayers } from './saved-model-layers.ts';
import { requireOps } from './saved-model-ops.ts';
import { restoreVariables } from './saved-model-variables.ts';

export function loadSavedModel(run: Run): void {
  const { savedModel, path } = run.raw;
  if (!savedModel) raiseNoModel(run);
  const at = (words: string, offset: number | null = null) => evidence(words, 'saved_model.pb', offset);
  const problem = savedModel.problem ?? endsAtOnce(run, savedModel);
  if (problem) {
    raise('OSError', `Cannot parse file b'${path}/saved_model.pb': ${parseText(run)}`, {
      failure: failureOfHead(savedModel.head),
      evidence: at(problem.what, problem.offset),
    });
  }
  if (savedModel.metaGraphs === 0) raiseEmpty(run, savedModel);
  if (savedModel.metaGraphs > 1 && !since(run, '2.4')) raiseTags(savedModel);
  const early = !since(run, '2.4');
  // Older loaders import every function of the graph before they look at any object.
  if (early) requireOps(run, savedModel);
  run.stage = 'config';
  const root = readKeras(run, savedModel);
  reviveLayers(run, savedModel);
  if (!early) requireOps(run, savedModel);
  run.stage = 'weights';
  restoreVariables(run, savedModel);
  reconstructModels(run, savedModel);
  if (!root) return raiseNoKeras(run, savedModel);
  reviveEarly(run, savedModel.nodes ?? []);
  const outermost = savedModel.nodes?.[0];
  if (compiles(run) && isModelEarly(run, outermost) && isDict(root.training_config))
    compileFrom(run, root.training_config);
  predictEarly(run, outermost);
}

function raiseNoModel(run: Run): never {
  const { path } = run.raw;
  const told = run.raw.presence === 'missing' ? missingPath(run.raw) : (folderOfCheckpoint(run.raw) ?? noModelAt(run));
  raise('OSError', `SavedModel file does not exist at: ${path}/{saved_model.pbtxt|saved_model.pb}`, told);
}

function noModelAt({ raw: { path, presence, files, zip } }: Run) {
  const inner = files.find(name => name.endsWith('/saved_model.pb'));
  const words =
    presence === 'folder'
      ? `the folder has no saved_model.pb${inner ? `; ${inner} lies deeper` : ''}`
      : 'the path is a file, and not HDF5';
  const archive = zip?.texts['config.json'] !== undefined;
  if (archive) {
    const failure = path.endsWith('.keras') ? 'newer-file-older-keras' : 'filename-extension-required';
    return { failure, evidence: evidence(words, path) };
  }
  return { failure: inner ? 'wrong-path' : 'savedmodel-missing-files', evidence: evidence(words, path) };
}

/** A first byte that ends a group, as of text: an empty message to older protobufs, none to those from TensorFlow 2.12. */
function endsAtOnce(run: Run, { head }: RawSavedModel): { what: string; offset: number } | null {
  if (head[0] === undefined || (head[0] & 7) !== 4 || !since(run, '2.12')) return null;
  return { what: 'saved_model.pb is no protobuf message', offset: 0 };
}

function parseText(run: Run): string {
  const { tensorflow } = run.environment;
  if (!since(run, '2.12')) return "Error parsing message with type 'tensorflow.SavedModel'.";
  return tensorflow && Number(tensorflow.split('.')[1]) >= 20
    ? "Error parsing message with type 'tensorflow.SavedModel': Wire format was corrupt."
    : 'Error parsing message.';
}

/** A web page or a pointer in place of the graph, or damage. */
function failureOfHead(head: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(head);
  if (text.startsWith('version https://git-lfs')) return 'lfs-pointer';
  return /^\s*<(!doctype|html|\?xml)/i.test(text) ? 'not-a-model-file' : 'truncated-or-corrupt';
}

function raiseEmpty(run: Run, { size, head }: RawSavedModel): never {
  const facts = {
    failure: failureOfHead(head),
    evidence: evidence(size === 0 ? 'saved_model.pb is empty' : 'saved_model.pb holds no graph', 'saved_model.pb'),
  };
  if (!since(run, '2.4')) {
    raise(
      'ValueError',
      "Importing a SavedModel with tf.saved_model.load requires a 'tags=' argument if there is more than one MetaGraph. Got 'tags=None', but there are 0 MetaGraphs in the SavedModel with tag sets []. Pass a 'tags=' argument to load this SavedModel.",
      facts,
    );
  }
  raise('IndexError', since(run, '2.12') ? 'list index out of range' : 'list index (0) out of range', facts);
}

function raiseTags({ metaGraphs }: RawSavedModel): never {
  raise(
    'ValueError',
    `Importing a SavedModel with tf.saved_model.load requires a 'tags=' argument if there is more than one MetaGraph. Got 'tags=None', but there are ${metaGraphs} MetaGraphs in the SavedModel with tag sets [['serve'], ['train']]. Pass a 'tags=' argument to load this SavedModel.`,
    {
      failure: 'wrong-loader-for-format',
      evidence: evidence(`saved_model.pb holds ${metaGraphs} graphs: an export of TensorFlow 1`, 'saved_model.pb'),
    },
  );
}

const kerasIdentifiers = /^_tf_keras_(layer|input_layer|rnn_layer|metric|network|model|sequential)$/;

function kerasNodes(savedModel: RawSavedModel): readonly RawSavedNode[] {
  return (savedModel.nodes ?? []).filter(node => kerasIdentifiers.test(node.identifier));
}

/** The root object's metadata; null where there are no Keras objects at all. */
function readKeras(run: Run, savedModel: RawSavedModel): PyDict | null {
  return since(run, '2.5') ? fromMetadataFile(run, savedModel) : fromNodes(run, savedModel);
}

/** Up to TensorFlow 2.4 each object carries its own metadata; later ones write it beside, and leave the objects' empty. */
function fromNodes(run: Run, savedModel: RawSavedModel): PyDict | null {
  if (!savedModel.nodes) {
    if (since(run, '2.4')) raiseNoObjects();
    return {};
  }
  const nodes = kerasNodes(savedModel);
  if (nodes.length === 0) return null;
  const empty = nodes.find(node => node.metadata === '');
  if (empty) {
    raise('JSONDecodeError', 'Expecting value: line 1 column 1 (char 0)', {
      failure: savedModel.metadata ? 'newer-file-older-keras' : 'wrong-loader-for-format',
      evidence: evidence(
        savedModel.metadata
          ? "the objects' metadata lies in keras_metadata.pb, which TensorFlow reads from 2.5 on"
          : 'the Keras objects carry no metadata',
        'saved_model.pb',
      ),
    });
  }
  return metadataOf(savedModel.nodes[0]!.metadata);
}

function metadataOf(text: string): PyDict {
  const value = text === '' ? {} : jsonLoads(text);
  return isDict(value) ? value : {};
}

function raiseNoObjects(): never {
  raise('IndexError', 'list index (0) out of range', {
    failure: 'wrong-loader-for-format',
    evidence: evidence(
      'the graph has no objects: it was not saved by Keras, but by TensorFlow 1 or an exporter',
      'saved_model.pb',
    ),
  });
}

function fromMetadataFile(run: Run, savedModel: RawSavedModel): PyDict | null {
  const { metadata, nodes } = savedModel;
  if (metadata?.problem) {
    const path = `${run.raw.path}/keras_metadata.pb`;
    const text = since(run, '2.7')
      ? `Cannot parse keras metadata at path ${path}: Received error: Error parsing message`
      : `Cannot parse keras metadata ${path}: Error parsing message.`;
    raise('OSError', text, {
      failure: 'truncated-or-corrupt',
      evidence: evidence(metadata.problem.what, 'keras_metadata.pb', metadata.problem.offset),
    });
  }
  if (metadata && metadata.nodes.length > 0) {
    const root = metadata.nodes.find(node => node.id === 0) ?? metadata.nodes[0]!;
    return metadataOf(root.metadata);
  }
  if (metadata) return null;
  if (!nodes) raiseNoObjects();
  const keras = kerasNodes(savedModel);
  if (keras.length === 0) return null;
  if (keras.some(node => node.metadata === '')) raiseNoMetadata(run);
  return metadataOf(nodes[0]!.metadata);
}

function raiseNoMetadata(run: Run): never {
  const facts = {
    failure: 'savedmodel-missing-files',
    evidence: evidence(
      'keras_metadata.pb is missing: it was left behind, or the model was exported by tf.saved_model.save',
      'keras_metadata.pb',
    ),
  };
  if (!since(run, '2.7')) {
    raise(
      'ValueError',
      'Unable to create a Keras model from this SavedModel. This SavedModel was created with `tf.saved_model.save`, and lacks the Keras metadata.Please save your Keras model by calling `model.save`or `tf.keras.models.save_model`.',
      facts,
    );
  }
  const name = run.environment.line === 'tf_keras' ? 'TF-Keras' : 'Keras';
  raise(
    'ValueError',
    `Unable to create a ${name} model from SavedModel at ${run.raw.path}. This SavedModel was exported with \`tf.saved_model.save\`, and lacks the ${name} metadata file. Please save your ${name} model by calling \`model.save\` or \`tf.keras.models.save_model\`. Note that you can still load this SavedModel with \`tf.saved_model.load\`.`,
    facts,
  );
}

/** What loads is TensorFlow's own object, which has no `predict`. */
function raiseNoKeras(run: Run, savedModel: RawSavedModel): void {
  run.stage = 'predict';
  const type = savedModel.nodes ? '_UserObject' : 'AutoTrackable';
  raise('AttributeError', `'${type}' object has no attribute 'predict'`, {
    failure: 'wrong-loader-for-format',
    evidence: evidence(
      'the SavedModel holds no Keras objects: it was exported for serving (model.export, tf.saved_model.save)',
      'saved_model.pb',
    ),
  });
}
