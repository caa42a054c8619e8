/**
 * Frozen graphs: a GraphDef of TF1 with its weights as constants inside (`frozen.pb`). It names neither inputs nor
 * outputs; its placeholders are the ones, and what nothing consumes the others.
 */

import type { ByteSource } from '../bytes/source.ts';
import { decode } from '../containers/protobuf/message.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import { functionLibrary } from './function-library.ts';
import { parseReference } from './lower/reference.ts';
import type { MetaGraph } from './saved-model.ts';
import { type GraphDef, GraphDefProto, type NodeDef, type ShapeMessage } from './schema/graph.ts';
import { type MetaGraphDef, MetaGraphDefProto, type TensorInfo } from './schema/saved-model.ts';

/** Protobuf messages end at 2 GB. */
const maxBytes = 2 ** 31;

/** The graph in `source` as a meta graph with one signature; null where it is no GraphDef. */
export async function readFrozenGraph(source: ByteSource): Promise<MetaGraph | null> {
  if (source.size < 8 || source.size > maxBytes || (await source.read(0, 1))[0] !== 0x0a) return null;
  let graph: GraphDef;
  try {
    graph = decode(GraphDefProto, await source.read(0, source.size), { where: source.name });
  } catch (error) {
    if (isLoadstoneError(error, 'damaged')) return null;
    throw error;
  }
  const isGraph = graph.node.length > 0 && graph.node.every(({ name, op }) => name !== '' && /^[\w>]+$/.test(op));
  return isGraph ? metaGraphOf(graph, source.name) : null;
}

function metaGraphOf(graph: GraphDef, name: string): MetaGraph {
  const stored = decode(MetaGraphDefProto, new Uint8Array(0)) as MetaGraphDef;
  const inputs = new Map(graph.node.filter(isInput).map(node => [node.name, infoOf(node)]));
  const outputs = new Map(sinksOf(graph).map(node => [node.name, infoOf(node)]));
  return {
    tags: [],
    tensorflowVersion: '',
    signatures: new Map([['serving_default', { inputs, outputs, methodName: '' }]]),
    assets: [],
    objects: null,
    graph: () => graph,
    functions: () => functionLibrary(graph.library?.function ?? [], name),
    stored,
  };
}

function isInput({ op }: NodeDef): boolean {
  return op === 'Placeholder' || op === 'PlaceholderV2';
}

function infoOf({ name, attr }: NodeDef): TensorInfo {
  const unknown: ShapeMessage = { dim: [], unknownRank: true };
  return {
    name: `${name}:0`,
    dtype: attr.get('dtype')?.type ?? attr.get('T')?.type ?? 1,
    tensorShape: attr.get('shape')?.shape ?? unknown,
    cooSparse: undefined,
    compositeTensor: undefined,
  };
}

/** Nodes whose results nothing in the graph takes, and that compute something. */
function sinksOf(graph: GraphDef): readonly NodeDef[] {
  const consumed = new Set(graph.node.flatMap(node => node.input.map(input => parseReference(input).node)));
  const aside = /^(Const|NoOp|Assert|SaveV2|RestoreV2|Placeholder.*|.*Summary|Assign.*)$/;
  return graph.node.filter(({ name, op }) => !consumed.has(name) && !aside.test(op));
}
