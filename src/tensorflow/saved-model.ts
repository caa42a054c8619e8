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
import { headFinding } from './file-head.ts';
import { type FunctionLibrary, functionLibrary } from './function-library.ts';
import { objectPaths, pairObjects, readObjectGraph } from './object-graph.ts';
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
  /** `saved_model.pb`, whole; null where it cannot be read. */
  readonly pb: Uint8Array | null;
  readonly findings: readonly Finding[];
}

/**
 * Opens the SavedModel in `folder`. Where `saved_model.pb` is missing or broken, `metaGraphs` is empty and a finding says
 * why, as long as there are variables to read. Throws `not-found` or `damaged` where there is neither.
 */
export async function openSavedModel(folder: Folder): Promise<SavedModelContents> {
  const findings: Finding[] = [];
  let read: { metaGraphs: readonly MetaGraph[]; pb: Uint8Array | null } = { metaGraphs: [], pb: null };
  let failure: LoadstoneError | null = null;
  try {
    read = await openMetaGraphs(folder);
  } catch (error) {
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    failure = error;
    findings.push(await pbFinding(folder, error));
  }
  const found: Finding[] = [];
  const variables = await openVariables(folder, found);
  if (variables || !read.metaGraphs.length || read.metaGraphs.some(hasVariables)) findings.push(...found);
  if (failure && !variables)
    throw new LoadstoneError(failure.code, findings[0]!.what, {
      where: failure.where,
      do: failure.do,
      offset: failure.offset,
      cause: failure,
    });
  findings.push(...(await missingAssets(folder, read.metaGraphs)));
  return { folder, ...read, variables, fingerprint: await readFingerprint(folder, findings), findings };
}

/** Vocabularies and other files that the graph names and that are not in `assets/`. */
async function missingAssets(folder: Folder, metaGraphs: readonly MetaGraph[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const name of new Set(metaGraphs.flatMap(({ assets }) => assets))) {
    const path = `assets/${name}`;
    if (await folder.file(path)) continue;
    const what = `A file that the graph reads is missing: there is no ${path}`;
    found.push({ code: 'savedmodel-missing-asset', severity: 'error', what, at: { path } });
  }
  return found;
}

/** A graph of TF1 without variables is saved without a folder for them; TF2 always writes one. */
function hasVariables({ objects, stored }: MetaGraph): boolean {
  return objects !== null || (stored.saverDef?.restoreOpName ?? '') !== '';
}

async function openMetaGraphs(folder: Folder) {
  const source = await folder.file(pbName);
  if (source !== null) return readMetaGraphs(source);
  const text = await folder.file('saved_model.pbtxt');
  const what = text
    ? 'This SavedModel is in text form (saved_model.pbtxt), which is not read'
    : 'The graph of the SavedModel is missing: there is no saved_model.pb';
  throw new LoadstoneError('not-found', what, {
    where: folder.name,
    do: 'Copy saved_model.pb from where the folder came: it holds the model, the other files only its weights.',
  });
}

async function pbFinding(folder: Folder, error: LoadstoneError): Promise<Finding> {
  const source = error.code === 'not-found' ? null : await folder.file(pbName);
  const known = source && (await headFinding(source, pbName));
  if (known) return known;
  const code =
    error.code === 'not-found' ? 'savedmodel-missing-pb' : isCut(error) ? 'truncated-file' : 'bytes-corrupted-metadata';
  return { ...damagedFinding(error, pbName), code };
}

/** Protobuf that ends inside a value was most likely cut off. */
function isCut(error: LoadstoneError): boolean {
  return /past the end|premature EOF/.test(error.what);
}

