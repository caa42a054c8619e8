/** Reductions along axes. The axes are an input and must be known when the graph is traced. */

import * as ops from '../../../ops/exports.ts';
import type { ReduceOptions } from '../../../ops/reduce.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { castTo, type Lowering, type LoweringTable } from '../define.ts';
import { withElements } from '../follow.ts';
import { productOfSizes, sumOfSizes } from '../sizes.ts';
import type { TensorValue } from '../value.ts';

type Reduce = (x: SymbolicTensor, options?: ReduceOptions) => SymbolicTensor;

const reduce =
  (make: Reduce): Lowering =>
  node => {
    const keepdims = node.attributes.bool('keep_dims', false);
    return castTo(node, make(node.x(0), { axis: node.numbers(1), keepdims }), 'T');
  };

/** Of a vector that is followed, the result is followed too: the number of elements of a shape. */
const followedReduce =
  (make: Reduce, fold: (elements: NonNullable<TensorValue['elements']>) => TensorValue['elements']): Lowering =>
  node => {
    const { tensor, elements } = node.value(0);
    const axis = node.numbers(1);
    const keepdims = node.attributes.bool('keep_dims', false);
    const made = castTo(node, make(tensor, { axis, keepdims }), 'T');
    const whole = elements !== null && tensor.shape.length === 1 && axis.length === 1;
    return withElements(made, whole ? fold(elements) : null);
  };

/** Positions are int64 unless the node says otherwise. */
const position =
  (make: typeof ops.argmax): Lowering =>
  node => {
    const type = node.attributes.has('output_type') ? node.attributes.dtype('output_type') : null;
    return ops.cast(make(node.x(0), { axis: node.number(1) }), type ?? 'int64');
  };

export const reduction: LoweringTable = {
  Sum: followedReduce(ops.sum, elements => [sumOfSizes(elements)]),
  Prod: followedReduce(ops.prod, elements => [productOfSizes(elements)]),
  Mean: reduce(ops.mean),
  Max: reduce(ops.max),
  Min: reduce(ops.min),
  All: reduce(ops.all),
  Any: reduce(ops.any),
  EuclideanNorm: reduce((x, options) => ops.sqrt(ops.sum(ops.multiply(x, x), options))),
  L2Loss: node => ops.divide(ops.sum(ops.multiply(node.x(0), node.x(0))), 2),
  ArgMax: position(ops.argmax),
  ArgMin: position(ops.argmin),
};
