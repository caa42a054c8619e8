/** Everything that `ops` offers: one line for each family of operations. */

export type { Shape } from '../numbers/tensor.ts';
export type { OpNode, SizeLike, Subgraph, SymbolicTensor, TensorLike } from './types.ts';
