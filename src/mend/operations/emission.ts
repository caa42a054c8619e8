/**
 * From a symbolic graph to a model made of operations used as layers. Which operation of a release says a primitive is
 * that release's table; what a table does not know makes the whole graph unsayable there.
 */

import type { CallValue, Json, JsonObject, Layer, Model, TensorAddress } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

/** One operation as a layer: class, constructor arguments, and its call. */
export interface Emission {
  readonly className: string;
  readonly config: JsonObject;
  readonly args: readonly CallValue[];
  readonly kwargs?: { readonly [key: string]: CallValue };
}

/** What a table says of a node; `at` gives a tensor or constant as an argument. Null where it cannot say it. */
export type Emit = (node: OpNode, at: (tensor: SymbolicTensor) => CallValue) => Emission | null;

/** How the release writes a constant that is no scalar; given its nested numbers and dtype. */
export type WriteConstant = (numbers: Json, dtype: string) => Json;

export function value(json: Json): CallValue {
  return { kind: 'value', value: json };
}

/** A constant's numbers, nested by its shape; a scalar is a number. */
export function constantJson({ attributes }: OpNode): Json {
  const { shape, data, dtype } = attributes.value as Tensor;
  const plain = (index: number): Json => {
    const item = data[index];
    if (dtype === 'bool') return Boolean(item);
    return typeof item === 'bigint' ? Number(item) : (item as number | string);
  };
  const nest = (axis: number, from: number, count: number): Json => {
    if (axis === shape.length) return plain(from);
    const each = count / (shape[axis] as number);
    return Array.from({ length: shape[axis] as number }, (_, index) => nest(axis + 1, from + index * each, each));
  };
  return nest(0, 0, data.length);
}

/** A scalar stays a number, which takes the other operand's type; anything else is written as the release does. */
function constantValue(node: OpNode, write: WriteConstant): Json {
  const numbers = constantJson(node);
  return Array.isArray(numbers) ? write(numbers, (node.attributes.value as Tensor).dtype) : numbers;
}

/** What a release has for operations. */
export interface OperationTable {
  readonly emit: Emit;
  readonly constant: WriteConstant;
  /** Layers that make the number one, as one row of one column, out of a tensor of floats; null for other tensors. */
  readonly one: (name: string, from: string, dtype: string | undefined, like: Layer) => Layer[] | null;
}

export interface Ends {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** Layers that give some of the graph's inputs themselves. */
export interface Givers {
  readonly layers: readonly Layer[];
  /** By input, the name of the layer that gives it. */
  readonly given: ReadonlyMap<OpNode, string>;
}

const noGivers: Givers = { layers: [], given: new Map() };

/** A Functional model of operations that computes the graph; null where the table lacks one of its primitives. */
export function operationsModel(
  name: string,
  ends: Ends,
  { emit, constant }: OperationTable,
  like: Layer,
  givers: Givers = noGivers,
): Model | null {
  const layers: Layer[] = [];
  const names = new Map<OpNode, string>(givers.given);
  const addressOf = (tensor: SymbolicTensor): CallValue => {
    const { node } = tensor;
    if (node.op === 'constant') return value(constantValue(node, constant));
    return { kind: 'tensor', at: { layer: names.get(node) as string, node: 0, tensor: tensor.index } };
  };
  const inputs = ends.inputs.filter(({ node }) => !givers.given.has(node));
  inputs.forEach((tensor, index) => {
    names.set(tensor.node, `${name}_input_${index}`);
    layers.push(inputLayer(`${name}_input_${index}`, tensor, like));
  });
  layers.push(...givers.layers);
  for (const node of nodesInOrder(ends)) {
    if (node.op === 'constant' || names.has(node)) continue;
    const emission = emit(node, addressOf);
    if (!emission) return null;
    names.set(node, `${name}_${layers.length}_${node.op}`);
    layers.push(operationLayer(names.get(node) as string, emission, like));
  }
  if (ends.outputs.some(({ node }) => node.op === 'constant' || node.op === 'input')) return null;
  const address = (tensor: SymbolicTensor) => ({
    layer: names.get(tensor.node) as string,
    node: 0,
    tensor: tensor.index,
  });
  return graphModel(name, layers, inputs.map(address), ends.outputs.map(address));
}

/** A Functional model around layers that name each other. */
export function graphModel(
  name: string,
  layers: readonly Layer[],
  inputs: readonly TensorAddress[],
  outputs: readonly TensorAddress[],
): Model {
  return {
    className: 'Functional',
    origin: 'layer',
    registeredName: null,
    name,
    trainable: true,
    layers,
    inputs,
    outputs,
    config: null,
  } as unknown as Model;
}

/** Nodes that the outputs need, each after those it needs. */
export function nodesInOrder({ outputs }: Ends): OpNode[] {
  const order: OpNode[] = [];
  const seen = new Set<OpNode>();
  const stack = outputs.map(({ node }) => ({ node, done: false })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, done } = next;
    if (done) order.push(node);
    if (done || seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, done: true });
    for (const input of [...node.inputs].reverse()) stack.push({ node: input.node, done: false });
  }
  return order;
}

function bare(name: string, className: string, config: JsonObject, like: Layer): Layer {
  return {
    name,
    className,
    origin: 'layer',
    registeredName: null,
    config: { name, ...config },
    dtype: like.dtype,
    trainable: true,
    calls: [],
    weights: [],
    sublayers: {},
    model: null,
    buildShape: null,
    assets: {},
    at: like.at,
  };
}

export function inputLayer(name: string, { shape, dtype }: SymbolicTensor, like: Layer): Layer {
  return bare(name, 'InputLayer', { batch_shape: [...shape], dtype, sparse: false }, like);
}

export function operationLayer(name: string, { className, config, args, kwargs = {} }: Emission, like: Layer): Layer {
  return { ...bare(name, className, {}, like), origin: 'operation', config, calls: [{ args, kwargs }] };
}
