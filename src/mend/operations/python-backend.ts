/**
 * Operations in the words of `keras.backend`, for Theano: keras/backend/theano_backend.py of 1.2.2 says what each takes.
 */

import type { Expression } from '../../lambdas/index.ts';
import type { Json } from '../../model/types.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { axisOf, numbers, scalar } from './attributes.ts';
import { type At, constant, item, type PythonSpeech } from './python-function.ts';
import { callFrom } from './python-values.ts';

function backend(
  name: string,
  args: readonly Expression[],
  keywords: readonly (readonly [string, Expression])[] = [],
): Expression {
  return callFrom('keras', `backend.${name}`, args, keywords);
}

export const backendSpeech: PythonSpeech = {
  imports: [
    ['keras', 'keras'],
    ['numpy', 'numpy'],
  ],
  arrays: ['numpy', 'array'],
  one: backend('ones', [constant([1, 1])]),
  say: (node, at) => words[node.op]?.(node, at) ?? null,
};

type Word = (node: OpNode, at: At) => Expression | null;

const unary = 'abs sign sqrt exp log round sin cos tanh sigmoid softplus softsign relu'.split(' ');
const binary = { maximum: 'maximum', minimum: 'minimum', equal: 'equal', notEqual: 'not_equal' } as const;
const reductions = 'sum mean max min prod any all'.split(' ');

const one: Expression = { kind: 'constant', value: { kind: 'float', value: 1 } };

const words: Readonly<Record<string, Word>> = {
  ...Object.fromEntries(unary.map((name): [string, Word] => [name, ({ inputs }, at) => backend(name, inputs.map(at))])),
  ...Object.fromEntries(
    Object.entries(binary).map(([op, name]): [string, Word] => [op, ({ inputs }, at) => backend(name, inputs.map(at))]),
  ),
  ...Object.fromEntries(reductions.map((name): [string, Word] => [name, (node, at) => reduction(name, node, at)])),
  negative: ({ inputs }, at) => ({ kind: 'binary', sign: '*', left: at(inputs[0]!), right: constant(-1) }),
  reciprocal: ({ inputs }, at) => ({ kind: 'binary', sign: '/', left: one, right: at(inputs[0]!) }),
  expm1: ({ inputs }, at) => ({ kind: 'binary', sign: '-', left: backend('exp', inputs.map(at)), right: one }),
  log1p: ({ inputs }, at) => backend('log', [{ kind: 'binary', sign: '+', left: at(inputs[0]!), right: one }]),
  where: choice,
  clip: ({ inputs }, at) =>
    inputs.slice(1).every(bound => scalar(bound) !== null) ? backend('clip', inputs.map(at)) : null,
  transpose: (node, at) => onFirst('permute_dimensions', node, at, numbers(node, 'axes')),
  concatenate: (node, at) => {
    return backend(
      'concatenate',
      [{ kind: 'list', items: node.inputs.map(part => asTensor(part, at)) }],
      [axisKeyword(node)],
    );
  },
  cast: (node, at) => onFirst('cast', node, at, node.attributes.dtype as string),
  argmax: (node, at) => (node.attributes.keepdims ? null : backend('argmax', node.inputs.map(at), [axisKeyword(node)])),
  tile: (node, at) => (node.inputs.length > 1 ? null : onFirst('tile', node, at, numbers(node, 'repeats'))),
  dim: (node, at) => item(backend('shape', node.inputs.map(at)), node.attributes.axis as number),
  reshape,
  matmul: product,
};

function axisKeyword(node: OpNode): readonly [string, Expression] {
  return ['axis', constant(node.attributes.axis as Json)];
}

/** Arrays are no tensors until they are added to one. */
function asTensor(tensor: SymbolicTensor, at: At): Expression {
  if (tensor.node.op !== 'constant') return at(tensor);
  const zero = backend('zeros', [constant([])], [['dtype', constant(tensor.dtype)]]);
  return { kind: 'binary', sign: '+', left: zero, right: at(tensor) };
}

/** A condition of fewer axes is spread over the first axes of the result, which the switch leaves to chance. */
function choice({ inputs, outputs }: OpNode, at: At): Expression | null {
  const [condition, yes, no] = inputs as readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor];
  const missing = (outputs[0]?.shape.length ?? 0) - condition.shape.length;
  if (missing === 0) return backend('switch', inputs.map(at));
  const shape = [...Array.from({ length: missing }, () => 1), ...condition.shape.map(size => size ?? -1)];
  if (shape.filter(size => size === -1).length > 1) return null;
  return backend('switch', [backend('reshape', [at(condition), constant(shape)]), at(yes), at(no)]);
}

function onFirst(name: string, { inputs }: OpNode, at: At, argument: Json): Expression {
  return backend(name, [at(inputs[0] as SymbolicTensor), constant(argument)]);
}

function reduction(name: string, node: OpNode, at: At): Expression {
  const keywords = [
    ['axis', constant(axisOf(node))],
    ['keepdims', constant(node.attributes.keepdims as boolean)],
  ] as const;
  return backend(name, node.inputs.map(at), keywords);
}

/** Sizes that only the tensors tell stand among the others in order; one may be open. */
function reshape({ inputs, attributes }: OpNode, at: At): Expression | null {
  const [tensor, ...dynamic] = inputs;
  const sizes = attributes.shape as readonly (number | null)[];
  const open = sizes.filter(size => size === null).length;
  if (!tensor || (dynamic.length === 0 ? open > 1 : dynamic.length !== open)) return null;
  const rest = [...dynamic];
  const items = sizes.map((size): Expression => {
    const given = size === null ? rest.shift() : undefined;
    return given ? at(given) : constant(size ?? -1);
  });
  return backend('reshape', [at(tensor), { kind: 'tuple', items }]);
}

/** Theano multiplies matrices, and stacks of them one by one; higher ranks are stacks once they are reshaped. */
function product({ inputs }: OpNode, at: At): Expression | null {
  const [left, right] = inputs as readonly [SymbolicTensor, SymbolicTensor];
  const [rows, columns] = [left.shape.length, right.shape.length];
  if (rows === 3 && columns === 3) return backend('batch_dot', [at(left), at(right)], [['axes', constant([2, 1])]]);
  return rows >= 2 && columns === 2 ? backend('dot', [at(left), at(right)]) : null;
}
