/** Primitives as operations of `keras.ops`, which Keras 3 writes as nodes of a Functional model. */

import type { CallValue, Json, JsonObject, Layer } from '../../model/types.ts';
import type { OpNode } from '../../ops/types.ts';
import { axisOf, borders, newShape, numbers, scalar, slices, subscripts } from './attributes.ts';
import { type Emission, type Emit, type OperationTable, operationLayer, value } from './emission.ts';

/** Operations whose call takes the tensors and nothing else. */
const plain: Readonly<Record<string, string>> = {
  abs: 'Absolute',
  negative: 'Negative',
  sign: 'Sign',
  ceil: 'Ceil',
  floor: 'Floor',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  exp: 'Exp',
  expm1: 'Expm1',
  log: 'Log',
  log1p: 'Log1p',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  arcsin: 'Arcsin',
  arccos: 'Arccos',
  arctan: 'Arctan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  tanh: 'Tanh',
  erf: 'Erf',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  softplus: 'Softplus',
  softsign: 'Softsign',
  logicalNot: 'LogicalNot',
  isnan: 'Isnan',
  add: 'Add',
  subtract: 'Subtract',
  multiply: 'Multiply',
  divide: 'TrueDivide',
  power: 'Power',
  mod: 'Mod',
  floorDivide: 'FloorDivide',
  maximum: 'Maximum',
  minimum: 'Minimum',
  arctan2: 'Arctan2',
  equal: 'Equal',
  notEqual: 'NotEqual',
  greater: 'Greater',
  greaterEqual: 'GreaterEqual',
  less: 'Less',
  lessEqual: 'LessEqual',
  logicalAnd: 'LogicalAnd',
  logicalOr: 'LogicalOr',
  matmul: 'Matmul',
  where: 'Where',
};

type Arguments = (node: OpNode) => JsonObject | null;

const reduction: Arguments = node => ({ axis: axisOf(node), keepdims: node.attributes.keepdims as boolean });

const pool: Arguments = node => ({
  pool_size: numbers(node, 'window'),
  strides: numbers(node, 'strides'),
  padding: node.attributes.padding as Json,
  data_format: node.attributes.channelsFirst ? 'channels_first' : 'channels_last',
});

/** Operations with constructor arguments; their call takes the first tensor. */
const configured: Readonly<Record<string, readonly [className: string, config: Arguments]>> = {
  sum: ['Sum', reduction],
  mean: ['Mean', reduction],
  max: ['Max', reduction],
  min: ['Min', reduction],
  prod: ['Prod', reduction],
  all: ['All', reduction],
  any: ['Any', reduction],
  argmax: ['Argmax', node => ({ axis: node.attributes.axis as number, keepdims: node.attributes.keepdims as boolean })],
  argmin: ['Argmin', node => ({ axis: node.attributes.axis as number, keepdims: node.attributes.keepdims as boolean })],
  cumsum: ['Cumsum', node => ({ axis: node.attributes.axis as number })],
  softmax: ['Softmax', node => ({ axis: node.attributes.axis as number })],
  logSoftmax: ['LogSoftmax', node => ({ axis: node.attributes.axis as number })],
  squeeze: ['Squeeze', node => ({ axis: axisOf(node) })],
  expandDims: ['ExpandDims', node => (numbers(node, 'axes').length === 1 ? { axis: axisOf(node) } : null)],
  transpose: ['Transpose', node => ({ axes: numbers(node, 'axes') })],
  reshape: ['Reshape', node => wrap('newshape', newShape(node))],
  tile: ['Tile', node => (node.inputs.length > 1 ? null : { repeats: numbers(node, 'repeats') })],
  cast: ['Cast', node => ({ dtype: node.attributes.dtype as string })],
  round: ['Round', () => ({ decimals: 0 })],
  elu: ['Elu', node => ({ alpha: node.attributes.alpha as number })],
  leakyRelu: ['LeakyRelu', node => ({ negative_slope: node.attributes.alpha as number })],
  maxPool: ['MaxPool', pool],
  avgPool: ['AveragePool', pool],
  clip: ['Clip', node => clipBounds(node)],
  pad: ['Pad', node => padding(node)],
  resample: ['Resize', node => resizing(node)],
  split: ['Split', node => ({ axis: node.attributes.axis as number, indices_or_sections: sections(node) })],
};

