/**
 * Traces the nodes of a TensorFlow graph or function: finds what the wanted tensors need, puts it in order, and lowers one
 * node after the other. Nodes that nothing needs are not looked at, and a node without a lowering fails only
 * when a result needs it.
 */

import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import { isSymbolic } from '../../ops/convert.ts';
import { withScope } from '../../ops/record.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { FunctionDef, NodeDef } from '../schema/graph.ts';
import { type Context, type Lowered, viewOf } from './define.ts';
import { type Frame, framesByExit } from './frames.ts';
import { conditionOfMerge, mergedByCondition } from './merge.ts';
import { parseReference } from './reference.ts';
import { loweringOf } from './registry.ts';
import { tensorValue, type Value } from './value.ts';
import { lowerLoop } from './while.ts';

/** Something to evaluate: nodes by name, and values that stand before any node is lowered (arguments, feeds). */
export interface GraphBody {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** By name of the argument, or of the node that is fed. */
  readonly given: ReadonlyMap<string, readonly Value[]>;
  readonly where: string;
}

/** Values of the tensors `fetches`; the nodes `effects` are lowered too, for what they do. Throws `unsupported`, `damaged`. */
export function evaluate(
  body: GraphBody,
  fetches: readonly string[],
  effects: readonly string[],
  context: Context,
): readonly Value[] {
  const done = new Map<string, readonly Value[]>(body.given);
  const wanted = [...fetches, ...effects].map(text => parseReference(text).node);
  const frames = framesByExit(body.nodes, body.where);
  for (const node of inOrder(body, wanted, done, frames)) {
    const frame = frames.get(node.name);
    if (!frame) done.set(node.name, lowerNode(node, body, done, context));
    else if (!done.has(node.name)) lowerFrame(frame, body, done, context);
  }
  return fetches.map(text => resolve(text, body, done, context));
}

/** Nodes that the wanted ones need, each after its inputs; iterative, for graphs are deep. Throws `damaged` for a circle. */
function inOrder(
  body: GraphBody,
  wanted: readonly string[],
  done: ReadonlyMap<string, unknown>,
  frames: ReadonlyMap<string, Frame>,
): readonly NodeDef[] {
  const order: NodeDef[] = [];
  const state = new Map<string, 'entered' | 'left'>();
  const stack = wanted.map(name => ({ name, leaving: false })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { name, leaving } = next;
    const node = body.nodes.get(name);
    if (done.has(name) || !node) continue;
    if (leaving) {
      state.set(name, 'left');
      order.push(node);
    } else if (!state.has(name)) {
      state.set(name, 'entered');
      stack.push({ name, leaving: true });
      const inputs = frames.has(name) ? frameInputs(frames.get(name)!) : node.input;
      for (const input of inputs.toReversed()) pushInput(input, node, body, state, stack);
    }
  }
  return order;
}

function pushInput(
  input: string,
  node: NodeDef,
  { nodes, where }: GraphBody,
  state: ReadonlyMap<string, string>,
  stack: { name: string; leaving: boolean }[],
): void {
  const { node: name } = parseReference(input);
  // What stands behind a control edge matters for its order only if it is wanted anyway.
  if (input.startsWith('^') && !isEffect(nodes.get(name))) return;
  if (state.get(name) === 'entered' && !isLoopEdge(node)) {
    throw new LoadstoneError('damaged', `The node ${name} needs its own result`, { where });
  }
  stack.push({ name, leaving: false });
}

/** What a loop takes from outside of it. */
function frameInputs({ variables, constants }: Frame): readonly string[] {
  return [...variables.map(({ enter }) => enter), ...constants].flatMap(enter => enter.input.slice(0, 1));
}

/** Lowers a whole loop and gives all of its exits their values. */
function lowerFrame(frame: Frame, body: GraphBody, done: Map<string, readonly Value[]>, context: Context): void {
  const entering = (enter: NodeDef) => resolve(enter.input[0]!, body, done, context);
  const constants = frame.constants.map(enter => [enter.name, [entering(enter)]] as const);
  const inside = (values: readonly Value[]): GraphBody => {
    const given = new Map<string, readonly Value[]>([...body.given, ...constants]);
    frame.variables.forEach(({ merge, switchNode }, at) => {
      given.set(merge.name, [values[at]!]);
      given.set(switchNode.name, [values[at]!, values[at]!]);
    });
    return { nodes: body.nodes, given, where: `${body.where}, loop ${frame.name}` };
  };
  const results = lowerLoop({
    start: frame.variables.map(({ enter }) => entering(enter)),
    body: values => {
      const next = frame.variables.map(variable => variable.next.input[0]!);
      return context.nested(() => evaluate(inside(values), next, [], context));
    },
    cond: values => context.nested(() => evaluate(inside(values), [frame.condition], [], context)),
    where: `${body.where}, loop ${frame.name}`,
  });
  for (const [exit, at] of frame.exits) done.set(exit, [results[at]!]);
}

