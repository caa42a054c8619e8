/** Reductions along axes. The axes are an input and must be known when the graph is traced. */

import * as ops from '../../../ops/exports.ts';
import type { ReduceOptions } from '../../../ops/reduce.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { castTo, dtypeOf, type Lowering, type LoweringTable } from '../define.ts';
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

/** One element decides, or all that are known do: a branch may hang on it. */
function decided(elements: NonNullable<TensorValue['elements']>, by: 0 | 1): TensorValue['elements'] {
  if (elements.includes(by)) return [by];
  return elements.every(element => typeof element === 'number') ? [1 - by] : null;
}

/** Positions are int64 unless the node says otherwise. */
const position =
  (make: typeof ops.argmax): Lowering =>
  node => {
    const type = node.attributes.has('output_type') ? node.attributes.dtype('output_type') : null;
    return ops.cast(make(node.x(0), { axis: node.number(1) }), type ?? 'int64');
  };

/** Running results along an axis; `exclusive` leaves each element's own out, `reverse` begins at the end. */
const running =
  (make: (x: SymbolicTensor, options: { axis: number }) => SymbolicTensor, neutral: number): Lowering =>
  node => {
    const axis = node.number(1);
    const [exclusive, reverse] = [node.attributes.bool('exclusive', false), node.attributes.bool('reverse', false)];
    const turn = (x: SymbolicTensor) => (reverse ? ops.flip(x, { axis }) : x);
    const x = turn(node.x(0));
    return castTo(node, turn(make(exclusive ? shifted(x, axis, neutral) : x, { axis })), 'T');
  };

/** One step towards the end, the neutral element coming in. */
function shifted(x: SymbolicTensor, axis: number, neutral: number): SymbolicTensor {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const head = ops.stridedSlice(x, { axes: [along], starts: [0], stops: [-1] });
  const widths = x.shape.map((_, at) => [at === along ? 1 : 0, 0] as const);
  return ops.pad(head, widths, { constantValues: ops.cast(ops.constant(neutral), x.dtype) });
}

const largest: Lowering = node => {
  const [values, indices] = ops.topK(node.x(0), node.op === 'TopK' ? node.attributes.int('k') : node.sizes(1)[0]!);
  return [values, ops.cast(indices, dtypeOf(node, 'index_type', 'int32'))];
};

export const reduction: LoweringTable = {
  Sum: followedReduce(ops.sum, elements => [sumOfSizes(elements)]),
  Prod: followedReduce(ops.prod, elements => [productOfSizes(elements)]),
  Mean: reduce(ops.mean),
  Max: reduce(ops.max),
  Min: reduce(ops.min),
  All: followedReduce(ops.all, elements => decided(elements, 0)),
  Any: followedReduce(ops.any, elements => decided(elements, 1)),
  EuclideanNorm: reduce((x, options) => ops.sqrt(ops.sum(ops.multiply(x, x), options))),
  L2Loss: node => ops.divide(ops.sum(ops.multiply(node.x(0), node.x(0))), 2),
  ArgMax: position(ops.argmax),
  ArgMin: position(ops.argmin),
  Cumsum: running(ops.cumsum, 0),
  Cumprod: running(ops.cumprod, 1),
  TopK: { outputs: ['values', 'indices'], lower: largest },
  TopKV2: { outputs: ['values', 'indices'], lower: largest },
  InTopK: node => ops.inTopK(node.x(1), node.x(0), node.attributes.int('k')),
  InTopKV2: node => ops.inTopK(node.x(1), node.x(0), node.number(2)),
};
