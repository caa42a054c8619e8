/**
 * A SavedModel as TensorFlow has it, nothing of Keras: the meta graphs of `saved_model.pb` with signatures, functions
 * and object graph, the variables beside it, assets, fingerprint. What is missing or broken beside the `.pb` becomes a
 * finding; without a readable `.pb` there is nothing to open.
 */

import type { Folder } from '../bytes/folder.ts';
import { subfolder } from '../bytes/folder.ts';
import type { ByteSource } from '../bytes/source.ts';
import { decode } from '../containers/protobuf/message.ts';
import { type Bundle, indexName, openBundle } from '../containers/table/bundle.ts';
import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { TensorRef } from '../model/types.ts';
import { type FunctionLibrary, functionLibrary } from './function-library.ts';
import { pairObjects, readObjectGraph } from './object-graph.ts';
import { type GraphDef, GraphDefProto } from './schema/graph.ts';
import type { SavedObjectGraph, TrackableObject } from './schema/objects.ts';
import {
  type Fingerprint,
  FingerprintDefProto,
  type MetaGraphDef,
  SavedModelProto,
  type SignatureDef,
} from './schema/saved-model.ts';
import { openShards, type Shards, tensorOfEntry } from './variables.ts';

export const pbName = 'saved_model.pb';

/** A graph of more bytes than this is refused; protobuf itself ends at 2 GB. */
const maxPbBytes = 2 ** 31;

export interface MetaGraph {
  readonly tags: readonly string[];
  readonly tensorflowVersion: string;
  readonly signatures: ReadonlyMap<string, SignatureDef>;
  /** Files in `assets/`, in the order by which objects refer to them. */
  readonly assets: readonly string[];
  /** Null before TF 2.0 (and for exports of a session). */
  readonly objects: SavedObjectGraph | null;
  /** Decoded when first asked for. */
  graph(): GraphDef;
  functions(): FunctionLibrary;
  readonly stored: MetaGraphDef;
}

export interface Variables {
  readonly bundle: Bundle;
  readonly shards: Shards;
  /** Object graph of the checkpoint; null where variables are stored by name. */
  readonly objects: readonly TrackableObject[] | null;
}

export interface SavedModelContents {
  readonly folder: Folder;
  readonly metaGraphs: readonly MetaGraph[];
  /** Null where the folder has no variables that can be read. */
  readonly variables: Variables | null;
  readonly fingerprint: Fingerprint | null;
  readonly findings: readonly Finding[];
}

/** Opens the SavedModel in `folder`. Throws `not-found` without `saved_model.pb`, `damaged` where it is none. */
export async function openSavedModel(folder: Folder): Promise<SavedModelContents> {
  const source = await folder.file(pbName);
  if (source === null) throw await missingPb(folder);
  const metaGraphs = await readMetaGraphs(source);
  const findings: Finding[] = [];
  const variables = await openVariables(folder, findings);
  return { folder, metaGraphs, variables, fingerprint: await readFingerprint(folder, findings), findings };
}

async function missingPb(folder: Folder): Promise<LoadstoneError> {
  const text = await folder.file('saved_model.pbtxt');
  const what = text
    ? 'This SavedModel is in text form (saved_model.pbtxt), which is not read'
    : 'The graph of the SavedModel is missing: there is no saved_model.pb';
  return new LoadstoneError('not-found', what, {
    where: folder.name,
    do: 'Copy saved_model.pb from where the folder came: it holds the model, the other files only its weights.',
  });
}

/** Reads the meta graphs of `saved_model.pb`. Throws `damaged` naming the byte. */
export async function readMetaGraphs(source: ByteSource): Promise<readonly MetaGraph[]> {
  if (source.size === 0)
    throw new LoadstoneError('damaged', 'saved_model.pb is empty', {
      where: `${source.name}, byte 0`,
      offset: 0,
      do: 'Copy it again from where the folder came.',
    });
  if (source.size > maxPbBytes)
    throw new LoadstoneError(
      'limit',
      `saved_model.pb has ${source.size} bytes, more than a protobuf message can have`,
      { where: source.name },
    );
  const bytes = await source.read(0, source.size);
  const message = decode(SavedModelProto, bytes, { where: source.name });
  if (message.metaGraphs.length === 0) {
    throw new LoadstoneError('damaged', 'It holds no meta graph, so it is no SavedModel', {
      where: `${source.name}, byte 0`,
      offset: 0,
    });
  }
  return message.metaGraphs.map(stored => metaGraph(stored, bytes, source.name));
}