/** Reads the meta graphs of `saved_model.pb`. Throws `damaged` naming the byte. */
export async function readMetaGraphs(
  source: ByteSource,
): Promise<{ metaGraphs: readonly MetaGraph[]; pb: Uint8Array }> {
  if (source.size === 0)
    throw new LoadstoneError('damaged', `${pbName} is empty`, {
      where: `${source.name}, byte 0`,
      offset: 0,
      do: 'Copy it again from where the folder came.',
    });
  if (source.size > maxPbBytes)
    throw new LoadstoneError('limit', `${pbName} has ${source.size} bytes, more than a protobuf message can have`, {
      where: source.name,
    });
  const bytes = await source.read(0, source.size);
  const message = decode(SavedModelProto, bytes, { where: source.name });
  if (message.metaGraphs.length === 0) {
    throw new LoadstoneError('damaged', 'It holds no meta graph, so it is no SavedModel', {
      where: `${source.name}, byte 0`,
      offset: 0,
    });
  }
  return { metaGraphs: message.metaGraphs.map(stored => metaGraph(stored, bytes, source.name)), pb: bytes };
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
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    findings.push(await variablesFinding(inner, error));
    return null;
  }
  const shards = await openShards(bundle);
  findings.push(...(await shardFindings(bundle, shards, 'variables/')));
  const objects = await readObjectGraph(bundle).catch(error => {
    if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
    // A missing or short shard has its own finding already.
    if (findings.length === 0) findings.push(damagedFinding(error, 'variables'));
    return null;
  });
  return { bundle, shards, objects };
}

async function variablesFinding(inner: Folder, error: LoadstoneError): Promise<Finding> {
  const path = `variables/${indexName('variables')}`;
  if (error.code !== 'not-found') {
    const source = await inner.file(indexName('variables'));
    return (source && (await headFinding(source, path))) ?? damagedFinding(error, path);
  }
  const files = await inner.list().catch(() => null);
  const isEmpty = files !== null && files.length === 0;
  return {
    code: isEmpty ? 'savedmodel-missing-variables' : 'savedmodel-missing-index',
    severity: 'error',
    what: isEmpty ? 'The folder variables/ with the weights is missing' : error.what,
    at: { path: isEmpty ? 'variables' : path },
  };
}

/** Shards that are missing, are something else, or end before the last tensor that should lie in them. */
export async function shardFindings(bundle: Bundle, shards: Shards, prefix: string): Promise<Finding[]> {
  const ends = new Map<number, number>();
  for (const entry of [...bundle.entries.values(), ...bundle.sliceEntries.values()]) {
    ends.set(entry.shard, Math.max(ends.get(entry.shard) ?? 0, entry.offset + entry.size));
  }
  const found: Finding[] = [];
  for (const [shard, end] of [...ends].sort(([a], [b]) => a - b)) {
    const path = `${prefix}${bundle.shardName(shard)}`;
    const source = shards.get(shard);
    const finding = source ? await shortFinding(source, end, path) : missingShard(path, prefix);
    if (finding) found.push(finding);
  }
  return found;
}

function missingShard(path: string, prefix: string): Finding {
  const code = prefix === '' ? 'checkpoint-missing-data' : 'savedmodel-missing-variables';
  return { code, severity: 'error', what: `A shard of the variables is missing: there is no ${path}`, at: { path } };
}

async function shortFinding(source: ByteSource, end: number, path: string): Promise<Finding | null> {
  if (source.size >= end) return null;
  const known = await headFinding(source, path);
  if (known) return known;
  const what = `${path} ends at byte ${source.size}, its last tensor at byte ${end}: the file was cut off`;
  return { code: 'truncated-file', severity: 'error', what, at: { path, offset: source.size } };
}

export function damagedFinding(error: LoadstoneError, path: string): Finding {
  const at = error.offset === undefined ? { path } : { path, offset: error.offset };
  return { code: 'bytes-corrupted-metadata', severity: 'error', what: error.what, at };
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
  if (!metaGraph.objects || !variables) return found;
  for (const [saved, key] of keysOfObjects(metaGraph.objects, variables)) {
    const entry = variables.bundle.entries.get(key);
    const tensor = entry && tensorOfEntry(variables.bundle, variables.shards, entry);
    if (tensor) found.set(saved, tensor);
  }
  return found;
}

/**
 * Checkpoint keys by object. Where the checkpoint's object graph cannot be read (its shard is missing), the shortest
 * path to an object tells its key, for that is how TensorFlow makes it.
 */
function keysOfObjects({ nodes }: SavedObjectGraph, { objects }: Variables): readonly (readonly [number, string])[] {
  if (!objects)
    return [...objectPaths(nodes)].map(([node, path]) => [node, `${path}/.ATTRIBUTES/VARIABLE_VALUE`] as const);
  return [...pairObjects(nodes, objects)].flatMap(([saved, twin]) => {
    const value = objects[twin]!.attributes.find(attribute => attribute.name === 'VARIABLE_VALUE');
    return value ? [[saved, value.checkpointKey] as const] : [];
  });
}