function isLoopEdge(node: NodeDef): boolean {
  return node.op === 'Merge' || node.op === 'RefMerge';
}

const effects = /^Assign|^ResourceScatter|^StatefulPartitionedCall$|^LookupTableImport|^InitializeTable/;

/** Operations that change a variable or fill a table, or call functions that may. */
export function isEffect(node: NodeDef | undefined): boolean {
  return node !== undefined && effects.test(node.op);
}

function lowerNode(
  node: NodeDef,
  body: GraphBody,
  done: ReadonlyMap<string, readonly Value[]>,
  context: Context,
): readonly Value[] {
  const inputs = node.input.filter(text => !text.startsWith('^')).map(text => resolve(text, body, done, context));
  if (inputs.some(input => input.kind === 'dead') && !isLoopEdge(node)) return [{ kind: 'dead' }];
  const merged = isLoopEdge(node) && mergeSides(node, inputs, body, done, context);
  if (merged) return merged;
  const lowering = loweringOf(node.op);
  const view = viewOf(node, inputs, body.where);
  try {
    if (lowering) return withScope(node.name, () => listed(lowering.lower(view, context)));
    if (context.functions.has(node.op)) return context.call(node.op, inputs);
    return [{ kind: 'unsupported', why: `TensorFlow's operation ${node.op} is not supported` }];
  } catch (error) {
    if (!isLoadstoneError(error, 'unsupported')) throw error;
    return [{ kind: 'unsupported', why: error.what }];
  }
}

/** A Merge of two sides that are both alive: their condition chooses. Null for any other. */
function mergeSides(
  node: NodeDef,
  inputs: readonly Value[],
  body: GraphBody,
  done: ReadonlyMap<string, readonly Value[]>,
  context: Context,
): readonly Value[] | null {
  if (inputs.length !== 2 || inputs.some(({ kind }) => kind === 'dead')) return null;
  const condition = conditionOfMerge(node, body.nodes);
  if (condition === null || !done.has(parseReference(condition).node)) return null;
  return mergedByCondition(inputs, resolve(condition, body, done, context));
}

function listed(lowered: Lowered): readonly Value[] {
  const list = Array.isArray(lowered) ? (lowered as readonly (Value | SymbolicTensor)[]) : [lowered as Value];
  return list.map(item => (isSymbolic(item) ? tensorValue(item) : item));
}

function resolve(text: string, body: GraphBody, done: ReadonlyMap<string, readonly Value[]>, context: Context): Value {
  const { node, output, index } = parseReference(text);
  const values = done.get(node);
  if (!values)
    throw new LoadstoneError('damaged', `The graph refers to ${text}, which it has not`, { where: body.where });
  const [first] = values;
  if (values.length === 1 && (first!.kind === 'unsupported' || first!.kind === 'dead')) return first!;
  const value = values[positionOf(body.nodes.get(node), output, index, context)];
  if (value) return value;
  return {
    kind: 'unsupported',
    why: `Output ${text} of ${body.nodes.get(node)?.op ?? 'the argument'} is not supported`,
  };
}

/** Which of a node's outputs a reference means: functions name them, graphs number them. */
function positionOf(node: NodeDef | undefined, output: string | null, index: number, context: Context): number {
  if (output === null || !node) return index;
  const names = context.functions.has(node.op)
    ? context.functions.get(node.op).signature!.outputArg.map(arg => arg.name)
    : loweringOf(node.op)?.outputs;
  const at = names?.indexOf(output) ?? -1;
  return at < 0 ? index : at + index;
}

/** Traces a function's body on its arguments. Gives its results in the order of its signature. */
export function evaluateFunction(
  definition: FunctionDef,
  inputs: readonly Value[],
  where: string,
  context: Context,
): readonly Value[] {
  const signature = definition.signature;
  if (!signature || signature.inputArg.length !== inputs.length) {
    throw new LoadstoneError(
      'damaged',
      `A function takes ${signature?.inputArg.length ?? 0} inputs and is given ${inputs.length}`,
      { where },
    );
  }
  const body: GraphBody = {
    nodes: new Map(definition.nodeDef.map(node => [node.name, node])),
    given: new Map(signature.inputArg.map((arg, index) => [arg.name, [inputs[index]!]])),
    where,
  };
  const fetches = signature.outputArg.map(arg => definition.ret.get(arg.name) ?? arg.name);
  const effects = definition.nodeDef.filter(isEffect).map(node => node.name);
  return evaluate(body, fetches, effects, context);
}
