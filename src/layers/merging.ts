/** Add, Subtract, Multiply, Average, Maximum, Minimum: elementwise over several inputs, and what becomes of their masks. */

import type { Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import { broadcastShapes } from '../ops/shapes.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { oneOf } from './fields.ts';

type Masks = readonly (SymbolicTensor | null)[];

/** `masks` stand against the inputs, with an axis for the features; null where values do not mind them. */
type Combine = (inputs: readonly SymbolicTensor[], ops: Ops, masks: Masks | null) => SymbolicTensor;

const pairwise =
  (operation: 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum'): Combine =>
  (inputs, ops) =>
    inputs.reduce((left, right) => ops[operation](left, right));

/** Masked elements count as 1; what is masked everywhere is 0 (Keras 3.4 on: multiply.py). */
const product: Combine = (inputs, ops, masks) => {
  if (!masks?.some(mask => mask !== null)) return pairwise('multiply')(inputs, ops, null);
  const kept = inputs.map((x, at) => (masks[at] ? ops.where(masks[at], x, 1) : x));
  const result = pairwise('multiply')(kept, ops, null);
  if (masks.includes(null)) return result;
  return ops.where((masks as readonly SymbolicTensor[]).reduce(ops.logicalOr), result, 0);
};

/** Masked elements give way to the other input's (Keras 3.4 on: base_merge.py, _apply_merge_op_and_or_mask). */
const extreme =
  (operation: 'maximum' | 'minimum'): Combine =>
  (inputs, ops, masks) => {
    let joined = masks?.[0] ?? null;
    return inputs.reduce((left, right, at) => {
      const mask = masks?.[at] ?? null;
      const x = mask ? ops.where(mask, right, left) : right;
      const before = joined ? ops.where(joined, left, x) : left;
      joined = mask && joined ? ops.logicalOr(joined, mask) : null;
      return ops[operation](before, x);
    });
  };

const combinations: { readonly [name: string]: Combine } = {
  Add: pairwise('add'),
  Subtract: pairwise('subtract'),
  Multiply: product,
  Average: (inputs, ops) => ops.divide(pairwise('add')(inputs, ops, null), inputs.length),
  Maximum: extreme('maximum'),
  Minimum: extreme('minimum'),
};

/** Inputs of fewer axes get theirs after the batch axis. */
function levelled(shape: Shape, rank: number): Shape {
  return [shape[0]!, ...new Array<number>(rank - shape.length).fill(1), ...shape.slice(1)];
}

/** See era-keys.ts for which Keras has which rule. */
function mergeMasks(rule: 'and' | 'none' | 'or', masks: readonly (SymbolicTensor | null)[], ops: Ops) {
  const present = masks.filter(mask => mask !== null);
  if (present.length === 0 || rule === 'none' || (rule === 'or' && present.length < masks.length)) return null;
  const join = rule === 'or' ? ops.logicalOr : ops.logicalAnd;
  return present.reduce((left, right) => join(left, right));
}

const merging = (name: string, combine: Combine) =>
  defineLayer({
    name,
    config: { maskRule: oneOf(['and', 'none', 'or'], 'or') },
    outputShape: (_config, shapes) => {
      const rank = Math.max(...shapes.map(shape => shape.length));
      return broadcastShapes(name, ...shapes.map(shape => levelled(shape, rank)));
    },
    mask: ({ maskRule }, _inputs, masks, ops) => mergeMasks(maskRule, masks, ops),
    call: ({ maskRule }, _weights, inputs, ops, { masks }) => {
      const rank = Math.max(...inputs.map(input => input.shape.length));
      const level = (x: SymbolicTensor) => {
        const missing = rank - x.shape.length;
        return missing === 0
          ? x
          : ops.expandDims(
              x,
              Array.from({ length: missing }, (_, at) => at + 1),
            );
      };
      const against = masks.map(mask => mask && ops.expandDims(ops.cast(mask, 'bool'), -1));
      return combine(inputs.map(level), ops, maskRule === 'or' ? against : null);
    },
  });

export default Object.entries(combinations).map(([name, combine]) => merging(name, combine));
