/**
 * Which built-in layer says the same as a Lambda: found in the graph that its function traces to, not in its source, so
 * that `x / 255.`, `K.constant(1 / 255.) * x` and a def with three lines are all one Rescaling. For mending: a layer
 * without bytecode loads in every Python.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { JsonObject } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';
import * as ops from '../ops/exports.ts';
import type { OpNode, SymbolicTensor } from '../ops/index.ts';
import { readLambda, traceLambda } from './layer-function.ts';

export interface EquivalentLayer {
  readonly className: string;
  /** Arguments under Keras 3's names, without name and dtype. */
  readonly config: JsonObject;
}

export interface InputSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * The built-in layer that computes what a Lambda computes on inputs like these; null where there is none, or where the
 * function is not interpreted.
 */
export function lambdaEquivalent(config: JsonObject, inputs: readonly InputSpec[]): EquivalentLayer | null {
  const tensors = inputs.map((spec, index) => ops.input(spec.shape, spec.dtype, `input_${index}`));
  const [single] = tensors;
  if (!single) return null;
  try {
    const call = {
      inputs: tensors.length === 1 ? single : tensors,
      masks: tensors.map(() => null),
      layerName: 'lambda',
    };
    const [output, ...others] = traceLambda(readLambda(config), call, ops);
    if (!output || others.length > 0) return null;
    if (output.dtype !== single.dtype) return null;
    return tensors.length === 1 ? ofOneInput(single, output) : ofSeveralInputs(tensors, output);
  } catch (error) {
    if (error instanceof LoadstoneError) return null;
    throw error;
  }
}

function isTensor(a: SymbolicTensor, b: SymbolicTensor): boolean {
  return a.node === b.node && a.index === b.index;
}

function ofOneInput(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  if (isTensor(input, output)) return { className: 'Activation', config: { activation: 'linear' } };
  const found = [rescaling, activation, arrangement, borders, unitNormalization, globalPooling];
  for (const recognise of found) {
    const layer = recognise(input, output);
    if (layer) return layer;
  }
  return null;
}

/** The node behind a tensor when its first input is `input`. */
function stepFrom(input: SymbolicTensor, output: SymbolicTensor): OpNode | null {
  const [first] = output.node.inputs;
  return first && isTensor(first, input) ? output.node : null;
}

/** The one number of a constant. */
function scalarOf(tensor: SymbolicTensor): number | null {
  const value = tensor.node.op === 'constant' ? (tensor.node.attributes.value as Tensor) : null;
  if (!value || !/^(float32|float64|u?int(8|16|32))$/.test(value.dtype) || value.data.length !== 1) return null;
  return Number(value.data[0]);
}

/** x·scale + offset, however it is written. */
function affine(input: SymbolicTensor, output: SymbolicTensor): { scale: number; offset: number } | null {
  if (isTensor(input, output)) return { scale: 1, offset: 0 };
  const [left, right] = output.node.inputs;
  if (!left || !right || output.node.inputs.length !== 2) return null;
  const [a, b] = [scalarOf(left), scalarOf(right)];
  const inner = affineSide(input, a === null ? left : right, output);
  if (!inner || (a === null) === (b === null)) return null;
  const constant = (a ?? b)!;
  switch (output.node.op) {
    case 'multiply':
      return { scale: inner.scale * constant, offset: inner.offset * constant };
    case 'add':
      return { scale: inner.scale, offset: inner.offset + constant };
    case 'subtract':
      if (a === null) return { scale: inner.scale, offset: inner.offset - constant };
      return { scale: -inner.scale, offset: constant - inner.offset };
    case 'divide':
      return a === null ? { scale: inner.scale / constant, offset: inner.offset / constant } : null;
    default:
      return null;
  }
}

/** The other operand, unless the constant widened the shape. */
function affineSide(input: SymbolicTensor, side: SymbolicTensor, output: SymbolicTensor) {
  return side.shape.length === output.shape.length ? affine(input, side) : null;
}

function rescaling(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const found = /float/.test(input.dtype) ? affine(input, output) : null;
  return found && { className: 'Rescaling', config: { scale: found.scale, offset: found.offset } };
}

