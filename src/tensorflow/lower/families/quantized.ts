/**
 * Numbers brought to those that few bits can hold, as training for quantization leaves them in a graph
 * (tensorflow/core/kernels/fake_quant_ops_functor.h, quantize_and_dequantize_op.h).
 */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor, TensorLike } from '../../../ops/types.ts';
import type { Lowering, LoweringTable, OpView } from '../define.ts';

/** A range moved so that 0 is one of the steps, and `x` brought to the nearest step in it. */
function fakeQuant(node: OpView, low: TensorLike, high: TensorLike): SymbolicTensor {
  const first = node.attributes.bool('narrow_range', false) ? 1 : 0;
  const last = 2 ** node.attributes.int('num_bits', 8) - 1;
  const scale = ops.divide(ops.subtract(high, low), last - first);
  const zero = ops.floor(ops.add(ops.clip(ops.subtract(first, ops.divide(low, scale)), first, last), 0.5));
  const [from, to] = [first, last].map(step => ops.multiply(ops.subtract(step, zero), scale)) as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  const shifted = ops.subtract(ops.minimum(ops.maximum(node.x(0), from), to), from);
  return ops.add(ops.multiply(ops.floor(ops.add(ops.divide(shifted, scale), 0.5)), scale), from);
}

const byAttributes: Lowering = node =>
  fakeQuant(
    node,
    ops.constant(node.attributes.float('min', -6), 'float32'),
    ops.constant(node.attributes.float('max', 6), 'float32'),
  );

const byInputs: Lowering = node => fakeQuant(node, node.x(1), node.x(2));

/** A range for each index of an axis, with axes to stand beside the others. */
function alongAxis(x: SymbolicTensor, range: SymbolicTensor, axis: number): SymbolicTensor {
  if (axis < 0 || range.shape.length === 0) return range;
  return ops.reshape(
    range,
    x.shape.map((_, at) => (at === axis ? -1 : 1)),
  );
}

/** The range that is given, or the one that the numbers take. */
function rangeOf(node: OpView, axis: number): [SymbolicTensor, SymbolicTensor] {
  const x = node.x(0);
  if (node.attributes.bool('range_given', false)) return [alongAxis(x, node.x(1), axis), alongAxis(x, node.x(2), axis)];
  const others = axis < 0 ? null : x.shape.flatMap((_, at) => (at === axis ? [] : [at]));
  return [ops.min(x, { axis: others, keepdims: axis >= 0 }), ops.max(x, { axis: others, keepdims: axis >= 0 })];
}

const quantizeAndBack =
  (bitsOf: (node: OpView) => number): Lowering =>
  node => {
    const bits = bitsOf(node);
    const isSigned = node.attributes.bool('signed_input', true);
    const most = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
    const least = isSigned ? (node.attributes.bool('narrow_range', false) ? -most : -most - 1) : 0;
    const [low, high] = rangeOf(node, node.attributes.int('axis', -1));
    // The side that needs the coarser steps decides how long they are.
    const sides: SymbolicTensor[] = [ops.divide(high, most)];
    if (least < 0) sides.push(ops.divide(low, least));
    const step = sides.reduce((a, b) => ops.maximum(a, b));
    const bounded = ops.minimum(ops.maximum(node.x(0), ops.multiply(step, least)), ops.multiply(step, most));
    const scaled = ops.divide(node.attributes.bool('range_given', false) ? bounded : node.x(0), step);
    const isHalfUp = node.attributes.text('round_mode', 'HALF_TO_EVEN') === 'HALF_UP';
    return ops.multiply(isHalfUp ? ops.floor(ops.add(scaled, 0.5)) : ops.round(scaled), step);
  };

const bitsByAttribute = (node: OpView) => node.attributes.int('num_bits', 8);

export const quantized: LoweringTable = {
  FakeQuantWithMinMaxArgs: byAttributes,
  FakeQuantWithMinMaxVars: byInputs,
  FakeQuantWithMinMaxVarsPerChannel: byInputs,
  QuantizeAndDequantizeV2: quantizeAndBack(bitsByAttribute),
  QuantizeAndDequantizeV3: quantizeAndBack(node => node.number(3)),
  QuantizeAndDequantizeV4: quantizeAndBack(bitsByAttribute),
};