function metaGraph(stored: MetaGraphDef, file: Uint8Array, name: string): MetaGraph {
  let graph: GraphDef | undefined;
  let functions: FunctionLibrary | undefined;
  const offset = stored.graphDef.byteLength === 0 ? 0 : stored.graphDef.byteOffset - file.byteOffset;
  const decoded = () => {
    graph ??= decode(GraphDefProto, stored.graphDef, { where: name, offset });
    return graph;
  };
  const objects = stored.objectGraphDef;
  return {
    tags: stored.metaInfoDef?.tags ?? [],
    tensorflowVersion: stored.metaInfoDef?.tensorflowVersion ?? '',
    signatures: stored.signatureDef,
    assets: stored.assetFileDef.map(asset => asset.filename),
    objects: objects && objects.nodes.length > 0 ? objects : null,
    graph: decoded,
    functions() {
      functions ??= functionLibrary(decoded().library?.function ?? [], name);
      return functions;
    },
    stored,
  };
}

async function openVariables(folder: Folder, findings: Finding[]): Promise<Variables | null> {
  const inner = subfolder(folder, 'variables');
  let bundle: Bundle;
  try {
    bundle = await openBundle(inner, 'variables');
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    if (error.code === 'aborted' || error.code === 'io') throw error;
    findings.push(await variablesFinding(inner, error));
    return null;
  }
  const shards = await openShards(bundle);
  for (const shard of missingShards(bundle, shards)) {
    const path = `variables/${bundle.shardName(shard)}`;
    const what = `A shard of the variables is missing: there is no ${path}`;
    findings.push({ code: 'savedmodel-missing-variables', severity: 'error', what, at: { path } });
  }
  const objects = await readObjectGraph(bundle).catch(error => {
    if (isLoadstoneError(error, 'aborted') || !isLoadstoneError(error)) throw error;
    // A missing shard has its own finding already.
    if (error.code !== 'not-found') findings.push(damagedFinding(error, 'variables'));
    return null;
  });
  return { bundle, shards, objects };
}

async function variablesFinding(inner: Folder, error: LoadstoneError): Promise<Finding> {
  if (error.code !== 'not-found') return damagedFinding(error, `variables/${indexName('variables')}`);
  const files = await inner.list().catch(() => null);
  const isEmpty = files !== null && files.length === 0;
  return {
    code: isEmpty ? 'savedmodel-missing-variables' : 'savedmodel-missing-index',
    severity: 'error',
    what: isEmpty ? 'The folder variables/ with the weights is missing' : error.what,
    at: { path: isEmpty ? 'variables' : 'variables/variables.index' },
  };
}

export function damagedFinding(error: LoadstoneError, path: string): Finding {
  const at = error.offset === undefined ? { path } : { path, offset: error.offset };
  return { code: 'bytes-corrupted-metadata', severity: 'error', what: error.what, at };
}

/** Shards that entries lie in and that are not there. */
export function missingShards(bundle: Bundle, shards: Shards): readonly number[] {
  const wanted = new Set([...bundle.entries.values(), ...bundle.sliceEntries.values()].map(entry => entry.shard));
  return [...wanted].filter(shard => !shards.has(shard)).sort((a, b) => a - b);
}

async function readFingerprint(folder: Folder, findings: Finding[]): Promise<Fingerprint | null> {
  const source = await folder.file('fingerprint.pb');
  if (source === null) return null;
  try {
    // A few numbers and a uuid: 60 bytes.
    return decode(FingerprintDefProto, await source.read(0, Math.min(source.size, 4096)), { where: source.name });
  } catch (error) {
    if (!isLoadstoneError(error, 'damaged')) throw error;
    findings.push({ ...damagedFinding(error, 'fingerprint.pb'), severity: 'warning' });
    return null;
  }
}

/** The variables of a meta graph's objects, by node of its object graph. */
export function variablesOfObjects(metaGraph: MetaGraph, variables: Variables | null): ReadonlyMap<number, TensorRef> {
  const found = new Map<number, TensorRef>();
  if (!metaGraph.objects || !variables?.objects) return found;
  for (const [saved, twin] of pairObjects(metaGraph.objects.nodes, variables.objects)) {
    const key = variables.objects[twin]!.attributes.find(attribute => attribute.name === 'VARIABLE_VALUE');
    const entry = key && variables.bundle.entries.get(key.checkpointKey);
    const tensor = entry && tensorOfEntry(variables.bundle, variables.shards, entry);
    if (tensor) found.set(saved, tensor);
  }
  return found;
}
