/**
 * Operators that came with later sets, in terms of those that were there before: layer normalization (17), GELU and
 * extremes of truth values (20), as their function bodies in docs/Operators.md of onnx say.
 */

import type { DType, TypedArray } from '../../numbers/dtype.ts';
import { packNumbers } from '../../numbers/pack.ts';
import type { GraphBuilder, OnnxAttributes, Value } from '../onnx/builder.ts';

/** What `operator` gives in a set before its own; null for what stays what it is. `graph` speaks the earlier set. */
export function decomposed(
  graph: GraphBuilder,
  operator: string,
  inputs: readonly (Value | null)[],
  attributes: OnnxAttributes,
  opset: number,
): Value[] | null {
  const [x] = inputs;
  if (!x) return null;
  if (operator === 'LayerNormalization' && opset < 17)
    return [layerNormalization(graph, inputs as Value[], attributes)];
  if (operator === 'Gelu' && opset < 20) return [gelu(graph, x, attributes.approximate === 'tanh')];
  if (/^Reduce(Max|Min)$/.test(operator) && x.dtype === 'bool' && opset < 20) {
    return [truthExtreme(graph, operator, x, inputs.slice(1), attributes)];
  }
  return null;
}

function one(
  graph: GraphBuilder,
  operator: string,
  inputs: readonly (Value | null)[],
  dtype: DType,
  attributes = {},
): Value {
  return graph.node(operator, inputs, [dtype], attributes)[0] as Value;
}

function number(graph: GraphBuilder, value: number, dtype: DType): Value {
  return graph.constant({ dtype, shape: [], data: packNumbers([value], dtype) as TypedArray });
}

/** Numbers for ONNX's data types of Cast: 6 is int32, 9 bool. */
function truthExtreme(
  graph: GraphBuilder,
  operator: string,
  x: Value,
  axes: readonly (Value | null)[],
  attributes: OnnxAttributes,
): Value {
  const whole = one(graph, 'Cast', [x], 'int32', { to: 6 });
  const found = one(graph, operator, [whole, ...axes], 'int32', attributes);
  return one(graph, 'Cast', [found], 'bool', { to: 9 });
}

/** Along all axes from `axis` on, which rules count from the end. */
function layerNormalization(
  graph: GraphBuilder,
  [x, scale, bias]: readonly Value[],
  attributes: OnnxAttributes,
): Value {
  const given = x as Value;
  const { dtype } = given;
  const count = -((attributes.axis as number | undefined) ?? -1);
  const data = BigInt64Array.from({ length: count }, (_, at) => BigInt(at - count));
  const axes = graph.constant({ dtype: 'int64', shape: [count], data });
  const { float: epsilon } = (attributes.epsilon ?? { float: 1e-5 }) as { float: number };
  const mean = one(graph, 'ReduceMean', [given, axes], dtype, { keepdims: 1 });
  const apart = one(graph, 'Sub', [given, mean], dtype);
  const square = one(graph, 'Mul', [apart, apart], dtype);
  const variance = one(graph, 'ReduceMean', [square, axes], dtype, { keepdims: 1 });
  const root = one(graph, 'Sqrt', [one(graph, 'Add', [variance, number(graph, epsilon, dtype)], dtype)], dtype);
  const normal = one(graph, 'Div', [apart, root], dtype);
  const scaled = scale ? one(graph, 'Mul', [normal, scale], dtype) : normal;
  return bias ? one(graph, 'Add', [scaled, bias], dtype) : scaled;
}

/** x/2 · (1 + erf(x/√2)), or its approximation by tanh. */
function gelu(graph: GraphBuilder, x: Value, approximate: boolean): Value {
  const { dtype } = x;
  const times = (a: Value, b: Value) => one(graph, 'Mul', [a, b], dtype);
  const plus = (a: Value, b: Value) => one(graph, 'Add', [a, b], dtype);
  const c = (value: number) => number(graph, value, dtype);
  const half = times(x, c(0.5));
  if (!approximate) return times(half, plus(c(1), one(graph, 'Erf', [times(x, c(Math.SQRT1_2))], dtype)));
  const cube = times(times(x, x), times(x, c(0.044715)));
  return times(half, plus(c(1), one(graph, 'Tanh', [times(plus(x, cube), c(Math.sqrt(2 / Math.PI)))], dtype)));
}
