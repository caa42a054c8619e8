/** Operations in the words of TensorFlow, of 1.13 and later alike. */

import type { PythonConstant } from '../../containers/marshal/index.ts';
import type { Expression } from '../../lambdas/index.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { numbers, subscripts } from './attributes.ts';
import { type At, constant, item, type PythonSpeech } from './python-function.ts';
import { callOf, pythonOf } from './python-values.ts';
import { tensorflowOperations } from './tensorflow.ts';

export const tensorflowSpeech: PythonSpeech = {
  imports: [['tensorflow', 'tf']],
  arrays: ['tf', 'constant'],
  one: callOf('ones', [constant([1, 1])], []),
  say: (node, at) => {
    const own = ownWords[node.op];
    return own ? own(node, at) : asCall(node, at);
  },
};

/** Operations that are said otherwise than as layers of TensorFlow's functions. */
const ownWords: Readonly<Record<string, (node: OpNode, at: At) => Expression | null>> = {
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
