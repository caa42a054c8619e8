/**
 * One meta graph ready to be traced: its objects as values (variables with their tensors, constants, tables, assets), its
 * functions and signatures.
 */

import { dtypeOfNumber } from '../containers/table/datatype.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef, Weight } from '../model/types.ts';
import * as ops from '../ops/exports.ts';
import { attributesOf, shapeOf } from './lower/attributes.ts';
import type { OpView } from './lower/define.ts';
import { type GraphVariable, type TableContents, tensorValue, type Value } from './lower/value.ts';
import { variablesByName } from './named-variables.ts';
import { objectPaths } from './object-graph.ts';
import type { MetaGraph, SavedModelContents } from './saved-model.ts';
import { variablesOfObjects } from './saved-model.ts';
import type { NodeDef } from './schema/graph.ts';
import type { SavedObject } from './schema/objects.ts';
import { readTables } from './tables.ts';

export interface Program {
  readonly name: string;
  readonly metaGraph: MetaGraph;
  /** Path from the root to every object that has one. */
  readonly paths: ReadonlyMap<number, string>;
  /** The object `node` as a value that functions capture. */
  object(node: number): Value;
  /** What a resource operation of the main graph stands for. */
  resource(node: OpView): Value;
  /** Reads what lookup tables hold. Must have ended before something that looks up is traced. */
  prepare(): Promise<void>;
}

/** Makes a meta graph of an opened SavedModel traceable. */
export function makeProgram(contents: SavedModelContents, metaGraph: MetaGraph): Program {
  const nodes = metaGraph.objects?.nodes ?? [];
  const paths = objectPaths(nodes);
  const tensors = variablesOfObjects(metaGraph, contents.variables);
  const values = new Map<number, Value>();
  const byName = variablesByName(contents, metaGraph);
  const tables = new Map<string, TableContents>();
  let preparing: Promise<void> | null = null;
  const make = (index: number): Value => {
    const node = nodes[index];
    const path = paths.get(index) ?? `object ${index}`;
    if (node?.variable) return { kind: 'variable', variable: variableOf(node, path, tensors.get(index) ?? null) };
    if (node?.constant) return constantOf(node.constant.operation, metaGraph, contents.folder.name);
    if (node?.asset) return { kind: 'asset', filename: metaGraph.assets[node.asset.assetFileDefIndex] ?? '' };
    if (node?.resource || tables.has(path))
      return { kind: 'table', table: { path, contents: tables.get(path) ?? null } };
    return { kind: 'unsupported', why: `The object ${path} cannot be captured by a function` };
  };
  const program: Program = {
    name: contents.folder.name,
    metaGraph,
    paths,
    object(index) {
      const value = values.get(index) ?? make(index);
      values.set(index, value);
      return value;
    },
    resource: node => resourceByName(node, byName, tables),
    prepare() {
      preparing ??= readTables(contents, program).then(found => {
        for (const [path, held] of found) tables.set(path, held);
        values.clear();
      });
      return preparing;
    },
  };
  return program;
}

function variableOf(node: SavedObject, path: string, tensor: TensorRef | null): GraphVariable {
  const { shape, dtype, trainable, name } = node.variable!;
  const sizes = shape ? (shapeOf(shape) ?? []) : [];
  const weight: Weight = {
    name: name || path,
    shape: sizes.every(size => size !== null) ? (sizes as number[]) : null,
    trainable,
    tensor,
  };
  return { path, shape: sizes, dtype: dtypeOfNumber(dtype) ?? 'float32', weight };
}

/** A captured constant lies in the main graph, under the name of its node. */
function constantOf(operation: string, metaGraph: MetaGraph, where: string): Value {
  const node = constants(metaGraph).get(operation);
  if (!node) throw new LoadstoneError('damaged', `The constant ${operation} is not in the graph`, { where });
  return tensorValue(ops.constant(attributesOf(node.attr, `${where}, node ${operation}`).tensor('value')));
}

const constantsOf = new WeakMap<MetaGraph, ReadonlyMap<string, NodeDef>>();

function constants(metaGraph: MetaGraph): ReadonlyMap<string, NodeDef> {
  const known = constantsOf.get(metaGraph);
  if (known) return known;
  const found = new Map(
    metaGraph.graph().node.flatMap(node => (node.op === 'Const' ? [[node.name, node] as const] : [])),
  );
  constantsOf.set(metaGraph, found);
  return found;
}

function resourceByName(
  node: OpView,
  byName: (name: string) => TensorRef | null,
  tables: ReadonlyMap<string, TableContents>,
): Value {
  const shared = node.attributes.text('shared_name', '');
  if (/HashTable/.test(node.op)) {
    const path = shared || node.name;
    return { kind: 'table', table: { path, contents: tables.get(path) ?? null } };
  }
  const isVariable = /^Var(HandleOp|iableV2|iable)$/.test(node.op);
  if (!isVariable) return { kind: 'unsupported', why: `TensorFlow's operation ${node.op} is not supported here` };
  const tensor = byName(node.name) ?? byName(shared);
  const shape = node.attributes.shape('shape') ?? [];
  const dtype = node.attributes.dtype('dtype') ?? 'float32';
  const weight: Weight = { name: node.name, shape: tensor?.shape ?? null, trainable: true, tensor };
  return { kind: 'variable', variable: { path: shared || node.name, shape, dtype, weight } };
}
