/**
 * Turns what callers give to `predict` into tensors of the model's inputs, with the small liberties that Keras takes,
 * and says in plain words what does not fit.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { TensorSpec } from '../model/types.ts';
import { type DType, isFloating, isInteger, type TensorData, type TypedArray } from '../numbers/dtype.ts';
import { packNumbers, unpackNumbers } from '../numbers/pack.ts';
import { elementCount, type Shape, type Tensor } from '../numbers/tensor.ts';

/** Numbers, truth values or strings in nested lists; all lists of one level are of one length. */
export type Nested = number | bigint | boolean | string | readonly Nested[];

/** One input: a tensor, its elements in row-major order, or nested lists. */
export type PredictInput = Tensor | TypedArray | Nested;

/** All inputs: one, a list in the order of `model.inputs`, or a record by name. */
export type PredictInputs = PredictInput | readonly PredictInput[] | { readonly [name: string]: PredictInput };

/**
 * The tensors for `specs`, in their order; with `batches`, all of the same number of samples. Throws `bad-input` that names the input, what was found and what is needed.
 */
export function readInputs(given: PredictInputs, specs: readonly TensorSpec[], { batches = true } = {}): Tensor[] {
  const tensors = matchInputs(given, specs).map((item, at) => readInput(item, specs[at]!));
  if (!batches) return tensors;
  const counts = tensors.map(tensor => tensor.shape[0] ?? 1);
  const odd = counts.findIndex(count => count !== counts[0]);
  if (odd >= 0) {
    refuse(
      specs[odd]!,
      `it holds ${counts[odd]} samples, "${specs[0]!.name}" holds ${counts[0]}`,
      'Give every input the same number of samples.',
    );
  }
  return tensors;
}

/** Shapes of what was given, by input name, with the batch axis left open: what a model without shapes is built for. */
export function shapesGiven(given: PredictInputs, specs: readonly TensorSpec[]): { readonly [name: string]: Shape } {
  const shapes = matchInputs(given, specs).map((item, at): [string, Shape] => {
    const { shape } = toTensor(item, specs[at]!);
    return [specs[at]!.name, [null, ...shape.slice(1)]];
  });
  return Object.fromEntries(shapes);
}

/** How many inputs were given: a list that holds tensors or arrays counts as many. */
export function countGiven(given: PredictInputs): number {
  const many = Array.isArray(given) && given.some(item => isTensor(item) || ArrayBuffer.isView(item));
  return many ? given.length : 1;
}

function matchInputs(given: PredictInputs, specs: readonly TensorSpec[]): PredictInput[] {
  if (isTensor(given) || ArrayBuffer.isView(given)) return [only(given, specs)];
  if (Array.isArray(given)) return matchList(given, specs);
  if (typeof given === 'object' && given !== null) return matchRecord(given as { [name: string]: PredictInput }, specs);
  return [only(given as PredictInput, specs)];
}

function only(given: PredictInput, specs: readonly TensorSpec[]): PredictInput {
  if (specs.length === 1) return given;
  throw wrongCount(1, specs);
}

function matchList(given: readonly PredictInput[], specs: readonly TensorSpec[]): PredictInput[] {
  const holdsTensors = given.some(item => isTensor(item) || ArrayBuffer.isView(item));
  if (!holdsTensors && specs.length === 1) return [given as Nested];
  if (given.length !== specs.length) throw wrongCount(given.length, specs);
  return [...given];
}

function matchRecord(given: { readonly [name: string]: PredictInput }, specs: readonly TensorSpec[]): PredictInput[] {
  const names = Object.keys(given);
  const unknown = names.filter(name => !specs.some(spec => spec.name === name));
  const missing = specs.filter(spec => !names.includes(spec.name));
  if (unknown.length === 0 && missing.length === 0) return specs.map(spec => given[spec.name]!);
  const faults = [
    ...(missing.length > 0 ? [`${quoted(missing.map(spec => spec.name))} missing`] : []),
    ...(unknown.length > 0 ? [`${quoted(unknown)} unknown`] : []),
  ];
  throw new LoadstoneError('bad-input', `the inputs do not match the model's: ${faults.join(', ')}`, {
    do: `The model's inputs are ${specs.map(describe).join(', ')}.`,
  });
}

