/**
 * Symbolic tensors and the graph that operations on them make. Calling an operation records a node and infers shape
 * and dtype; nothing is computed. A graph is found by walking from its outputs to their nodes' inputs.
 */

import type { DType } from '../numbers/dtype.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';

/** The result of an operation: shape (batch axis included) and dtype, no numbers. */
export interface SymbolicTensor {
  readonly node: OpNode;
  /** Which of the node's outputs. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A traced function: the body of a loop or a branch. */
export interface Subgraph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

export type Attribute =
  | null
  | boolean
  | number
  | bigint
  | string
  | Tensor
  | Subgraph
  | readonly Attribute[]
  | { readonly [key: string]: Attribute };

export interface OpNode {
  /** Unique in the process; grows in order of creation. */
  readonly id: number;
  /** Name of a primitive operation (`ops/primitives`), or `input`, `constant`, `weight`. */
  readonly op: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly attributes: { readonly [name: string]: Attribute };
  readonly outputs: readonly SymbolicTensor[];
  /** Layer in whose call it was made, for names in graphs and errors. */
  readonly scope: string;
}

/** What an operation takes where a tensor is wanted: a symbolic tensor, or a number (or nested numbers) as a constant. */
export type TensorLike = SymbolicTensor | number | boolean | readonly TensorLike[];

/** A size given to an operation: a number, or a scalar integer tensor that is known only when the model runs. */
export type SizeLike = number | SymbolicTensor;
