/**
 * A symbolic graph as the function of a Lambda layer, for releases that have no operations as layers: Keras 1 and 2,
 * tf.keras before TF 2.4. The function calls TensorFlow, which each of them runs on, and is assembled for the Python
 * that the release runs in.
 */

import type { PythonConstant } from '../../containers/marshal/index.ts';
import type { Expression, StraightFunction } from '../../lambdas/index.ts';
import type { Json } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { numbers, slices, subscripts } from './attributes.ts';
import { type Ends, nodesInOrder } from './emission.ts';
import { callOf, constantOf, pythonOf } from './python-values.ts';
import { commutative, tensorflowOperations } from './tensorflow.ts';

/** Constants above this many numbers are weights, which do not belong into code. */
const largestConstant = 4096;

const binarySigns = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  floorDivide: '//',
  mod: '%',
  power: '**',
} as const;

const compareSigns = { less: '<', lessEqual: '<=', greater: '>', greaterEqual: '>=' } as const;

/** The module, and the name under which the function has it. */
export const tensorflow = ['tensorflow', 'tf'] as const;

type At = (tensor: SymbolicTensor) => Expression;

/** The function of the graph, of one argument: a tensor, or a list where there are several. Null where it cannot be said. */
export function pythonFunction(name: string, ends: Ends): StraightFunction | null {
  const nodes = nodesInOrder(ends).filter(({ op }) => op !== 'constant' && op !== 'input');
  const locals = new Map<OpNode, string>();
  const at: At = tensor => expressionAt(tensor, ends, locals);
  const steps: { to: string; value: Expression }[] = [];
  for (const node of nodes) {
    if (node.inputs.some(isLarge)) return null;
    const value = expressionOf(node, at);
    if (!value) return null;
    locals.set(node, `step_${steps.length + 1}`);
    steps.push({ to: locals.get(node) as string, value });
  }
  if (ends.outputs.some(({ node }) => node.op === 'constant' || node.op === 'input')) return null;
  const [only, ...others] = ends.outputs.map(at);
  if (!only) return null;
  const result: Expression = others.length > 0 ? { kind: 'list', items: [only, ...others] } : only;
  return { name: safeName(name), parameters: ['inputs'], imports: [tensorflow], steps, result };
}

/** True where a primitive has an expression. */
export function speaksPython(node: OpNode): boolean {
  return expressionOf(node, () => ({ kind: 'constant', value: { kind: 'none' } })) !== null;
}

function isLarge({ node }: SymbolicTensor): boolean {
  return node.op === 'constant' && (node.attributes.value as Tensor).data.length > largestConstant;
}

export function safeName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain : `layer_${plain}`;
}

function expressionAt(tensor: SymbolicTensor, { inputs }: Ends, locals: ReadonlyMap<OpNode, string>): Expression {
  const { node, index } = tensor;
  if (node.op === 'constant') return constantOf(node);
  const place = inputs.findIndex(input => input.node === node);
  const argument: Expression = { kind: 'local', name: 'inputs' };
  if (place >= 0) return inputs.length === 1 ? argument : item(argument, place);
  const made: Expression = { kind: 'local', name: locals.get(node) as string };
  return node.outputs.length > 1 ? item(made, index) : made;
}

function item(of: Expression, place: number): Expression {
  return { kind: 'subscript', of, index: { kind: 'constant', value: { kind: 'int', value: BigInt(place) } } };
}

function expressionOf(node: OpNode, at: At): Expression | null {
  const [left, right] = commutes(node) ? [...node.inputs].reverse() : node.inputs;
  const binary = binarySigns[node.op as keyof typeof binarySigns];
  if (binary && left && right) return { kind: 'binary', sign: binary, left: at(left), right: at(right) };
  const compare = compareSigns[node.op as keyof typeof compareSigns];
  if (compare && left && right) return { kind: 'compare', sign: compare, left: at(left), right: at(right) };
  const own = ownWords[node.op];
  if (own) return own(node, at);
  const swapped = commutes(node) ? { ...node, inputs: [left, right] as SymbolicTensor[] } : node;
  return asCall(swapped, at);
}

/** Operations that are said otherwise than as layers of TensorFlow's functions. */
const ownWords: Readonly<Record<string, (node: OpNode, at: At) => Expression | null>> = {
  slice: slicing,
  where: choice,
  conv: convolution,
  einsum: (node, at) => callOf('einsum', [constant(subscripts(node)), ...node.inputs.map(at)], []),
  dim: (node, at) => item(callOf('shape', [at(node.inputs[0] as SymbolicTensor)], []), node.attributes.axis as number),
  size: (node, at) => callOf('size', [at(node.inputs[0] as SymbolicTensor)], []),
  reshape: (node, at) => sized('reshape', node, node.attributes.shape as Sizes, at),
  broadcastTo: (node, at) => sized('broadcast_to', node, node.attributes.shape as Sizes, at),
  tile: (node, at) => sized('tile', node, node.attributes.repeats as Sizes, at),
};

type Sizes = readonly (number | null)[];

