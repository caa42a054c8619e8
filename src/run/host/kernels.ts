/** What the host computes, by operation: results of the dtypes that the node's outputs have. */

import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, Subgraph } from '../../ops/types.ts';
import { textKernels } from './text.ts';

/** Computes a node. `call` computes a body of the node on given tensors. */
export type Kernel = (
  node: OpNode,
  inputs: readonly Tensor[],
  call: (body: Subgraph, inputs: readonly Tensor[]) => Tensor[],
) => readonly Tensor[];

export const kernels: { readonly [op: string]: Kernel } = { ...textKernels };
