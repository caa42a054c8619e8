/** The operations that layers are written in: names, arguments and results as in `keras.ops`. */

export type { OpNode, Shape, SizeLike, Subgraph, SymbolicTensor, TensorLike } from './exports.ts';

import type * as operations from './exports.ts';

/** All operations, as layers receive them. */
export type Ops = typeof operations;
