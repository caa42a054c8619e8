/**
 * Single files of TensorFlow, which people give in place of the folder or prefix that they belong to: `saved_model.pb`
 * alone, one file of a checkpoint, a checkpoint of the first format, a frozen graph.
 */

import { type Folder, sourcesFolder, subfolder } from '../bytes/folder.ts';
import type { ByteSource } from '../bytes/source.ts';
import { isTable } from '../containers/table/table.ts';
import { isV1Checkpoint } from '../containers/table/v1.ts';
import type { Finding } from '../findings/finding.ts';
import type { Artefact } from '../model/types.ts';
import { readFrozenGraph } from '../tensorflow/frozen-graph.ts';
import { describeSignatures } from '../tensorflow/signature.ts';
import { prefixOf, readCheckpoint, readV1Checkpoint } from './checkpoint/read.ts';
import type { Reading } from './reading.ts';
import { programOnce } from './saved-model/program.ts';
import { readSavedModel } from './saved-model/read.ts';
import type { SavedModelArtefact } from './saved-model/types.ts';

/** Opens a file that TensorFlow wrote; null where it is none. */
export async function readTensorFlowFile(source: ByteSource, reading: Reading): Promise<Artefact | null> {
  const head = await source.read(0, Math.min(source.size, 3));
  // Schema version 1, then a meta graph: how every saved_model.pb begins.
  if (head[0] === 0x08 && head[1] === 0x01 && head[2] === 0x12) return readPb(source, reading);
  if (await isTable(source)) return readTable(source, reading);
  const frozen = await readFrozenGraph(source);
  return frozen && frozenArtefact(source, frozen, reading);
}

/** The folder that the file lies in, where it is a whole SavedModel; else what the file alone tells. */
async function readPb(source: ByteSource, reading: Reading): Promise<Artefact> {
  const beside = reading.beside;
  const variables = beside && (await subfolder(beside, 'variables').file('variables.index'));
  if (beside && variables && (await beside.file('saved_model.pb'))) return readSavedModel(beside, reading);
  const alone: Folder = {
    ...sourcesFolder(new Map([['saved_model.pb', source]]), source.name),
    close: async () => source.close?.(),
  };
  const artefact = await readSavedModel(alone, reading);
  const what = 'This is saved_model.pb alone: a SavedModel is the folder that holds it, with its weights in variables/';
  const finding: Finding = { code: 'savedmodel-pb-alone', severity: 'error', what, at: { path: 'saved_model.pb' } };
  return { ...artefact, findings: [finding, ...artefact.findings.filter(({ at }) => at.path !== 'variables')] };
}

async function readTable(source: ByteSource, reading: Reading): Promise<Artefact> {
  const name = source.name.split(/[\\/]/).at(-1) ?? source.name;
  const folder = reading.beside ?? sourcesFolder(new Map([[name, source]]), source.name);
  if (await isV1Checkpoint(source)) return readV1Checkpoint(folder, name, reading);
  return readCheckpoint(folder, prefixOf(name), reading);
}

function frozenArtefact(
  source: ByteSource,
  metaGraph: NonNullable<Awaited<ReturnType<typeof readFrozenGraph>>>,
  reading: Reading,
): SavedModelArtefact {
  const folder = sourcesFolder(new Map(), source.name);
  const contents = { folder, metaGraphs: [metaGraph], variables: null, fingerprint: null, pb: null, findings: [] };
  const what =
    'This is a frozen graph of TensorFlow 1, with its weights inside: it can be run, and holds no Keras model';
  return {
    name: reading.name,
    format: 'saved-model',
    export: 'frozen-graph',
    provenance: {
      line: null,
      keras: null,
      tensorflow: null,
      backend: 'tensorflow',
      evidence: ['it is a GraphDef without a SavedModel around it'],
    },
    model: null,
    training: null,
    tensors: [],
    customObjects: [],
    findings: [{ code: 'frozen-graph-not-a-model', severity: 'warning', what, at: {} }],
    variables: [],
    signatures: describeSignatures(metaGraph.signatures),
    openProgram: programOnce(contents, metaGraph),
    check: async () => [],
    close: async () => source.close?.(),
  };
}
