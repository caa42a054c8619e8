/**
 * A SavedModel as its loaders meet it: whether the protobuf parses, which ops its graph names, what its object graph
 * says of Keras, the Keras metadata beside it, and the variables' bundle.
 */

import type { Folder } from '../../bytes/folder.ts';
import type { ReadOptions } from '../../bytes/source.ts';
import { decode, defineMessage, field, map, repeated } from '../../containers/protobuf/message.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { SavedObject } from '../../tensorflow/schema/objects.ts';
import { type MetaGraphDef, SavedMetadataProto, SavedModelProto } from '../../tensorflow/schema/saved-model.ts';
import { problemFrom } from './problem.ts';
import { readRawCheckpoint } from './read-checkpoint.ts';
import type { RawKerasNode, RawProblem, RawSavedModel, RawSavedNode } from './types.ts';

/** Graphs of this size are no Keras model's. */
const maxBytes = 1 << 30;

const NodeHead = defineMessage('NodeDef', { op: field(2, 'string'), attr: map(5, 'string', 'bytes') });
const FunctionNodes = defineMessage('FunctionDef', { nodeDef: repeated(3, () => NodeHead) });
const Library = defineMessage('FunctionDefLibrary', { function: repeated(1, () => FunctionNodes) });
const Graph = defineMessage('GraphDef', { node: repeated(1, () => NodeHead), library: field(2, () => Library) });

/** Null where the folder holds neither `saved_model.pb` nor `saved_model.pbtxt`. */
export async function readRawSavedModel(
  folder: Folder,
  files: readonly string[],
  options: ReadOptions = {},
): Promise<RawSavedModel | null> {
  const file = ['saved_model.pb', 'saved_model.pbtxt'].find(name => files.includes(name));
  const variables = files.some(name => name.startsWith('variables/'))
    ? await readRawCheckpoint(folder, 'variables/variables', options)
    : null;
  const metadata = await readMetadata(folder, files, options);
  const none = {
    size: 0,
    head: new Uint8Array(),
    problem: null,
    metaGraphs: 0,
    tensorflow: null,
    ops: {},
    nodes: null,
    functions: 0,
    metadata,
    variables,
  };
  if (!file) return null;
  const source = await folder.file(file);
  if (!source || file.endsWith('txt')) return { ...none, file };
  const head = await source.read(0, Math.min(source.size, 64), options);
  try {
    const bytes = await source.read(0, Math.min(source.size, maxBytes), options);
    // Protobuf's parsers take an end-of-group tag at the very start for the end of the message: an empty model.
    if (((bytes[0] ?? 0) & 7) === 4) return { ...none, file, head, size: source.size };
    const model = decode(SavedModelProto, bytes, { where: file });
    const first = model.metaGraphs[0];
    const common = { ...none, file, head, size: source.size, metaGraphs: model.metaGraphs.length };
    return first ? { ...common, ...readMetaGraph(first) } : common;
  } catch (error) {
    return { ...none, file, head, size: source.size, problem: problemFrom(error) };
  }
}

function readMetaGraph(graph: MetaGraphDef): Pick<RawSavedModel, 'tensorflow' | 'ops' | 'nodes' | 'functions'> {
  const { objectGraphDef } = graph;
  return {
    tensorflow: graph.metaInfoDef?.tensorflowVersion ?? null,
    ops: readOps(graph.graphDef),
    nodes: objectGraphDef && objectGraphDef.nodes.length > 0 ? objectGraphDef.nodes.map(readNode) : null,
    functions: objectGraphDef?.concreteFunctions.size ?? 0,
  };
}

function readOps(bytes: Uint8Array): RawSavedModel['ops'] {
  const found: Record<string, Set<string>> = Object.create(null);
  const { node, library } = decode(Graph, bytes, { where: 'graph_def' });
  const visit = ({ op, attr }: { op: string; attr: ReadonlyMap<string, unknown> }) => {
    const names = (found[op] ??= new Set());
    for (const name of attr.keys()) names.add(name);
  };
  for (const one of node) visit(one);
  for (const { nodeDef } of library?.function ?? []) for (const one of nodeDef) visit(one);
  return Object.fromEntries(Object.entries(found).map(([op, names]) => [op, [...names].sort()]));
}

function readNode(node: SavedObject): RawSavedNode {
  const { userObject, variable, children } = node;
  const kind = userObject
    ? 'user'
    : variable
      ? 'variable'
      : node.function
        ? 'function'
        : node.asset
          ? 'asset'
          : node.constant
            ? 'constant'
            : node.resource
              ? 'resource'
              : 'other';
  return {
    kind,
    identifier: userObject?.identifier ?? '',
    metadata: userObject?.metadata ?? '',
    children: children.map(({ nodeId, localName }) => ({ id: nodeId, name: localName })),
    shape: variable?.shape ? variable.shape.dim.map(({ size }) => Number(size)) : null,
    dtype: variable ? Number(variable.dtype) : null,
  };
}

async function readMetadata(
  folder: Folder,
  files: readonly string[],
  options: ReadOptions,
): Promise<RawSavedModel['metadata']> {
  if (!files.includes('keras_metadata.pb')) return null;
  const source = await folder.file('keras_metadata.pb');
  if (!source) return null;
  try {
    const { nodes } = decode(SavedMetadataProto, await source.read(0, Math.min(source.size, maxBytes), options), {
      where: 'keras_metadata.pb',
    });
    return {
      problem: null,
      size: source.size,
      nodes: nodes.map(
        ({ nodeId, nodePath, identifier, metadata }): RawKerasNode => ({
          id: nodeId,
          path: nodePath,
          identifier,
          metadata,
        }),
      ),
    };
  } catch (error) {
    return { problem: damageOf(error), size: source.size, nodes: [] };
  }
}

function damageOf(error: unknown): RawProblem {
  if (!isLoadstoneError(error)) throw error;
  return problemFrom(error);
}
