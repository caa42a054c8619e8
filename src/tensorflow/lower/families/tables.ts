/** Lookup tables: looked into, and filled by their initializers. */

import { allocate, type DType } from '../../../numbers/dtype.ts';
import type { Tensor } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import {
  type Context,
  dtypeOf,
  type Lowered,
  type Lowering,
  type LoweringTable,
  type OpView,
  unsupported,
} from '../define.ts';
import type { GraphTable } from '../value.ts';

function tableAt(node: OpView, index: number): GraphTable {
  const value = node.inputs[index];
  if (value?.kind === 'table') return value.table;
  throw unsupported(node.where, value?.kind === 'unsupported' ? value.why : `${node.op} of a ${value?.kind}`);
}

function contentsOf(node: OpView, index: number) {
  const table = tableAt(node, index);
  if (table.contents) return table.contents;
  throw unsupported(node.where, `the lookup table ${table.path}, whose contents the artefact does not hold`);
}

/** Numbers that the graph holds, not computed ones. */
function constantOf(x: SymbolicTensor, node: OpView): Tensor {
  if (x.node.op === 'constant') return x.node.attributes.value as Tensor;
  throw unsupported(node.where, `${node.op} with contents that are known only when it runs`);
}

const find: Lowering = node => {
  const { keys, values } = contentsOf(node, 0);
  const fallback = constantOf(node.x(2), node).data[0];
  const missing = typeof fallback === 'string' ? fallback : BigInt(fallback ?? 0);
  const isWhole = values.dtype === 'string' || values.dtype === 'int64';
  if (!isWhole) return ops.cast(ops.lookup(node.x(1), keys, asInt64(values, node), missing), values.dtype);
  return ops.lookup(node.x(1), keys, values, missing);
};

/** Values of tables are whole numbers or strings; narrower ones are looked up as int64. */
function asInt64(values: Tensor, node: OpView): Tensor {
  if (values.dtype !== 'int32') throw unsupported(node.where, `${node.op} of ${values.dtype}`);
  return { dtype: 'int64', shape: values.shape, data: BigInt64Array.from(values.data as Int32Array, BigInt) };
}

const fill = (node: OpView, context: Context): Lowered => {
  context.fill(tableAt(node, 0), { keys: constantOf(node.x(1), node), values: constantOf(node.x(2), node) });
  return [];
};

/** Columns of a text file: -2 is the whole line, -1 its number. */
const fillFromFile = (node: OpView, context: Context): Lowered => {
  const asset = node.inputs[1];
  const filename = asset?.kind === 'asset' ? asset.filename : fileNameIn(node);
  const lines = context.lines(filename);
  const delimiter = node.attributes.text('delimiter', '\t');
  const column = (index: number): readonly string[] =>
    lines.map((line, at) => (index === -1 ? String(at) : index === -2 ? line : (line.split(delimiter)[index] ?? '')));
  const contents = {
    keys: asTensor(column(node.attributes.int('key_index')), dtypeOf(node, 'Tkey', 'string')),
    values: asTensor(column(node.attributes.int('value_index')), 'int64'),
  };
  context.fill(tableAt(node, 0), contents);
  return [];
};

/** TF1 names the file by a constant, as the path that it had when it was saved. */
function fileNameIn(node: OpView): string {
  const [path] = constantOf(node.x(1), node).data as string[];
  return (path ?? '').split(/[\\/]/).at(-1)!;
}

function asTensor(texts: readonly string[], dtype: DType): Tensor {
  if (dtype === 'string') return { dtype, shape: [texts.length], data: [...texts] };
  const data = allocate('int64', texts.length) as BigInt64Array;
  texts.forEach((text, at) => {
    data[at] = /^-?\d+$/.test(text.trim()) ? BigInt(text) : 0n;
  });
  return { dtype: 'int64', shape: [texts.length], data };
}

const handle: Lowering = (node, context) => context.resource(node);

export const tables: LoweringTable = {
  HashTable: handle,
  HashTableV2: handle,
  MutableHashTable: handle,
  MutableHashTableV2: handle,
  LookupTableFind: find,
  LookupTableFindV2: find,
  LookupTableSizeV2: node => ops.constant(contentsOf(node, 0).keys.data.length, 'int64'),
  LookupTableImport: fill,
  LookupTableImportV2: fill,
  InitializeTable: fill,
  InitializeTableV2: fill,
  InitializeTableFromTextFile: fillFromFile,
  InitializeTableFromTextFileV2: fillFromFile,
};