function quoted(names: readonly string[]): string {
  return names.map(name => `"${name}"`).join(', ');
}

function wrongCount(count: number, specs: readonly TensorSpec[]): LoadstoneError {
  return new LoadstoneError('bad-input', `${count} inputs given, the model takes ${specs.length}`, {
    do: `The model's inputs are ${specs.map(describe).join(', ')}.`,
  });
}

/** `"x" (None, 28, 28) float32`. */
export function describe({ name, shape, dtype }: TensorSpec): string {
  return `"${name}" ${shapeText(shape)} ${dtype}`;
}

function shapeText(shape: Shape): string {
  return `(${shape.map(size => size ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`;
}

function isTensor(given: unknown): given is Tensor {
  return typeof given === 'object' && given !== null && 'data' in given && 'shape' in given && 'dtype' in given;
}

function readInput(given: PredictInput, spec: TensorSpec): Tensor {
  const tensor = toTensor(given, spec);
  if (tensor.data.length !== elementCount(tensor.shape)) {
    refuse(
      spec,
      `its ${tensor.data.length} elements do not fill the shape ${shapeText(tensor.shape)}`,
      'Correct the shape.',
    );
  }
  return castInput(fitShape(tensor, spec), spec);
}

function toTensor(given: PredictInput, spec: TensorSpec): Tensor {
  if (isTensor(given)) return given;
  if (ArrayBuffer.isView(given)) return flatTensor(given as TypedArray, spec);
  return nestedTensor(given as Nested, spec);
}

/** dtypes of JavaScript's arrays; Uint16Array is taken as numbers, for float16 bits give a tensor. */
const arrayDtypes: { readonly [name: string]: DType } = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int8Array: 'int8',
  Int16Array: 'int16',
  Int32Array: 'int32',
  BigInt64Array: 'int64',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Uint16Array: 'uint16',
  Uint32Array: 'uint32',
  BigUint64Array: 'uint64',
};

/** Elements in a row; the one size that the model leaves open follows from their number. */
function flatTensor(data: TypedArray, spec: TensorSpec): Tensor {
  const named = Object.entries(arrayDtypes).find(
    ([name]) => Object.prototype.toString.call(data) === `[object ${name}]`,
  );
  const dtype = named?.[1] ?? arrayDtypes[data.constructor.name] ?? 'uint8';
  const known = spec.shape.reduce<number>((total, size) => total * (size ?? 1), 1);
  const open = spec.shape.filter(size => size === null).length;
  const count = data.length / known;
  if (open > 1) {
    refuse(
      spec,
      `${data.length} elements in a row do not tell its shape ${shapeText(spec.shape)}`,
      'Give { dtype, shape, data }.',
    );
  }
  if (!Number.isInteger(count) || (open === 0 && count !== 1)) {
    refuse(
      spec,
      `${data.length} elements do not fill ${shapeText(spec.shape)}`,
      `Give a multiple of ${known} elements.`,
    );
  }
  return { dtype, shape: spec.shape.map(size => size ?? count), data };
}

function nestedTensor(given: Nested, spec: TensorSpec): Tensor {
  const shape: number[] = [];
  for (let level: Nested = given; Array.isArray(level); level = (level as readonly Nested[])[0] as Nested)
    shape.push(level.length);
  const flat: (number | bigint | boolean | string)[] = [];
  flatten(given, shape, 0, flat, spec);
  const kinds = new Set(flat.map(item => typeof item));
  if (kinds.has('string')) {
    if (kinds.size > 1) refuse(spec, 'strings stand among numbers', 'Give one kind of elements.');
    return { dtype: 'string', shape, data: flat as string[] };
  }
  if (kinds.has('bigint')) return { dtype: 'int64', shape, data: BigInt64Array.from(flat.map(item => BigInt(item))) };
  if (kinds.has('boolean') && kinds.size === 1)
    return { dtype: 'bool', shape, data: Uint8Array.from(flat.map(Number)) };
  return { dtype: 'float64', shape, data: Float64Array.from(flat.map(Number)) };
}

