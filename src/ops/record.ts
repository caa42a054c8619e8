/**
 * Records operations: makes nodes, remembers in whose layer's call they are made, and traces functions that are bodies
 * of loops and branches. Nothing here computes.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { Attribute, OpNode, Subgraph, SymbolicTensor } from './types.ts';

/** Shape and dtype of a tensor. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

export type Attributes = { readonly [name: string]: Attribute };

let lastId = 0;
let currentScope = '';

/** Records a node with one output for each of `outputs` and gives those outputs. */
export function recordAll(
  op: string,
  inputs: readonly SymbolicTensor[],
  attributes: Attributes,
  outputs: readonly Spec[],
): readonly SymbolicTensor[] {
  const made: SymbolicTensor[] = [];
  lastId += 1;
  const node: OpNode = { id: lastId, op, inputs, attributes, outputs: made, scope: currentScope };
  outputs.forEach(({ shape, dtype }, index) => {
    made.push({ node, index, shape, dtype });
  });
  return made;
}

/** Records a node with one output. */
export function record(
  op: string,
  inputs: readonly SymbolicTensor[],
  attributes: Attributes,
  output: Spec,
): SymbolicTensor {
  return recordAll(op, inputs, attributes, [output])[0]!;
}

/** Runs `body`; nodes that it records carry `scope`, the name of the layer being traced. */
export function withScope<T>(scope: string, body: () => T): T {
  const outer = currentScope;
  currentScope = scope;
  try {
    return body();
  } finally {
    currentScope = outer;
  }
}

/**
 * Traces `body` on placeholders of the given specs. Tensors of the surrounding graph may be used in it freely; they
 * stay references to nodes outside.
 */
export function traceSubgraph(
  inputs: readonly Spec[],
  body: (...inputs: SymbolicTensor[]) => readonly SymbolicTensor[],
): Subgraph {
  const placeholders = inputs.map(spec => record('parameter', [], {}, { shape: spec.shape, dtype: spec.dtype }));
  return { inputs: placeholders, outputs: body(...placeholders) };
}

/** The same tensor with more of its shape known, where the caller knows more than the operations could tell. */
export function refined(x: SymbolicTensor, shape: Shape): SymbolicTensor {
  const known = x.shape.map((size, axis) => size ?? shape[axis] ?? null);
  return { node: x.node, index: x.index, shape: known, dtype: x.dtype };
}

/** Throws: an operation got shapes, dtypes or arguments that it cannot take. */
export function refuse(op: string, what: string): never {
  throw new LoadstoneError('bad-config', `${op}: ${what}`, currentScope ? { where: `layer ${currentScope}` } : {});
}

/** Shape for messages: `(None, 28, 28)`. */
export function shapeText(shape: Shape): string {
  return `(${shape.map(size => size ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`;
}