const activationNames: Readonly<Record<string, string>> = {
  relu: 'relu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softsign: 'softsign',
  selu: 'selu',
  exp: 'exponential',
};

function activation(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const { node } = output;
  const named = (name: string): EquivalentLayer => ({ className: 'Activation', config: { activation: name } });
  if (node.op === 'multiply' && node.inputs.length === 2) {
    const gate = node.inputs.find(part => part.node.op === 'sigmoid');
    const other = node.inputs.find(part => part !== gate);
    const isSwish = gate && other && isTensor(other, input) && isTensor(gate.node.inputs[0]!, input);
    return isSwish ? named('silu') : null;
  }
  const step = stepFrom(input, output);
  if (!step) return null;
  const rank = input.shape.length;
  if (step.op === 'softmax') {
    const axis = step.attributes.axis as number;
    return axis === rank - 1 ? named('softmax') : { className: 'Softmax', config: { axis } };
  }
  if (step.op === 'elu' && step.attributes.alpha === 1) return named('elu');
  if (step.op === 'leakyRelu')
    return { className: 'LeakyReLU', config: { negative_slope: step.attributes.alpha as number } };
  const name = Object.hasOwn(activationNames, step.op) ? activationNames[step.op] : undefined;
  return step.inputs.length === 1 && name ? named(name) : null;
}

function isBatchKept(input: SymbolicTensor, output: SymbolicTensor): boolean {
  return input.shape[0] === output.shape[0];
}

/** Reshape, Flatten, Permute, RepeatVector. */
function arrangement(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const step = stepFrom(input, output);
  if (step?.op === 'transpose') {
    const axes = step.attributes.axes as readonly number[];
    return axes[0] === 0 ? { className: 'Permute', config: { dims: axes.slice(1) } } : null;
  }
  const reshapes = step && ['reshape', 'expandDims', 'squeeze'].includes(step.op);
  const rest = output.shape.slice(1);
  if (reshapes && isBatchKept(input, output) && !rest.includes(null)) {
    if (rest.length === 1 && input.shape.length > 2) return { className: 'Flatten', config: {} };
    return { className: 'Reshape', config: { target_shape: rest as readonly number[] } };
  }
  const { node } = output;
  const [wide] = node.inputs;
  const repeats = node.attributes.repeats as readonly (number | null)[] | undefined;
  const isRepeat = node.op === 'tile' && wide?.node.op === 'expandDims' && repeats?.length === 3;
  if (!isRepeat || !wide || !stepFrom(input, wide) || input.shape.length !== 2) return null;
  const axis = (wide.node.attributes.axes as readonly number[])[0];
  const [one, n, other] = repeats;
  return axis === 1 && one === 1 && other === 1 && n ? { className: 'RepeatVector', config: { n } } : null;
}

/** Cropping and ZeroPadding of sequences, pictures and volumes with channels last. */
function borders(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const step = stepFrom(input, output);
  const rank = input.shape.length - 2;
  if (!step || rank < 1 || rank > 3) return null;
  const widths = step.op === 'pad' ? paddingOf(step, rank) : step.op === 'slice' ? croppingOf(step, input, rank) : null;
  if (!widths || output.shape.length !== input.shape.length) return null;
  const name = step.op === 'pad' ? 'ZeroPadding' : 'Cropping';
  const key = step.op === 'pad' ? 'padding' : 'cropping';
  return { className: `${name}${rank}D`, config: { [key]: rank === 1 ? widths[0]! : widths } };
}

type Pair = readonly [number, number];

function paddingOf(step: OpNode, rank: number): Pair[] | null {
  const { mode, before, after } = step.attributes as {
    mode: string;
    before: readonly number[];
    after: readonly number[];
  };
  const value = step.inputs[1] ? scalarOf(step.inputs[1]) : null;
  const outer = [0, rank + 1].every(axis => before[axis] === 0 && after[axis] === 0);
  if (mode !== 'constant' || value !== 0 || !outer || step.inputs.length > 2) return null;
  return Array.from({ length: rank }, (_, axis): Pair => [before[axis + 1] ?? 0, after[axis + 1] ?? 0]);
}