function wrap(key: string, found: Json | null): JsonObject | null {
  return found === null ? null : { [key]: found };
}

function clipBounds({ inputs }: OpNode): JsonObject | null {
  const [low, high] = [scalar(inputs[1]), scalar(inputs[2])];
  return low === null || high === null ? null : { x_min: low, x_max: high };
}

function padding(node: OpNode): JsonObject | null {
  const widths = borders(node);
  const fill = node.inputs.length > 1 ? scalar(node.inputs[1]) : 0;
  return widths && fill === 0 ? { pad_width: widths, mode: node.attributes.mode as string } : null;
}

/** Between the middles of cells, as TensorFlow 2 and Keras 3 resize. */
function resizing({ attributes, ...node }: OpNode): JsonObject | null {
  const { mode, place, channelsFirst } = attributes;
  if (mode !== 'linear' || place !== 'middle') return null;
  const size = numbers({ attributes, ...node }, 'sizes').slice(channelsFirst ? 2 : 1, channelsFirst ? 4 : 3);
  if (size.length !== 2 || size.some(length => length === null)) return null;
  const format = channelsFirst ? 'channels_first' : 'channels_last';
  return { size, interpolation: 'bilinear', antialias: false, data_format: format };
}

/** Equal parts as their number, others as the places where they begin. */
function sections(node: OpNode): Json {
  const sizes = numbers(node, 'sizes');
  if (sizes.every(size => size === sizes[0])) return sizes.length;
  return sizes.slice(0, -1).map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0));
}

function sliceKey(node: OpNode): Json | null {
  const found = slices(node);
  return found?.map(([start, stop, step]) => ({ class_name: '__slice__', config: { start, stop, step } })) ?? null;
}

const emit: Emit = (node, at) => {
  const tensors = node.inputs.map(at);
  const [first] = tensors;
  const className = plain[node.op];
  if (className) return { className, config: {}, args: tensors };
  const entry = configured[node.op];
  if (entry && first) return withConfig(entry[0], entry[1](node), [first]);
  switch (node.op) {
    case 'concatenate':
      return {
        className: 'Concatenate',
        config: { axis: node.attributes.axis as number },
        args: [{ kind: 'list', items: tensors }],
      };
    case 'gather':
      return { className: 'Take', config: { axis: node.attributes.axis as number }, args: tensors };
    case 'einsum':
      return { className: 'Einsum', config: { subscripts: subscripts(node) }, args: tensors };
    case 'slice': {
      const key = sliceKey(node);
      return key && first ? { className: 'GetItem', config: {}, args: [first, value(key)] } : null;
    }
    default:
      return null;
  }
};

function withConfig(className: string, config: JsonObject | null, args: readonly CallValue[]): Emission | null {
  return config && { className, config, args };
}

function oneOf(name: string, from: string, dtype: string | undefined, like: Layer): Layer[] | null {
  if (!dtype?.startsWith('float')) return null;
  const operation = (layer: string, className: string, config: JsonObject, on: string) =>
    operationLayer(
      layer,
      { className, config, args: [{ kind: 'tensor', at: { layer: on, node: 0, tensor: 0 } }] },
      like,
    );
  return [
    operation(`${name}_sum`, 'Sum', { axis: null, keepdims: false }, from),
    operation(`${name}_like`, 'OnesLike', {}, `${name}_sum`),
    operation(name, 'Reshape', { newshape: [1, 1] }, `${name}_like`),
  ];
}

/** Indices stay lists; other numbers are tensors, or a list of them would be taken for several. */
export const keras3Operations: OperationTable = {
  emit,
  constant: (numbers, dtype) => ({ class_name: '__tensor__', config: { value: numbers, dtype } }),
  one: oneOf,
};
