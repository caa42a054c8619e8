/**
 * The v3 format: `config.json`, `metadata.json`, `model.weights.h5` and `assets/`, in a `.keras` archive or as the
 * folder that it unpacks to; and `.weights.h5` files, which are the weights alone.
 */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { type Hdf5File, isHdf5, openHdf5 } from '../../containers/hdf5/index.ts';
import { eraOf } from '../../eras/era.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { type Traces, traceProvenance } from '../../eras/provenance.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Artefact, Json, TensorRef } from '../../model/types.ts';
import { readTraining } from '../config/training.ts';
import { censusOf } from '../custom-objects.ts';
import { describeModel } from '../describe-model.ts';
import { noteDamage, parseConfigText, type Reading } from '../reading.ts';
import { attachAssets } from './assets.ts';
import { bindV3 } from './bind.ts';
import { isTrainingState, readWeightsTree, type WeightsTree } from './weights-tree.ts';

const weightsName = 'model.weights.h5';
const emptyTree: WeightsTree = { objects: new Map(), filled: new Set(), findings: [] };

/** Reads a `.keras` archive or folder. `met` are findings about the container itself. */
export async function readKerasV3(
  folder: Folder & { readonly findings?: readonly Finding[] },
  met: readonly Finding[],
  reading: Reading,
): Promise<Artefact> {
  const findings: Finding[] = [...met];
  const config = await readJson(folder, 'config.json', findings, reading);
  const metadata = await readJson(folder, 'metadata.json', findings, reading);
  const file = await openWeights(folder, findings, reading);
  const tree = file ? await readTree(file, weightsName, findings, reading) : emptyTree;
  const version = isRecord(metadata) && typeof metadata.keras_version === 'string' ? metadata.keras_version : null;
  const provenance = traceProvenance({
    kerasVersion: version === null ? null : { text: version, where: 'metadata.json' },
    config,
    layoutSigns: layoutSigns(tree),
  });
  const era = eraOf(provenance);
  const described =
    config === undefined ? null : describeModel(config, era, 'config.json', findings, reading.customObjects);
  const bound = described && bindV3(described.model, described.inferred, tree, era, findings);
  const compile = isRecord(config) ? config.compile_config : undefined;
  return {
    name: reading.name,
    format: 'keras-v3',
    provenance,
    model: bound && (await attachAssets(bound, folder, era, findings)),
    training: readTraining(compile ?? null, optimizerTensors(tree)),
    tensors: modelTensors(tree),
    customObjects: censusOf(config, compile, era, 'config.json'),
    findings: [...findings, ...(folder.findings ?? []), ...(file?.findings ?? [])],
    close: () => folder.close(),
  };
}

/** Reads a `.weights.h5` of the v3 layout. Without a config there is no model, only tensors. */
export async function readV3Weights(file: Hdf5File, reading: Reading): Promise<Artefact> {
  const findings: Finding[] = [];
  const tree = await readTree(file, '', findings, reading);
  return {
    name: reading.name,
    format: 'keras-v3-weights',
    provenance: traceProvenance({ layoutSigns: layoutSigns(tree) }),
    model: null,
    training: optimizerTensors(tree).length > 0 ? readTraining({}, optimizerTensors(tree)) : null,
    tensors: modelTensors(tree),
    customObjects: [],
    findings: [...findings, ...file.findings],
    close: async () => file.source.close?.(),
  };
}

async function readTree(file: Hdf5File, prefix: string, findings: Finding[], reading: Reading): Promise<WeightsTree> {
  const tree = await readWeightsTree({ file, prefix }, reading);
  findings.push(...tree.findings);
  return tree;
}

async function readJson(
  folder: Folder,
  path: string,
  findings: Finding[],
  reading: Reading,
): Promise<Json | undefined> {
  try {
    const source = await folder.file(path);
    if (source) {
      const bytes = await source.read(0, source.size, reading);
      return parseConfigText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), path, findings) as
        | Json
        | undefined;
    }
    const what = `${path} is missing from the archive`;
    findings.push({ code: 'member-missing', severity: 'error', what, at: { path } });
  } catch (error) {
    noteDamage(error, path, findings);
  }
  return undefined;
}

async function openWeights(folder: Folder, findings: Finding[], reading: Reading): Promise<Hdf5File | null> {
  try {
    const source: ByteSource | null = await folder.file(weightsName);
    if (source && (await isHdf5(source))) return await openHdf5(source, reading);
    const what = source ? `${weightsName} is no HDF5 file` : `${weightsName} is missing from the archive`;
    findings.push({
      code: source ? 'weights-no-hdf5' : 'member-missing',
      severity: 'error',
      what,
      at: { path: weightsName },
    });
    return null;
  } catch (error) {
    return noteDamage(error, weightsName, findings);
  }
}

/** What the layout of the weights tells of their writer, for files that state no version. */
function layoutSigns(tree: WeightsTree): NonNullable<Traces['layoutSigns']> {
  const paths = [...tree.objects.keys()];
  if (paths.some(path => path.includes('_layer_checkpoint_dependencies'))) {
    return [
      {
        line: 'tf.keras',
        evidence: 'layers lie in "_layer_checkpoint_dependencies", as TensorFlow 2.12 to 2.14 write',
      },
    ];
  }
  if ([...tree.objects.values()].some(({ name }) => name !== null)) {
    return [{ line: 'keras3', evidence: 'groups of variables have a name, as Keras 3.6 and later write' }];
  }
  if (paths.some(path => path.startsWith('metrics/'))) {
    return [{ line: 'tf.keras', evidence: 'states of metrics are stored, as TensorFlow 2.15 and tf_keras write' }];
  }
  return paths.length > 0
    ? [{ line: 'keras3', evidence: 'variables lie in groups "vars" without names, as Keras 3.0 to 3.5 write' }]
    : [];
}

function modelTensors(tree: WeightsTree): TensorRef[] {
  return [...tree.objects.values()]
    .filter(({ path }) => !isTrainingState(path))
    .flatMap(({ variables }) => variables.map(({ tensor }) => tensor));
}

function optimizerTensors(tree: WeightsTree): TensorRef[] {
  return [...tree.objects.values()]
    .filter(({ path }) => path === 'optimizer' || path.startsWith('optimizer/'))
    .flatMap(({ variables }) => variables.map(({ tensor }) => tensor));
}