function flatten(
  given: Nested,
  shape: readonly number[],
  depth: number,
  into: (number | bigint | boolean | string)[],
  spec: TensorSpec,
): void {
  if (!Array.isArray(given)) {
    if (depth !== shape.length || !['number', 'bigint', 'boolean', 'string'].includes(typeof given)) ragged(spec);
    into.push(given as number);
    return;
  }
  if (given.length !== shape[depth]) ragged(spec);
  for (const item of given as readonly Nested[]) flatten(item, shape, depth + 1, into, spec);
}

function ragged(spec: TensorSpec): never {
  return refuse(spec, 'the nested lists are of different lengths or depths', 'Pad them to one length.');
}

/**
 * The tensor under a shape that the model takes. As in Keras (`Functional._adjust_input_rank`), a last axis of size 1
 * may be missing or too many.
 */
function fitShape(tensor: Tensor, spec: TensorSpec): Tensor {
  const needed = spec.shape;
  let { shape } = tensor;
  if (shape.length === needed.length + 1 && shape.at(-1) === 1) shape = shape.slice(0, -1);
  else if (shape.length === needed.length - 1 && needed.at(-1) === 1) shape = [...shape, 1];
  if (shape.length !== needed.length) {
    const single =
      shape.length === needed.length - 1 &&
      shape.every((size, axis) => needed[axis + 1] === null || needed[axis + 1] === size);
    const advice = single
      ? 'The first axis counts samples: give one sample as a list of one.'
      : `Give the shape ${shapeText(needed)}.`;
    refuse(
      spec,
      `it has ${shape.length} axes, ${shapeText(shape)}, and needs ${needed.length}, ${shapeText(needed)}`,
      advice,
    );
  }
  const wrong = shape.findIndex((size, axis) => needed[axis] !== null && needed[axis] !== size);
  if (wrong >= 0) {
    refuse(
      spec,
      `its shape is ${shapeText(shape)}, needed ${shapeText(needed)}`,
      `Axis ${wrong} must have size ${needed[wrong]}.`,
    );
  }
  return shape === tensor.shape ? tensor : { ...tensor, shape };
}

/** Numbers of any dtype become the input's; text stays text. */
function castInput(tensor: Tensor, spec: TensorSpec): Tensor {
  if (tensor.dtype === spec.dtype) return tensor;
  if ((tensor.dtype === 'string') !== (spec.dtype === 'string')) {
    refuse(
      spec,
      `it holds ${tensor.dtype}, needed ${spec.dtype}`,
      spec.dtype === 'string' ? 'Give strings.' : 'Give numbers.',
    );
  }
  return { dtype: spec.dtype, shape: tensor.shape, data: castData(tensor, spec.dtype) };
}

function castData(tensor: Tensor, dtype: DType): TensorData {
  const whole = isInteger(dtype) && dtype.endsWith('64') && isInteger(tensor.dtype);
  if (whole) {
    const values = Array.from(tensor.data as ArrayLike<number | bigint>, BigInt);
    return dtype === 'int64' ? BigInt64Array.from(values) : BigUint64Array.from(values);
  }
  if (dtype === 'float32' && tensor.dtype === 'float64') return Float32Array.from(tensor.data as Float64Array);
  if (isFloating(dtype) || dtype === 'bool' || isInteger(dtype)) return packNumbers(unpackNumbers(tensor), dtype);
  return tensor.data;
}

function refuse(spec: TensorSpec, what: string, advice: string): never {
  throw new LoadstoneError('bad-input', `input "${spec.name}": ${what}`, { where: `input ${spec.name}`, do: advice });
}
