/**
 * The form in which each TensorFlow operation is lowered onto `ops`: a function from the node's inputs and attributes to
 * values. One file for each family of operations holds a table of them by name.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import { isStatic } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import type { FunctionLibrary } from '../function-library.ts';
import type { NameAttrList, NodeDef } from '../schema/graph.ts';
import { type Attributes, attributesOf } from './attributes.ts';
import {
  type GraphTable,
  type GraphVariable,
  knownElements,
  type TableContents,
  type TensorValue,
  type Value,
} from './value.ts';

/** One node about to be lowered. */
export interface OpView {
  readonly name: string;
  readonly op: string;
  readonly where: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Value[];
  /** Input `index` as a tensor. Throws `unsupported` where it is none. */
  x(index: number): SymbolicTensor;
  value(index: number): TensorValue;
  /** Inputs from `from` up to `to` as tensors. */
  xs(from?: number, to?: number): SymbolicTensor[];
  /** Input `index`, a vector (or scalar) of whole numbers, as sizes. */
  sizes(index: number): readonly SizeLike[];
  /** Input `index` as numbers that must be known now. */
  numbers(index: number): readonly number[];
  number(index: number): number;
}

export type Lowered = Value | SymbolicTensor | readonly (Value | SymbolicTensor)[];

export type Lowering = (node: OpView, context: Context) => Lowered;

/** A lowering; operations with several outputs of one tensor each name them in order, as functions refer to them. */
export type LoweringEntry = Lowering | { readonly outputs: readonly string[]; readonly lower: Lowering };

export type LoweringTable = { readonly [op: string]: LoweringEntry };

/** What lowerings share while one program is traced. */
export interface Context {
  readonly functions: FunctionLibrary;
  readonly where: string;
  /** Traces a call of a function of the library. */
  call(func: NameAttrList | string, inputs: readonly Value[]): readonly Value[];
  /** Traces `body` as a branch or a loop's body: variables cannot be assigned in it. */
  nested<T>(body: () => T): T;
  /** What a variable holds at this point. */
  read(variable: GraphVariable): SymbolicTensor;
  assign(variable: GraphVariable, value: SymbolicTensor): void;
  /** Notes what a table is filled with, while its initializer is traced. */
  fill(table: GraphTable, contents: TableContents): void;
  /** Text of a file that came with the SavedModel, as lines. Throws `unsupported` where it was not read. */
  lines(filename: string): readonly string[];
  /** The handle of a variable, table or other resource that the graph itself makes (TF1, and signatures of graphs). */
  resource(node: OpView): Value;
}

export function viewOf(node: NodeDef, inputs: readonly Value[], where: string): OpView {
  const at = `${where}, node ${node.name}`;
  const value = (index: number) => asTensor(inputs[index], node, index, at);
  const numbers = (index: number) => {
    const found = knownElements(value(index));
    if (found === null) throw unsupported(at, `${node.op} with an input ${index} that is known only when it runs`);
    return found;
  };
  return {
    name: node.name,
    op: node.op,
    where: at,
    attributes: attributesOf(node.attr, at),
    inputs,
    value,
    x: index => value(index).tensor,
    xs: (from = 0, to = inputs.length) =>
      inputs.slice(from, to).map((_, index) => asTensor(inputs[from + index], node, from + index, at).tensor),
    sizes: index => sizesOf(value(index), at),
    numbers,
    number: index => numbers(index)[0] ?? 0,
  };
}

function asTensor(value: Value | undefined, node: NodeDef, index: number, where: string): TensorValue {
  if (value === undefined) throw new LoadstoneError('damaged', `${node.op} has no input ${index}`, { where });
  if (value.kind === 'tensor') return value;
  if (value.kind === 'unsupported') throw unsupported(where, value.why);
  throw unsupported(where, `${node.op} of a ${value.kind} where a tensor is wanted`);
}

/** A vector of whole numbers as sizes; one that is known only when the model runs is taken apart. */
export function sizesOf(value: TensorValue, where: string): readonly SizeLike[] {
  if (value.elements !== null) return value.elements;
  const { tensor } = value;
  if (tensor.shape.length === 0) return [tensor];
  if (!isStatic(tensor.shape)) throw unsupported(where, 'a shape of unknown rank');
  return ops.unstack(ops.ravel(tensor));
}

/** An error for what Loadstone cannot lower. It is thrown only when a result needs it. */
export function unsupported(where: string, what: string): LoadstoneError {
  return new LoadstoneError('unsupported', what, {
    where,
    do: 'docs/tensorflow-ops.md lists the operations of TensorFlow that are supported.',
  });
}

/** The tensor cast to the dtype that an attribute names; `ops` follow Keras's promotion, TensorFlow's never promote. */
export function castTo(node: OpView, tensor: SymbolicTensor, attribute: string): SymbolicTensor {
  const dtype = node.attributes.has(attribute) ? node.attributes.dtype(attribute) : null;
  return dtype === null || dtype === tensor.dtype ? tensor : ops.cast(tensor, dtype);
}

/** The dtype that an attribute names. Exports leave out attributes that have TensorFlow's default: `fallback`. */
export function dtypeOf(node: OpView, attribute: string, fallback?: DType): DType {
  if (fallback !== undefined && !node.attributes.has(attribute)) return fallback;
  const dtype = node.attributes.dtype(attribute);
  if (dtype === null) throw unsupported(node.where, `${node.op} of a dtype that holds no array`);
  return dtype;
}

/** Throws `unsupported` where a value that is wanted as a tensor is none. */
export function tensorOf(value: Value, where: string): SymbolicTensor {
  if (value.kind === 'tensor') return value.tensor;
  throw unsupported(where, value.kind === 'unsupported' ? value.why : `a ${value.kind} where a tensor is wanted`);
}