/** A function of a tensor and sizes, of which those that are null are the node's further inputs, or one is open. */
function sized(name: string, { inputs }: OpNode, sizes: Sizes, at: At): Expression | null {
  const [tensor, ...dynamic] = inputs;
  const open = sizes.filter(size => size === null).length;
  if (!tensor || (dynamic.length === 0 && open > (name === 'reshape' ? 1 : 0))) return null;
  if (dynamic.length > 0 && dynamic.length !== open) return null;
  const rest = [...dynamic];
  const parts = sizes.map((size): Expression => {
    if (size !== null) return constant(size);
    const given = rest.shift();
    return given ? at(given) : constant(-1);
  });
  const plain = dynamic.length === 0;
  return callOf(
    name,
    [at(tensor), plain ? constant(sizes.map(size => size ?? -1)) : { kind: 'list', items: parts }],
    [],
  );
}

/** One convolution for each group, on tensors whose channels come last. */
function convolution(node: OpNode, at: At): Expression | null {
  const [x, kernel] = node.inputs;
  const { padding, groups, channelsFirst } = node.attributes;
  if (!x || !kernel || channelsFirst === true) return null;
  const pads = padding as 'same' | readonly (readonly number[])[];
  const padded = pads !== 'same' && pads.some(pair => pair.some(cells => cells > 0));
  const input: Expression = padded
    ? callOf('pad', [at(x), constant([[0, 0], ...(pads as readonly (readonly number[])[]), [0, 0]])], [])
    : at(x);
  const keywords = [
    ['padding', constant(pads === 'same' ? 'SAME' : 'VALID')],
    ['strides', constant(numbers(node, 'strides'))],
    ['dilations', constant(numbers(node, 'dilations'))],
  ] as const;
  const convolve = (of: Expression, by: Expression) => callOf('nn.convolution', [of, by], keywords);
  const count = groups as number;
  if (count === 1) return convolve(input, at(kernel));
  const axis = [['axis', constant(-1)]] as const;
  const split = (of: Expression) => callOf('split', [of, constant(count)], axis);
  const [inputs, kernels] = [split(input), split(at(kernel))];
  const parts = Array.from({ length: count }, (_, group) => convolve(item(inputs, group), item(kernels, group)));
  return callOf('concat', [{ kind: 'list', items: parts }], axis);
}

function commutes({ op, inputs }: OpNode): boolean {
  return commutative.has(op) && inputs[0]?.node.op === 'constant';
}

/** What the table of TensorFlow's functions says, as a call. */
function asCall(node: OpNode, at: At): Expression | null {
  const places = node.inputs;
  const emission = tensorflowOperations.emit(node, tensor => ({
    kind: 'tensor',
    at: { layer: '', node: 0, tensor: places.indexOf(tensor) },
  }));
  const name = emission?.config.function;
  if (!emission || typeof name !== 'string' || emission.className !== 'TFOpLambda') return null;
  const given = (place: number) => at(places[place] as SymbolicTensor);
  const keywords = Object.entries(emission.kwargs ?? {}).map(([key, value]) => [key, pythonOf(value, given)] as const);
  return callOf(
    name,
    emission.args.map(value => pythonOf(value, given)),
    name.endsWith('_pool') ? keywords.map(([key, value]) => [key, wholeWindow(value)] as const) : keywords,
  );
}

/** TF 1 wants windows and strides for all four axes. */
function wholeWindow(value: Expression): Expression {
  if (value.kind !== 'constant' || value.value.kind !== 'tuple' || value.value.items.length !== 2) return value;
  const one: PythonConstant = { kind: 'int', value: 1n };
  return { kind: 'constant', value: { kind: 'tuple', items: [one, ...value.value.items, one] } };
}

function slicing(node: OpNode, at: At): Expression | null {
  const spec = slices(node);
  const [tensor] = node.inputs;
  if (!spec || !tensor) return null;
  const bound = (value: number | null): Expression => constant(value);
  const items = spec.map(([start, stop, step]): Expression => {
    return { kind: 'slice', parts: [bound(start), bound(stop), bound(step)] };
  });
  return { kind: 'subscript', of: at(tensor), index: { kind: 'tuple', items } };
}

function constant(json: Json): Expression {
  return pythonOf({ kind: 'value', value: json }, () => ({ kind: 'constant', value: { kind: 'none' } }));
}

/** `tf.where` of TF 1 spreads nothing: what is smaller is spread over ones of the result's shape. */
function choice(node: OpNode, at: At): Expression | null {
  const [condition, yes, no] = node.inputs;
  const [output] = node.outputs;
  if (!condition || !yes || !no || !output) return null;
  const whole = [yes, no, condition].find(tensor => sameShape(tensor, output) && tensor.node.op !== 'constant');
  if (!whole) return null;
  const filled = (dtype: string) => callOf('ones_like', [at(whole)], [['dtype', constant(dtype)]]);
  const spread = (tensor: SymbolicTensor): Expression => {
    if (sameShape(tensor, output) && tensor.node.op !== 'constant') return at(tensor);
    if (tensor.dtype === 'bool') return callOf('math.logical_and', [filled('bool'), at(tensor)], []);
    return { kind: 'binary', sign: '*', left: filled(output.dtype), right: at(tensor) };
  };
  return callOf('where', [condition, yes, no].map(spread), []);
}

function sameShape(a: SymbolicTensor, b: SymbolicTensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}
