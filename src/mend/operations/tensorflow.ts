/** Primitives as functions of TensorFlow, which tf.keras from 2.4 on writes as TFOpLambda and SlicingOpLambda layers. */

import type { CallValue, Json, JsonObject, Layer } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { axisOf, borders, newShape, numbers, scalar, slices } from './attributes.ts';
import { type Emission, type Emit, type OperationTable, operationLayer, value } from './emission.ts';

const unary: Readonly<Record<string, string>> = {
  abs: 'math.abs',
  negative: 'math.negative',
  sign: 'math.sign',
  ceil: 'math.ceil',
  floor: 'math.floor',
  sqrt: 'math.sqrt',
  reciprocal: 'math.reciprocal',
  exp: 'math.exp',
  expm1: 'math.expm1',
  log: 'math.log',
  log1p: 'math.log1p',
  sin: 'math.sin',
  cos: 'math.cos',
  tan: 'math.tan',
  arcsin: 'math.asin',
  arccos: 'math.acos',
  arctan: 'math.atan',
  sinh: 'math.sinh',
  cosh: 'math.cosh',
  tanh: 'math.tanh',
  erf: 'math.erf',
  sigmoid: 'math.sigmoid',
  relu: 'nn.relu',
  softplus: 'math.softplus',
  softsign: 'nn.softsign',
  round: 'math.round',
  logicalNot: 'math.logical_not',
  isnan: 'math.is_nan',
};

/** Functions of two tensors, the second by name. */
const binary: Readonly<Record<string, readonly [name: string, second: string]>> = {
  add: ['math.add', 'y'],
  subtract: ['math.subtract', 'y'],
  multiply: ['math.multiply', 'y'],
  divide: ['math.truediv', 'y'],
  power: ['math.pow', 'y'],
  mod: ['math.floormod', 'y'],
  floorDivide: ['math.floordiv', 'y'],
  maximum: ['math.maximum', 'y'],
  minimum: ['math.minimum', 'y'],
  equal: ['math.equal', 'y'],
  notEqual: ['math.not_equal', 'y'],
  greater: ['math.greater', 'y'],
  greaterEqual: ['math.greater_equal', 'y'],
  less: ['math.less', 'y'],
  lessEqual: ['math.less_equal', 'y'],
  logicalAnd: ['math.logical_and', 'y'],
  logicalOr: ['math.logical_or', 'y'],
  matmul: ['linalg.matmul', 'b'],
  arctan2: ['math.atan2', 'x'],
};

/** Operations that give the same with their operands exchanged. */
export const commutative: ReadonlySet<string> = new Set(
  'add multiply maximum minimum equal notEqual logicalAnd logicalOr'.split(' '),
);

type Arguments = (node: OpNode) => JsonObject | null;

const reduction: Arguments = node => ({ axis: axisOf(node), keepdims: node.attributes.keepdims as boolean });

/** Functions of one tensor and arguments by name. */
const named: Readonly<Record<string, readonly [name: string, keywords: Arguments]>> = {
  sum: ['math.reduce_sum', reduction],
  mean: ['math.reduce_mean', reduction],
  max: ['math.reduce_max', reduction],
  min: ['math.reduce_min', reduction],
  prod: ['math.reduce_prod', reduction],
  all: ['math.reduce_all', reduction],
  any: ['math.reduce_any', reduction],
  argmax: [
    'math.argmax',
    node => (node.attributes.keepdims ? null : { axis: node.attributes.axis as number, output_type: 'int32' }),
  ],
  cumsum: ['math.cumsum', node => ({ axis: node.attributes.axis as number })],
  softmax: ['nn.softmax', node => ({ axis: node.attributes.axis as number })],
  squeeze: ['squeeze', node => ({ axis: numbers(node, 'axes') })],
  expandDims: ['expand_dims', node => (numbers(node, 'axes').length === 1 ? { axis: axisOf(node) } : null)],
  transpose: ['transpose', node => ({ perm: numbers(node, 'axes') })],
  reshape: ['reshape', node => (newShape(node) && node.inputs.length === 1 ? { shape: newShape(node) } : null)],
  tile: ['tile', node => (node.inputs.length > 1 ? null : { multiples: numbers(node, 'repeats') })],
  cast: ['cast', node => ({ dtype: node.attributes.dtype as string })],
  maxPool: ['nn.max_pool', node => pooling(node)],
  avgPool: ['nn.avg_pool', node => pooling(node)],
  split: ['split', node => ({ num_or_size_splits: numbers(node, 'sizes'), axis: node.attributes.axis as number })],
  pad: ['pad', node => padding(node)],
  logSoftmax: ['nn.log_softmax', node => ({ axis: node.attributes.axis as number })],
};

