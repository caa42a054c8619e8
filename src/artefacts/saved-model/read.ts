/**
 * SavedModels. One with Keras's metadata becomes the same description as a .h5: layers from their configs, weights through
 * the object graph. Layers that nobody defines get the functions that were traced of them. One without metadata
 * (`tf.saved_model.save`, `model.export`) has no layers to tell, and is opened by its signatures.
 */

import type { Folder } from '../../bytes/folder.ts';
import { type Era, eraOf } from '../../eras/era.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { traceProvenance } from '../../eras/provenance.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Json, JsonObject, Model, Provenance } from '../../model/types.ts';
import {
  type MetaGraph,
  openSavedModel,
  type SavedModelContents,
  variablesOfObjects,
} from '../../tensorflow/saved-model.ts';
import { describeSignatures } from '../../tensorflow/signature.ts';
import { bindCheckpoint } from '../checkpoint/bind.ts';
import { checkpointVariables } from '../checkpoint/variables.ts';
import { readTraining } from '../config/training.ts';
import { censusOf } from '../custom-objects.ts';
import { describeModel } from '../describe-model.ts';
import { parseConfigText, type Reading } from '../reading.ts';
import { checkFingerprint, checkFurther, checkGraph, checkTensors } from './integrity.ts';
import { readKerasModel } from './keras-model.ts';
import { type KerasObject, readKerasMetadata, readSavedModelJson } from './keras-objects.ts';
import { programOnce } from './program.ts';
import type { SavedModelArtefact } from './types.ts';

