/** Scans over the numbers of a loop's steps. ONNX Runtime's Scan fails on no steps at all, which a loop may come to. */

import * as ops from '../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';

type Tensors = readonly SymbolicTensor[];
type Step = (carry: Tensors, at: Tensors) => readonly [carry: Tensors, kept: Tensors];

/**
 * What `ops.scan` over 0, 1 … `steps` - 1 gives. Where the data decide how many steps there are, they may be none: one is
 * done then, and what it gives is left out.
 */
export function scanSteps(step: Step, init: Tensors, steps: SizeLike): readonly [carry: Tensors, kept: Tensors] {
  const scan = (count: SizeLike) => ops.scan(step, init, [ops.arange(0, { stop: count, dtype: 'int32' })]);
  const mayBeNone = typeof steps === 'number' ? steps === 0 : isDecidedByData(steps);
  if (!mayBeNone) return scan(steps);
  const [carry, kept] = scan(typeof steps === 'number' ? 1 : ops.maximum(steps, 1));
  const isSome = ops.greater(steps, 0);
  return [
    carry.map(
      (after, at) =>
        ops.cond(
          isSome,
          () => after,
          () => init[at]!,
        ) as SymbolicTensor,
    ),
    kept.map(rows => ops.stridedSlice(rows, { axes: [0], starts: [0], stops: [steps] })),
  ];
}

/** Operations whose results are as long as values say. */
const sizedByData = new Set(['arange', 'nonzero', 'unique']);

/** True where values go into a count and not only sizes of what is given: a sequence has a step, a batch a sample. */
function isDecidedByData(count: SymbolicTensor): boolean {
  const values = new Set([count.node]);
  const sizes = new Set<SymbolicTensor['node']>();
  for (const { op, inputs } of values) {
    if (op === 'input' || op === 'parameter') return true;
    for (const input of inputs) (op === 'dim' || op === 'size' ? sizes : values).add(input.node);
  }
  for (const { op, inputs } of sizes) {
    if (sizedByData.has(op)) return true;
    for (const input of inputs) sizes.add(input.node);
  }
  return false;
}