function croppingOf(step: OpNode, input: SymbolicTensor, rank: number): Pair[] | null {
  const { axes, starts, ends, steps } = step.attributes as Readonly<Record<string, readonly (number | null)[]>>;
  if (!axes || !starts || !ends || !steps || step.inputs.length > 1) return null;
  const widths: Pair[] = Array.from({ length: rank }, () => [0, 0]);
  for (const [at, axis] of axes.entries()) {
    const size = axis === null ? null : input.shape[axis];
    const [start, end] = [starts[at], ends[at]];
    if (axis === null || axis === 0 || axis === rank + 1 || steps[at] !== 1 || typeof start !== 'number') return null;
    if (start < 0 || typeof end !== 'number') return null;
    const after = end < 0 ? -end : typeof size === 'number' ? Math.max(0, size - end) : end > 1e9 ? 0 : null;
    if (after === null) return null;
    widths[axis - 1] = [start, after];
  }
  return widths;
}

/** x·1/√max(Σx², 1e-12) along one axis. */
function unitNormalization(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const { node } = output;
  const factor = node.op === 'multiply' && isTensor(node.inputs[0]!, input) ? node.inputs[1] : undefined;
  const chain = (tensor: SymbolicTensor | undefined, op: string) =>
    tensor?.node.op === op ? tensor.node.inputs[0] : undefined;
  const largest = chain(chain(factor, 'reciprocal'), 'sqrt');
  const sum = chain(largest, 'maximum');
  const epsilon = largest?.node.inputs[1] ? scalarOf(largest.node.inputs[1]) : null;
  const squares = chain(sum, 'sum');
  const squared = squares?.node.op === 'multiply' && squares.node.inputs.every(part => isTensor(part, input));
  const axes = sum?.node.attributes.axes as readonly number[] | undefined;
  if (!squared || axes?.length !== 1 || epsilon === null || Math.abs(epsilon - 1e-12) > 1e-15) return null;
  return { className: 'UnitNormalization', config: { axis: axes[0]! } };
}

function globalPooling(input: SymbolicTensor, output: SymbolicTensor): EquivalentLayer | null {
  const step = stepFrom(input, output);
  const rank = input.shape.length - 2;
  if (!step || rank < 1 || rank > 3 || (step.op !== 'mean' && step.op !== 'max')) return null;
  const axes = [...(step.attributes.axes as readonly number[])].sort((a, b) => a - b);
  const spatial = axes.length === rank && axes.every((axis, at) => axis === at + 1);
  const name = `Global${step.op === 'mean' ? 'Average' : 'Max'}Pooling${rank}D`;
  return spatial ? { className: name, config: { keepdims: step.attributes.keepdims === true } } : null;
}

const merges: Readonly<Record<string, string>> = {
  add: 'Add',
  multiply: 'Multiply',
  maximum: 'Maximum',
  minimum: 'Minimum',
};

/** Every input once, joined by one operation. */
function ofSeveralInputs(inputs: readonly SymbolicTensor[], output: SymbolicTensor): EquivalentLayer | null {
  const { node } = output;
  const inOrder = node.inputs.length === inputs.length && node.inputs.every((part, at) => isTensor(part, inputs[at]!));
  if (inOrder && node.op === 'concatenate')
    return { className: 'Concatenate', config: { axis: node.attributes.axis as number } };
  if (inOrder && node.op === 'subtract') return { className: 'Subtract', config: {} };
  const [sum, count] = node.op === 'divide' ? node.inputs : [];
  if (sum && count && scalarOf(count) === inputs.length && joins(sum, 'add', inputs))
    return { className: 'Average', config: {} };
  const name = Object.hasOwn(merges, node.op) ? merges[node.op] : undefined;
  return name && joins(output, node.op, inputs) ? { className: name, config: {} } : null;
}

function joins(tensor: SymbolicTensor, op: string, inputs: readonly SymbolicTensor[]): boolean {
  const leaves: SymbolicTensor[] = [];
  const visit = (part: SymbolicTensor): void => {
    if (part.node.op === op) part.node.inputs.forEach(visit);
    else leaves.push(part);
  };
  visit(tensor);
  const sameShape = inputs.every(input => input.shape.length === tensor.shape.length);
  const used = inputs.every(input => leaves.filter(leaf => isTensor(leaf, input)).length === 1);
  return sameShape && used && leaves.length === inputs.length;
}
