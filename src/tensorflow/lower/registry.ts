/** Every lowering by the name of its operation: one line for each family. */

import type { Lowering, LoweringTable } from './define.ts';
import { activations } from './families/activations.ts';
import { arithmetic } from './families/arithmetic.ts';
import { aside } from './families/aside.ts';
import { comparison } from './families/comparison.ts';
import { control } from './families/control.ts';
import { convolution } from './families/convolution.ts';
import { detection } from './families/detection.ts';
import { elementwise } from './families/elementwise.ts';
import { groups } from './families/groups.ts';
import { images } from './families/images.ts';
import { indexing } from './families/indexing.ts';
import { linear } from './families/linear.ts';
import { lists } from './families/lists.ts';
import { loops } from './families/loops.ts';
import { matrices } from './families/matrices.ts';
import { normalization } from './families/normalization.ts';
import { padding } from './families/padding.ts';
import { pooling } from './families/pooling.ts';
import { quantized } from './families/quantized.ts';
import { reduction } from './families/reduction.ts';
import { shapes } from './families/shapes.ts';
import { signal } from './families/signal.ts';
import { sparse } from './families/sparse.ts';
import { textFamily as strings } from './families/strings.ts';
import { tables } from './families/tables.ts';
import { tensorArrays } from './families/tensor-arrays.ts';
import { variables } from './families/variables.ts';

/** Families in the order in which the reference page lists them. */
export const families: { readonly [family: string]: LoweringTable } = {
  arithmetic,
  comparison,
  elementwise,
  activations,
  reduction,
  shapes,
  indexing,
  groups,
  sparse,
  linear,
  matrices,
  signal,
  convolution,
  pooling,
  images,
  detection,
  padding,
  normalization,
  quantized,
  variables,
  control,
  loops,
  lists,
  tensorArrays,
  tables,
  strings,
};

const byName = new Map<string, { readonly outputs: readonly string[] | undefined; readonly lower: Lowering }>();
for (const family of [...Object.values(families), aside]) {
  for (const [op, entry] of Object.entries(family)) {
    if (byName.has(op)) throw new TypeError(`two lowerings of ${op}`);
    const isBare = typeof entry === 'function';
    byName.set(op, { outputs: isBare ? undefined : entry.outputs, lower: isBare ? entry : entry.lower });
  }
}

/** The lowering of an operation, or undefined. Operations that are never run have one that says why. */
export function loweringOf(op: string) {
  return byName.get(op);
}
