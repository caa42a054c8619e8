/** ONNX forms of normalizations and softmax. */

import type { OpNode } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import { layoutOf } from './layout.ts';
import type { Lowering, Rule } from './lowering.ts';

const batchNormalization: Rule = (node, lowering) => {
  const [x, mean, variance, scale, offset] = node.inputs;
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  const rank = x!.shape.length;
  const vectors = [scale!, offset!, mean!, variance!].map(input => lowering.plain(input));
  const last = axis === rank - 1;
  if (!last && axis !== 1) return [{ plain: onAxis(node, lowering, vectors) }];
  const value = last ? lowering.channelsFirst(x!) : lowering.plain(x!);
  const made = lowering.emit('BatchNormalization', [value, ...vectors], { epsilon: { float: epsilon } });
  return [last && rank > 2 ? { channelsFirst: made } : { plain: made }];
};

/** The same spelled out, for an axis that ONNX's operator does not know. */
function onAxis(node: OpNode, lowering: Lowering, [scale, offset, mean, variance]: Value[]): Value {
  const { emit, scalar } = lowering;
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  const shape = lowering.int64(node.inputs[0]!.shape.map((_, at) => (at === axis ? -1 : 1)));
  const spread = (vector: Value) => emit('Reshape', [vector, shape], {}, { typed: [0] });
  const deviation = emit('Sqrt', [emit('Add', [variance!, scalar(epsilon, variance!.dtype)])]);
  const factor = emit('Div', [scale!, deviation]);
  const shift = emit('Sub', [offset!, emit('Mul', [mean!, factor])]);
  return emit('Add', [emit('Mul', [lowering.plain(node.inputs[0]!), spread(factor)]), spread(shift)]);
}

const layerNormalization: Rule = (node, lowering) => {
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  const inputs = node.inputs.map(input => lowering.plain(input));
  const fromEnd = axis < 0 ? axis : axis - node.inputs[0]!.shape.length;
  return [{ plain: lowering.emit('LayerNormalization', inputs, { axis: fromEnd, epsilon: { float: epsilon } }) }];
};

const alongAxis =
  (operator: string): Rule =>
  (node, lowering) => {
    const x = node.inputs[0]!;
    const layout = layoutOf(lowering, x);
    const axis = layout.axis(node.attributes.axis as number, x.shape.length);
    return [layout.result(lowering.emit(operator, [layout.value(x)], { axis }))];
  };

export const normalizeRules: { readonly [op: string]: Rule } = {
  batchNormalization,
  layerNormalization,
  softmax: alongAxis('Softmax'),
  logSoftmax: alongAxis('LogSoftmax'),
};
