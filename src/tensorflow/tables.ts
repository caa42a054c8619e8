/**
 * What lookup tables hold. A table that was filled by hand stands in the checkpoint as two tensors; any other is filled by
 * its initializer, from constants of the graph or from a text file that came with it, and the initializer is traced
 * to learn with what.
 */

import { requireFile, subfolder } from '../bytes/folder.ts';
import { readBundleTensor } from '../containers/table/tensor.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import { makeContext, type TracingContext } from './lower/context.ts';
import { evaluate } from './lower/graph.ts';
import type { TableContents } from './lower/value.ts';
import { childOf, pairObjects } from './object-graph.ts';
import type { Program } from './program.ts';
import type { SavedModelContents } from './saved-model.ts';

/** A vocabulary of more bytes than this is refused. */
const maxAssetBytes = 2 ** 29;

/** Contents of all tables that can be told, by the path of the table. */
export async function readTables(contents: SavedModelContents, program: Program): Promise<Map<string, TableContents>> {
  const found = new Map<string, TableContents>();
  const nodes = program.metaGraph.objects?.nodes ?? [];
  const graph = program.metaGraph.graph();
  const hasTables = nodes.some(node => node.resource) || graph.node.some(node => /HashTable/.test(node.op));
  if (!hasTables) return found;
  const context = await initializerContext(contents, program);
  for (const [index, node] of nodes.entries()) {
    const initialize = node.resource && childOf(nodes, node, '_initialize')?.function?.concreteFunctions[0];
    if (initialize) attempt(() => runInitializer(program, initialize, context));
    if (node.resource) await readStored(contents, program, index, found);
  }
  attempt(() => runGraphInitializers(program, context));
  for (const [path, held] of context.filled) found.set(path, held);
  return found;
}

async function initializerContext(contents: SavedModelContents, program: Program): Promise<TracingContext> {
  const lines = new Map<string, readonly string[]>();
  for (const filename of program.metaGraph.assets) {
    const source = await requireFile(subfolder(contents.folder, 'assets'), filename, 'An asset').catch(() => null);
    if (source && source.size <= maxAssetBytes) {
      lines.set(
        filename,
        new TextDecoder()
          .decode(await source.read(0, source.size))
          .replace(/\n$/, '')
          .split('\n'),
      );
    }
  }
  return makeContext({
    functions: program.metaGraph.functions(),
    where: program.name,
    stateful: new Set(),
    resource: node => program.resource(node),
    lines,
  });
}

/** A table that cannot be learnt is unknown; it fails when something looks into it. */
function attempt(body: () => unknown): void {
  try {
    body();
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
  }
}

function runInitializer(program: Program, name: string, context: TracingContext): void {
  const bound = program.metaGraph.objects?.concreteFunctions.get(name)?.boundInputs ?? [];
  context.call(
    name,
    bound.map(node => program.object(node)),
  );
}

/** Tables of TF1 are filled by operations of the main graph. */
function runGraphInitializers(program: Program, context: TracingContext): void {
  const nodes = program.metaGraph.graph().node;
  const fills = nodes.filter(node => /^(LookupTableImport|InitializeTable)/.test(node.op)).map(node => node.name);
  const body = { nodes: new Map(nodes.map(node => [node.name, node])), given: new Map(), where: program.name };
  evaluate(body, [], fills, context);
}

/** Keys and values in the checkpoint (mutable tables). */
async function readStored(
  { variables }: SavedModelContents,
  program: Program,
  index: number,
  found: Map<string, TableContents>,
): Promise<void> {
  const nodes = program.metaGraph.objects?.nodes;
  const path = program.paths.get(index);
  if (!nodes || !variables?.objects || path === undefined) return;
  const twin = variables.objects[pairObjects(nodes, variables.objects).get(index) ?? -1];
  for (const { checkpointKey } of twin?.attributes ?? []) {
    const keys = variables.bundle.entries.get(`${checkpointKey}-keys`);
    const values = variables.bundle.entries.get(`${checkpointKey}-values`);
    if (!keys || !values) continue;
    found.set(path, {
      keys: await readBundleTensor(variables.bundle, keys),
      values: await readBundleTensor(variables.bundle, values),
    });
  }
}
