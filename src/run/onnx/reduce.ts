/** ONNX forms of reductions and of positions of extremes. */

import type { OpNode } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import { layoutOf } from './layout.ts';
import type { Lowered, Lowering, Rule } from './lowering.ts';

/** The reduced tensor's layout follows from which axes are left. */
function reduced(
  node: OpNode,
  lowering: Lowering,
  make: (x: Value, axes: readonly number[], keepdims: number) => Value,
): Lowered {
  const x = node.inputs[0]!;
  const rank = x.shape.length;
  const axes = node.attributes.axes as readonly number[];
  const keepdims = node.attributes.keepdims ? 1 : 0;
  const left = layoutOf(lowering, x);
  // Without its batch axis, the order of what is left has no name.
  if (!left.channelsFirst || (!keepdims && axes.includes(0))) return { plain: make(lowering.plain(x), axes, keepdims) };
  const value = make(
    lowering.channelsFirst(x),
    axes.map(axis => left.axis(axis, rank)),
    keepdims,
  );
  const ordered = !keepdims && (axes.includes(rank - 1) || rank - axes.length <= 2);
  return ordered ? { plain: value } : { channelsFirst: value };
}

const reduction =
  (operator: string): Rule =>
  (node, lowering) => [
    reduced(node, lowering, (x, axes, keepdims) =>
      lowering.emit(operator, [x, lowering.int64(axes)], { keepdims }, { typed: [0] }),
    ),
  ];

const position =
  (operator: string): Rule =>
  (node, lowering) => {
    const x = lowering.plain(node.inputs[0]!);
    const attributes = { axis: node.attributes.axis as number, keepdims: node.attributes.keepdims ? 1 : 0 };
    return [{ plain: lowering.cast(lowering.emit(operator, [x], attributes, { dtype: 'int64' }), 'int32') }];
  };

/** The largest (or smallest) k along the last axis, and where they stand. */
const topK: Rule = (node, lowering) => {
  const { axis, largest, k } = node.attributes as { axis: number; largest: boolean; k: number | null };
  const x = lowering.plain(node.inputs[0]!);
  const count = lowering.sizes([k], node.inputs.slice(1));
  const working = x.dtype === 'bool' ? lowering.cast(x, 'uint8') : x;
  const [values, indices] = lowering.graph.node('TopK', [working, count], [working.dtype, 'int64'], {
    axis,
    largest: largest ? 1 : 0,
    sorted: 1,
  });
  return [{ plain: lowering.cast(values!, x.dtype) }, { plain: lowering.cast(indices!, 'int32') }];
};

const cumulativeSum: Rule = (node, lowering) => {
  const layout = layoutOf(lowering, node.inputs[0]!);
  const axis = layout.axis(node.attributes.axis as number, node.inputs[0]!.shape.length);
  return [
    layout.result(
      lowering.emit('CumSum', [layout.value(node.inputs[0]!), lowering.scalar(axis, 'int64')], {}, { typed: [0] }),
    ),
  ];
};

export const reduceRules: { readonly [op: string]: Rule } = {
  sum: reduction('ReduceSum'),
  mean: reduction('ReduceMean'),
  prod: reduction('ReduceProd'),
  max: reduction('ReduceMax'),
  min: reduction('ReduceMin'),
  all: reduction('ReduceMin'),
  any: reduction('ReduceMax'),
  argmax: position('ArgMax'),
  argmin: position('ArgMin'),
  topK,
  cumsum: cumulativeSum,
};
