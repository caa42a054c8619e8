/**
 * Legacy .h5 files: a whole model (`model_config` on the root, weights below `model_weights`) or weights only
 * (`layer_names` on the root), of every Keras from 1 to 3.
 */

import {
  type Hdf5AttributeValue,
  type Hdf5File,
  type Hdf5Group,
  joinedAttribute,
} from '../../containers/hdf5/index.ts';
import { eraOf } from '../../eras/era.ts';
import { traceProvenance } from '../../eras/provenance.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Artefact, Json, TensorRef } from '../../model/types.ts';
import { readTraining } from '../config/training.ts';
import { censusOf } from '../custom-objects.ts';
import { describeModel } from '../describe-model.ts';
import { noteDamage, parseConfigText, type Reading } from '../reading.ts';
import { bindLegacy } from '../weights/bind-legacy.ts';
import type { TensorHome } from '../weights/dataset-tensor.ts';
import { readStoredTree, readWeights, type StoredLayer } from '../weights/legacy-file.ts';

const configPath = '/ attribute model_config';

/** Reads the file as a model or as weights, whichever it is. Opens nothing but what it needs: no weights are read. */
export async function readKerasH5(file: Hdf5File, reading: Reading): Promise<Artefact> {
  const findings: Finding[] = [];
  const home: TensorHome = { file, prefix: '' };
  const text = await textAttribute(file.root, 'model_config', findings, reading);
  const whole = text !== null || (await holdsModel(file, findings, reading));
  const config = text === null ? undefined : (parseConfigText(text, configPath, findings) as Json | undefined);
  const group = whole ? await weightsGroup(file, findings, reading) : file.root;
  const stored = await storedLayers(home, group, findings, reading);
  const weights = stored.flatMap(layer => layer.weights);
  const provenance = traceProvenance({
    kerasVersion: await stated(file.root, group, 'keras_version', findings, reading),
    backend: (await stated(file.root, group, 'backend', findings, reading))?.text ?? null,
    config,
    weightNames: weights.slice(0, 1000).map(({ name }) => name),
  });
  const era = eraOf(provenance);
  const described =
    config === undefined ? null : describeModel(config, era, configPath, findings, reading.customObjects);
  const trainingConfig = await trainingOf(file, findings, reading);
  const optimizerWeights = whole ? await optimizerTensors(home, findings, reading) : [];
  return {
    name: reading.name,
    format: whole ? 'keras-h5' : 'keras-h5-weights',
    provenance,
    model: described && bindLegacy(described.model, described.inferred, stored, era, findings),
    training: readTraining(trainingConfig ?? null, optimizerWeights),
    tensors: weights.map(({ tensor }) => tensor),
    customObjects: censusOf(config, trainingConfig, era, configPath),
    findings: [...findings, ...file.findings],
    close: async () => file.source.close?.(),
  };
}

/** A file whose config is gone is still a whole model's where its weights lie in a group of their own. */
async function holdsModel(file: Hdf5File, findings: Finding[], reading: Reading): Promise<boolean> {
  if (!(await file.root.names(reading)).includes('model_weights')) return false;
  const what = 'the attribute model_config is missing: which layers the model has is lost, its weights are there';
  findings.push({ code: 'model-config-missing', severity: 'error', what, at: { path: '/', offset: file.root.offset } });
  return true;
}

/** Layers as stored, and what a subclassed model owns itself. */
async function storedLayers(
  home: TensorHome,
  group: Hdf5Group | null,
  findings: Finding[],
  reading: Reading,
): Promise<readonly StoredLayer[]> {
  if (!group) return [];
  const tree = await readStoredTree(home, group, reading);
  findings.push(...tree.findings);
  return tree.topLevel ? [...tree.layers, tree.topLevel] : tree.layers;
}

async function weightsGroup(file: Hdf5File, findings: Finding[], reading: Reading): Promise<Hdf5Group | null> {
  const group = await file.get('/model_weights', reading).catch(error => noteDamage(error, '/model_weights', findings));
  if (group?.kind === 'group') return group;
  const what = 'the file has a model_config and no group model_weights: it holds no weights';
  findings.push({ code: 'weights-missing', severity: 'error', what, at: { path: '/model_weights' } });
  return null;
}

async function textAttribute(
  object: Hdf5Group,
  name: string,
  findings: Finding[],
  reading: Reading,
): Promise<string | null> {
  const value: Hdf5AttributeValue = await joinedAttribute(object, name, reading).catch(error =>
    noteDamage(error, `${object.path} attribute ${name}`, findings),
  );
  return typeof value === 'string' ? value : null;
}

/** An attribute of the root, or of the group of weights, with where it was. */
async function stated(
  root: Hdf5Group,
  group: Hdf5Group | null,
  name: string,
  findings: Finding[],
  reading: Reading,
): Promise<{ text: string; where: string } | null> {
  for (const object of group && group !== root ? [root, group] : [root]) {
    const text = await textAttribute(object, name, findings, reading);
    if (text !== null) return { text, where: `attribute ${name} of ${object.path}` };
  }
  return null;
}

async function trainingOf(file: Hdf5File, findings: Finding[], reading: Reading): Promise<Json | undefined> {
  const text = await textAttribute(file.root, 'training_config', findings, reading);
  return text === null
    ? undefined
    : (parseConfigText(text, '/ attribute training_config', findings) as Json | undefined);
}

async function optimizerTensors(
  home: TensorHome,
  findings: Finding[],
  reading: Reading,
): Promise<readonly TensorRef[]> {
  const group = await home.file
    .get('/optimizer_weights', reading)
    .catch(error => noteDamage(error, '/optimizer_weights', findings));
  if (group?.kind !== 'group') return [];
  await home.file.prefetch('/optimizer_weights', reading);
  const note = (code: string, what: string, path: string) =>
    findings.push({ code: `optimizer-${code}`, severity: 'warning', what, at: { path } });
  return (await readWeights(home, group, note, reading)).map(weight => weight.tensor);
}