function pooling(node: OpNode): JsonObject | null {
  if (node.attributes.channelsFirst || !/^(valid|same)$/.test(String(node.attributes.padding))) return null;
  const padding = String(node.attributes.padding).toUpperCase();
  return { ksize: numbers(node, 'window'), strides: numbers(node, 'strides'), padding };
}

const padModes: Readonly<Record<string, string>> = { constant: 'CONSTANT', reflect: 'REFLECT', symmetric: 'SYMMETRIC' };

function padding(node: OpNode): JsonObject | null {
  const [widths, mode] = [borders(node), padModes[String(node.attributes.mode)]];
  const fill = mode === 'CONSTANT' ? scalar(node.inputs[1]) : 0;
  if (!widths || !mode || fill === null) return null;
  return { paddings: widths, mode, ...(fill !== 0 && { constant_values: fill }) };
}

function call(name: string, first: CallValue, kwargs: { [key: string]: CallValue }): Emission {
  return { className: 'TFOpLambda', config: lambdaConfig(name), args: [first], kwargs };
}

function lambdaConfig(name: string): JsonObject {
  return { trainable: true, dtype: 'float32', function: name };
}

function keywords(found: JsonObject): { [key: string]: CallValue } {
  return Object.fromEntries(Object.entries(found).map(([key, item]) => [key, value(item)]));
}

const emit: Emit = (node, at) => {
  const [first, second, third] = node.inputs.map(at);
  if (!first) return null;
  if (unary[node.op]) return call(unary[node.op] as string, first, {});
  const pair = binary[node.op];
  if (pair && second) return callOfTwo(node, pair, first, second);
  const entry = named[node.op];
  if (entry) {
    const found = entry[1](node);
    return found && call(entry[0], first, keywords(found));
  }
  return several(node, first, second, third, at);
};

/** The first argument makes the type: a number alone, which JSON has no type for, stands second or nowhere. */
function callOfTwo(
  { op, inputs }: OpNode,
  [name, key]: readonly [string, string],
  first: CallValue,
  second: CallValue,
): Emission | null {
  if (inputs[0]?.node.op !== 'constant') return call(name, first, { [key]: second });
  return commutative.has(op) ? call(name, second, { [key]: first }) : null;
}

function several(
  node: OpNode,
  first: CallValue,
  second: CallValue | undefined,
  third: CallValue | undefined,
  at: Parameters<Emit>[1],
): Emission | null {
  const axis = value((node.attributes.axis ?? null) as Json);
  switch (node.op) {
    case 'clip':
      return second && third ? call('clip_by_value', first, { clip_value_min: second, clip_value_max: third }) : null;
    case 'where':
      return second && third && hasTypes(node) ? call('where', first, { x: second, y: third }) : null;
    case 'gather':
      return second ? call('gather', first, { indices: second, axis }) : null;
    case 'concatenate':
      return call('concat', { kind: 'list', items: node.inputs.map(at) }, { axis });
    case 'slice': {
      const spec = slices(node)?.map(([start, stop, step]) => ({ start, stop, step }));
      const config = lambdaConfig('__operators__.getitem');
      return spec
        ? { className: 'SlicingOpLambda', config, args: [first], kwargs: keywords({ slice_spec: spec }) }
        : null;
    }
    default:
      return null;
  }
}

/** A choice converts numbers alone, so that they have the type that JSON gives them; the condition makes the layer's input. */
function hasTypes({ inputs, outputs }: OpNode): boolean {
  const [condition, ...choices] = inputs;
  const { dtype } = outputs[0] as SymbolicTensor;
  return condition?.node.op !== 'constant' && choices.every(({ node }) => node.op !== 'constant' || reads(node, dtype));
}

/** True where Python takes the constant, as JSON writes it, for a tensor of that type. */
function reads({ attributes }: OpNode, dtype: string): boolean {
  const { data } = attributes.value as Tensor;
  const whole = Array.from(data as ArrayLike<number | bigint | string | boolean>).every(item =>
    Number.isInteger(Number(item)),
  );
  return whole ? dtype === 'int32' : dtype === 'float32';
}

export const tensorflowOperations: OperationTable = { emit, constant: numbers => numbers, one: oneOf };

function oneOf(name: string, from: string, dtype: string | undefined, like: Layer): Layer[] | null {
  if (!dtype?.startsWith('float')) return null;
  const after = (layer: string): CallValue => ({ kind: 'tensor', at: { layer, node: 0, tensor: 0 } });
  return [
    operationLayer(`${name}_sum`, call('math.reduce_sum', after(from), {}), like),
    operationLayer(`${name}_like`, call('ones_like', after(`${name}_sum`), {}), like),
    operationLayer(name, call('reshape', after(`${name}_like`), keywords({ shape: [1, 1] })), like),
  ];
}