/** Reads the SavedModel in `folder`. Throws `not-found` or `damaged` where neither its graph nor its variables can be read. */
export async function readSavedModel(folder: Folder, reading: Reading): Promise<SavedModelArtefact> {
  try {
    return await readWhole(folder, reading);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function readWhole(folder: Folder, reading: Reading): Promise<SavedModelArtefact> {
  const contents = await openSavedModel(folder);
  const metaGraph = servingGraph(contents);
  const findings: Finding[] = [...contents.findings, ...(metaGraph ? checkGraph(metaGraph, contents.pb) : [])];
  if (findings.length === 0) findings.push(...checkFingerprint(contents));
  if (contents.variables) findings.push(...(await checkTensors(contents.variables, 'variables/', findings)));
  const openProgram = metaGraph && programOnce(contents, metaGraph);
  const keras = metaGraph ? await findKeras(folder, metaGraph, findings) : nothingOfKeras;
  const provenance = provenanceOf(metaGraph, keras);
  const era = eraOf(provenance);
  const variables = contents.variables ? checkpointVariables(contents.variables) : [];
  const optimizer = variables.filter(({ role }) => role === 'optimizer').map(({ tensor }) => tensor);
  return {
    name: reading.name,
    format: 'saved-model',
    export: keras.config ? 'keras' : 'bare',
    provenance,
    model: metaGraph ? await readModelOf(contents, metaGraph, openProgram!, keras, era, findings, reading) : null,
    training: readTraining(keras.training, optimizer),
    tensors: variables.filter(({ role }) => role === 'model').map(({ tensor }) => tensor),
    customObjects: censusOf(keras.config ?? undefined, keras.training ?? undefined, era, keras.path),
    findings,
    variables,
    signatures: describeSignatures(metaGraph?.signatures ?? new Map()),
    openProgram,
    check: () => checkFurther(contents, findings),
    close: () => folder.close(),
  };
}

/** The graph that is for serving, where there are several. */
function servingGraph({ metaGraphs }: SavedModelContents): MetaGraph | null {
  return metaGraphs.find(({ tags }) => tags.includes('serve')) ?? metaGraphs[0] ?? null;
}

/** What Keras wrote into a SavedModel. */
interface KerasParts {
  /** `{class_name, config}` as a .h5 has it; null for a bare export. */
  readonly config: JsonObject | null;
  readonly training: Json;
  readonly objects: readonly KerasObject[];
  /** The model among them; null where only its JSON is there. */
  readonly root: KerasObject | null;
  readonly version: string | null;
  readonly backend: string | null;
  /** Where all this stands. */
  readonly path: string;
}

const nothingOfKeras: KerasParts = {
  config: null,
  training: null,
  objects: [],
  root: null,
  version: null,
  backend: null,
  path: 'saved_model.pb',
};

async function findKeras(folder: Folder, metaGraph: MetaGraph, findings: Finding[]): Promise<KerasParts> {
  const { objects, where } = await readKerasMetadata(folder, metaGraph, findings);
  const root = objects.find(({ node }) => node === 0) ?? null;
  const stored = root ? root.metadata : await readSavedModelJson(folder, findings);
  if (!stored) return { ...nothingOfKeras, objects };
  const path = where ?? 'assets/saved_model.json';
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : null);
  return {
    config: root ? modelConfig(root) : stored,
    training: trainingConfig(stored, path, findings),
    objects,
    root,
    version: text(stored.keras_version),
    backend: text(stored.backend),
    path,
  };
}

/** Older releases repeat class and config of the model as `model_config`; newer ones say them once. */
function modelConfig({ metadata }: KerasObject): JsonObject {
  const { model_config: whole, class_name, config, name } = metadata;
  if (isRecord(whole) && isRecord(whole.config)) return whole;
  const given = isRecord(config) && !('layer was saved without config' in config) ? config : {};
  return { class_name: class_name ?? 'Model', config: { ...(typeof name === 'string' && { name }), ...given } };
}

function trainingConfig({ training_config: stored = null }: JsonObject, path: string, findings: Finding[]): Json {
  if (typeof stored !== 'string') return stored;
  return (parseConfigText(stored, `${path}, training_config`, findings) as Json | undefined) ?? null;
}

function provenanceOf(metaGraph: MetaGraph | null, keras: KerasParts): Provenance {
  const tensorflow = metaGraph?.tensorflowVersion ?? '';
  const isExport = metaGraph !== null && isKerasExport(metaGraph);
  return traceProvenance({
    kerasVersion: keras.version === null ? null : { text: keras.version, where: keras.path },
    tensorflow: tensorflow === '' ? null : { text: tensorflow, where: 'saved_model.pb' },
    backend: keras.backend ?? (keras.config || isExport ? 'tensorflow' : null),
    config: keras.config ?? undefined,
    layoutSigns: isExport ? [exportSign(tensorflow)] : [],
  });
}

/** `model.export` (Keras 3, tf.keras 2.13 and later) hangs its own lists on the root. */
function isKerasExport({ objects }: MetaGraph): boolean {
  const names = new Set(objects?.nodes[0]?.children.map(child => child.localName) ?? []);
  return names.has('_misc_assets') && names.has('trainable_variables');
}

function exportSign(tensorflow: string) {
  const [major = 0, minor = 0] = tensorflow.split('.').map(Number);
  const line = major > 2 || minor >= 16 ? ('keras3' as const) : ('tf.keras' as const);
  return { line, evidence: 'the root object has the lists of `model.export`' };
}

async function readModelOf(
  contents: SavedModelContents,
  metaGraph: MetaGraph,
  openProgram: ReturnType<typeof programOnce>,
  keras: KerasParts,
  era: Era,
  findings: Finding[],
  reading: Reading,
): Promise<Model | null> {
  const { config, root, objects, path } = keras;
  if (!config) return null;
  if (root) {
    const nodes = metaGraph.objects?.nodes ?? [];
    const tensors = variablesOfObjects(metaGraph, contents.variables);
    return readKerasModel({ config, root, objects, nodes, tensors, openProgram, era, path, findings, reading });
  }
  const described = describeModel(config, era, path, findings, reading.customObjects);
  if (!described || !contents.variables) return described?.model ?? null;
  return bindCheckpoint(described.model, described.inferred, contents.variables, era, findings);
}
