/**
 * A symbolic graph as the function of a Lambda layer, for releases that have no operations as layers: Keras 1 and 2,
 * tf.keras before TF 2.4. The function calls what the release runs on, in the words of a speech, and is assembled for
 * the Python that it runs in.
 */

import type { Expression, StraightFunction } from '../../lambdas/index.ts';
import type { Json } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { slices } from './attributes.ts';
import { type Ends, nodesInOrder } from './emission.ts';
import { constantOf, pythonOf } from './python-values.ts';
import { commutative } from './tensorflow.ts';

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

/** The expression of a tensor that is there already. */
export type At = (tensor: SymbolicTensor) => Expression;

/** How a backend says operations. */
export interface PythonSpeech {
  /** Modules, and the names under which the function has them. */
  readonly imports: readonly (readonly [module: string, local: string])[];
  /** What makes arrays of numbers: a module's local name, and its function. */
  readonly arrays: readonly [module: string, path: string];
  /** The number one as one row of one column. */
  readonly one: Expression;
  /** Null where the backend has no word for the operation. */
  readonly say: (node: OpNode, at: At) => Expression | null;
}

/** The function of the graph, of one argument: a tensor, or a list where there are several. Null where it cannot be said. */
export function pythonFunction(name: string, ends: Ends, speech: PythonSpeech): StraightFunction | null {
  const nodes = nodesInOrder(ends).filter(({ op }) => op !== 'constant' && op !== 'input');
  const locals = new Map<OpNode, string>();
  const at: At = tensor => expressionAt(tensor, ends, locals, speech);
  const steps: { to: string; value: Expression }[] = [];
  for (const node of nodes) {
    if (node.inputs.some(isLarge)) return null;
    const value = expressionOf(node, at, speech);
    if (!value) return null;
    locals.set(node, `step_${steps.length + 1}`);
    steps.push({ to: locals.get(node) as string, value });
  }
  if (ends.outputs.some(({ node }) => node.op === 'constant' || node.op === 'input')) return null;
  const [only, ...others] = ends.outputs.map(at);
  if (!only) return null;
  const result: Expression = others.length > 0 ? { kind: 'list', items: [only, ...others] } : only;
  return { name: safeName(name), parameters: ['inputs'], imports: speech.imports, steps, result };
}

/** True where a primitive has an expression. */
export function speaksPython(speech: PythonSpeech): (node: OpNode) => boolean {
  return node => expressionOf(node, () => ({ kind: 'constant', value: { kind: 'none' } }), speech) !== null;
}

function isLarge({ node }: SymbolicTensor): boolean {
  return node.op === 'constant' && (node.attributes.value as Tensor).data.length > largestConstant;
}

export function safeName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain : `layer_${plain}`;
}

function expressionAt(
  { node, index }: SymbolicTensor,
  { inputs }: Ends,
  locals: ReadonlyMap<OpNode, string>,
  { arrays }: PythonSpeech,
): Expression {
  if (node.op === 'constant') return constantOf(node, arrays);
  const place = inputs.findIndex(input => input.node === node);
  const argument: Expression = { kind: 'local', name: 'inputs' };
  if (place >= 0) return inputs.length === 1 ? argument : item(argument, place);
  const made: Expression = { kind: 'local', name: locals.get(node) as string };
  return node.outputs.length > 1 ? item(made, index) : made;
}

export function item(of: Expression, place: number): Expression {
  return { kind: 'subscript', of, index: { kind: 'constant', value: { kind: 'int', value: BigInt(place) } } };
}

function expressionOf(node: OpNode, at: At, { say }: PythonSpeech): Expression | null {
  const [left, right] = commutes(node) ? [...node.inputs].reverse() : node.inputs;
  const binary = binarySigns[node.op as keyof typeof binarySigns];
  if (binary && left && right) return { kind: 'binary', sign: binary, left: at(left), right: at(right) };
  const compare = compareSigns[node.op as keyof typeof compareSigns];
  if (compare && left && right) return { kind: 'compare', sign: compare, left: at(left), right: at(right) };
  if (node.op === 'slice') return slicing(node, at);
  return say(commutes(node) ? { ...node, inputs: [left, right] as SymbolicTensor[] } : node, at);
}

/** Signs want a tensor on their left. */
function commutes({ op, inputs }: OpNode): boolean {
  return commutative.has(op) && inputs[0]?.node.op === 'constant';
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

/** Numbers, lists of them and names as they stand. */
export function constant(json: Json): Expression {
  return pythonOf({ kind: 'value', value: json }, () => ({ kind: 'constant', value: { kind: 'none' } }));
}
