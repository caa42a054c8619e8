/**
 * Checkpoints: variables without a graph, written by `save_weights`, `ModelCheckpoint`, `tf.train.Checkpoint` or TF1's
 * Saver. The path that people give is a prefix of several files; one that is a file is put right.
 */

import { type Folder, subfolder } from '../../bytes/folder.ts';
import { openBundle } from '../../containers/table/bundle.ts';
import { openV1Checkpoint } from '../../containers/table/v1.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Artefact, Provenance } from '../../model/types.ts';
import { readObjectGraph } from '../../tensorflow/object-graph.ts';
import { damagedFinding, shardFindings, type Variables } from '../../tensorflow/saved-model.ts';
import { openShards, tensorOfV1Entry } from '../../tensorflow/variables.ts';
import type { Reading } from '../reading.ts';
import { checkTensors } from '../saved-model/integrity.ts';
import { type CheckpointVariable, checkpointVariables } from './variables.ts';

export interface CheckpointArtefact extends Artefact {
  /** Every array, with what it is for. */
  readonly variables: readonly CheckpointVariable[];
  /** What binding to a model needs; null for checkpoints of the first format. */
  readonly checkpoint: Variables | null;
}

/** True for an artefact that is a checkpoint. */
export function isCheckpoint(artefact: Artefact): artefact is CheckpointArtefact {
  return artefact.format === 'checkpoint' && 'checkpoint' in artefact;
}

/** Reads the checkpoint `prefix` in `folder`. Throws `not-found`, `damaged` where its index cannot be read. */
export async function readCheckpoint(folder: Folder, prefix: string, reading: Reading): Promise<CheckpointArtefact> {
  try {
    return await readBundleCheckpoint(folder, prefix, reading);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function readBundleCheckpoint(folder: Folder, prefix: string, reading: Reading): Promise<CheckpointArtefact> {
  const bundle = await openBundle(folder, prefix);
  const shards = await openShards(bundle);
  const findings: Finding[] = await shardFindings(bundle, shards, '');
  const objects = await readObjectGraph(bundle).catch(error => {
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    if (findings.length === 0) findings.push(damagedFinding(error, bundle.shardName(0)));
    return null;
  });
  const checkpoint: Variables = { bundle, shards, objects };
  findings.push(...(await checkTensors(checkpoint, '', findings)));
  const variables = checkpointVariables(checkpoint);
  return {
    ...artefactOf(reading.name, variables, findings, provenanceOf(variables, objects !== null)),
    checkpoint,
    close: () => folder.close(),
  };
}

/** Reads a checkpoint of the first format: `name` is its one file, or stands for `name-00000-of-0000n`. */
export async function readV1Checkpoint(folder: Folder, name: string, reading: Reading): Promise<CheckpointArtefact> {
  const opened = await openV1Checkpoint(folder, name);
  const variables = [...opened.entries.values()].flatMap((entry): CheckpointVariable[] => {
    const tensor = tensorOfV1Entry(opened, entry);
    const layer = entry.name.split('/').slice(0, -1).join('/') || null;
    return tensor ? [{ tensor, name: entry.name, path: entry.name, layer, role: 'model', slot: null }] : [];
  });
  return {
    ...artefactOf(reading.name, variables, [], provenanceOf(variables, false)),
    checkpoint: null,
    close: () => folder.close(),
  };
}

function artefactOf(
  name: string,
  variables: readonly CheckpointVariable[],
  findings: readonly Finding[],
  provenance: Provenance,
): Omit<CheckpointArtefact, 'checkpoint' | 'close'> {
  return {
    name,
    format: 'checkpoint',
    provenance,
    model: null,
    training: null,
    tensors: variables.filter(({ role }) => role === 'model').map(({ tensor }) => tensor),
    customObjects: [],
    findings,
    variables,
  };
}

/** A checkpoint names no version; how objects hang together tells the line. */
function provenanceOf(variables: readonly CheckpointVariable[], hasObjects: boolean): Provenance {
  const nothing = { keras: null, tensorflow: null, backend: 'tensorflow' };
  const keras3 = variables.find(({ path }) =>
    /(^|\/)(_operations|_layers|_functional|_trainable_variables)\//.test(path),
  );
  if (keras3)
    return { ...nothing, line: 'keras3', evidence: [`a variable hangs at ${keras3.path}, as Keras 3 keeps them`] };
  const tfKeras = variables.find(({ path }) => /(^|\/)layer_with_weights-\d+\//.test(path));
  if (tfKeras)
    return { ...nothing, line: 'tf.keras', evidence: [`a variable hangs at ${tfKeras.path}, as tf.keras keeps them`] };
  const what = hasObjects
    ? 'it holds an object graph of TensorFlow'
    : 'variables are stored by name, as Saver of TF1 does';
  return { ...nothing, line: null, evidence: [what] };
}

/** What a path names that was given for a checkpoint: its prefix, whatever of its files was meant. */
export function prefixOf(name: string): string {
  return name.replace(/\.(?:index|data-\d{5}-of-\d{5}|meta)$/, '');
}

/** The prefix that the text file `checkpoint` beside it names as the latest; null without. */
export async function latestPrefix(folder: Folder, below = ''): Promise<string | null> {
  const source = await subfolder(folder, below).file('checkpoint');
  if (source === null || source.size > 2 ** 20) return null;
  const text = new TextDecoder().decode(await source.read(0, source.size));
  const path = /^model_checkpoint_path:\s*"((?:[^"\\]|\\.)*)"/m.exec(text)?.[1];
  return path === undefined ? null : path.replace(/\\(.)/g, '$1');
}
