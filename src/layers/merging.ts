/** Add, Subtract, Multiply, Average, Maximum, Minimum: elementwise over several inputs, and what becomes of their masks. */

import type { Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import { broadcastShapes } from '../ops/shapes.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { oneOf } from './fields.ts';

type Combine = (inputs: readonly SymbolicTensor[], ops: Ops) => SymbolicTensor;

const pairwise =
  (operation: 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum'): Combine =>
  (inputs, ops) =>
    inputs.reduce((left, right) => ops[operation](left, right));

const combinations: { readonly [name: string]: Combine } = {
  Add: pairwise('add'),
  Subtract: pairwise('subtract'),
  Multiply: pairwise('multiply'),
  Average: (inputs, ops) => ops.divide(pairwise('add')(inputs, ops), inputs.length),
  Maximum: pairwise('maximum'),
  Minimum: pairwise('minimum'),
};

/** Inputs of fewer axes get theirs after the batch axis. */
function levelled(shape: Shape, rank: number): Shape {
  return [shape[0]!, ...new Array<number>(rank - shape.length).fill(1), ...shape.slice(1)];
}

/** See era-keys.ts for which Keras has which rule. */
function mergeMasks(rule: 'and' | 'and_all' | 'or', masks: readonly (SymbolicTensor | null)[], ops: Ops) {
  const present = masks.filter(mask => mask !== null);
  if (present.length === 0 || (rule !== 'and' && present.length < masks.length)) return null;
  const join = rule === 'or' ? ops.logicalOr : ops.logicalAnd;
  return present.reduce((left, right) => join(left, right));
}

const merging = (name: string, combine: Combine) =>
  defineLayer({
    name,
    config: { maskRule: oneOf(['and', 'and_all', 'or'], 'or') },
    outputShape: (_config, shapes) => {
      const rank = Math.max(...shapes.map(shape => shape.length));
      return broadcastShapes(name, ...shapes.map(shape => levelled(shape, rank)));
    },
    mask: ({ maskRule }, _inputs, masks, ops) => mergeMasks(maskRule, masks, ops),
    call: (_config, _weights, inputs, ops) => {
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
      return combine(inputs.map(level), ops);
    },
  });

export default Object.entries(combinations).map(([name, combine]) => merging(name, combine));
