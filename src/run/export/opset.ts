/**
 * The same graph in the words of an earlier operator set. Rules emit opset 21; what changed since opset 13 for the
 * operators that they use is said here, from the changelog of the ONNX operators (docs/Changelog.md of onnx 1.23).
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { GraphBuilder, OnnxAttributes, Value } from '../onnx/builder.ts';
import { decomposed } from './decomposed.ts';

export const OLDEST_OPSET = 13;
export const NEWEST_OPSET = 23;

/** The format version that came with an operator set; readers of that set's days know no later one. */
export function formatVersion(opset: number): number {
  const first: readonly (readonly [number, number])[] = [
    [13, 7],
    [15, 8],
    [19, 9],
    [21, 10],
    [23, 11],
  ];
  return first.filter(([from]) => from <= opset).at(-1)?.[1] ?? 7;
}

/** Operators that did not exist before. */
const since: Readonly<Record<string, number>> = {
  Gelu: 20,
  BitwiseAnd: 18,
  BitwiseNot: 18,
  BitwiseOr: 18,
  BitwiseXor: 18,
  LayerNormalization: 17,
};

/** Attributes that came later than their operator. */
const attributesSince: Readonly<Record<string, number>> = {
  'Reshape.allowzero': 14,
  'GRU.layout': 14,
  'LSTM.layout': 14,
  'RNN.layout': 14,
  'ScatterND.reduction': 16,
  'Resize.antialias': 18,
  'Resize.axes': 18,
  'Resize.keep_aspect_ratio_policy': 18,
  'AveragePool.dilations': 19,
};

/** dtypes of the first input that came later than their operator. */
const typesSince: Readonly<Record<string, readonly [readonly DType[], number]>> = {
  Add: [['int8', 'int16', 'uint8', 'uint16'], 14],
  Sub: [['int8', 'int16', 'uint8', 'uint16'], 14],
  Mul: [['int8', 'int16', 'uint8', 'uint16'], 14],
  Div: [['int8', 'int16', 'uint8', 'uint16'], 14],
  Relu: [['int8', 'int16', 'int32', 'int64'], 14],
  Equal: [['string'], 19],
  ReduceMax: [['bool'], 20],
  ReduceMin: [['bool'], 20],
};

/** Reductions whose axes were an attribute until opset 17; ReduceSum's are an input since 13. */
const axesAsAttribute = new Set(['ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceProd', 'ReduceL2', 'ReduceLogSumExp']);

/** `graph` with what it is given said in the words of `opset`. Throws `usage` for what that set cannot say. */
export function inOpset(graph: GraphBuilder, opset: number): GraphBuilder {
  const lists = new Map<string, readonly number[]>();
  return opset >= 21 ? graph : wrapped(graph, opset, lists);
}

function wrapped(graph: GraphBuilder, opset: number, lists: Map<string, readonly number[]>): GraphBuilder {
  return {
    ...graph,
    get scope() {
      return graph.scope;
    },
    set scope(scope) {
      graph.scope = scope;
    },
    constant(tensor) {
      const value = graph.constant(tensor);
      if (tensor.dtype === 'int64') lists.set(value.name, Array.from(tensor.data as BigInt64Array, Number));
      return value;
    },
    node(operator, inputs, outputs, attributes = {}, domain) {
      if (operator === 'Shape' && opset < 15) return sizesWithin(graph, inputs, attributes);
      const said = domain ? null : decomposed(this, operator, inputs, attributes, opset);
      if (said) return said;
      refuseLater(operator, inputs, attributes, opset, graph.scope);
      const [given, words] = earlierWords(operator, inputs, attributes, opset, lists);
      return graph.node(operator, given, outputs, words, domain);
    },
    body: () => wrapped(graph.body(), opset, lists),
  };
}

/** Shape gives all sizes until opset 14; those wanted are cut out. */
function sizesWithin(graph: GraphBuilder, inputs: readonly (Value | null)[], { start, end }: OnnxAttributes): Value[] {
  const whole = graph.node('Shape', inputs, ['int64']);
  if (start === undefined && end === undefined) return whole;
  const bounds = [start ?? 0, end ?? Number.MAX_SAFE_INTEGER].map(bound =>
    graph.constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(bound as number)) }),
  );
  return graph.node('Slice', [...whole, ...bounds], ['int64']);
}

function refuseLater(
  operator: string,
  inputs: readonly (Value | null)[],
  attributes: OnnxAttributes,
  opset: number,
  scope: string,
): void {
  const [types, typed] = typesSince[operator] ?? [[], 0];
  const first = inputs[0];
  const needed = Math.max(
    since[operator] ?? 0,
    ...Object.keys(attributes).map(name => attributesSince[`${operator}.${name}`] ?? 0),
    first && types.includes(first.dtype) ? typed : 0,
    operator === 'Pad' && attributes.mode === 'wrap' ? 19 : 0,
  );
  if (needed <= opset) return;
  throw new LoadstoneError('usage', `opset ${opset} cannot say ${operator} as it is used here`, {
    where: scope ? `layer ${scope}` : undefined,
    do: `Give --opset ${needed} or later.`,
  });
}

function earlierWords(
  operator: string,
  inputs: readonly (Value | null)[],
  attributes: OnnxAttributes,
  opset: number,
  lists: ReadonlyMap<string, readonly number[]>,
): readonly [readonly (Value | null)[], OnnxAttributes] {
  if (opset >= 18) return [inputs, attributes];
  if (operator === 'Split') return [inputs, { ...attributes, num_outputs: undefined }];
  const axes = axesAsAttribute.has(operator) && inputs[1] ? lists.get(inputs[1].name) : undefined;
  return axes ? [inputs.slice(0, 1), { ...attributes, axes }] : [inputs, attributes];
}
