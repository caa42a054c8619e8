/**
 * A signature takes its arguments by name, in sorted order, and so loses the order that the model had. But its function
 * only wraps the model's own and hands each argument on to its place there: that tells the order again.
 */

import type { FunctionLibrary } from './function-library.ts';
import { parseReference } from './lower/reference.ts';
import type { FunctionDef, NodeDef } from './schema/graph.ts';

export interface Order {
  /** For each place, which argument of the wrapper stands there. */
  readonly inputs: readonly number[];
  /** For each place, which result of the wrapper. */
  readonly outputs: readonly number[];
}

/** The order of the wrapped function's arguments and results; as they are where it wraps none. */
export function wrappedOrder(functions: FunctionLibrary, name: string, inputs: number, outputs: number): Order {
  const wrapper = functions.get(name);
  const calls = wrapper.nodeDef.filter(node => /^(Stateful)?PartitionedCall$/.test(node.op));
  const [call] = calls;
  const same = (count: number) => Array.from({ length: count }, (_, at) => at);
  if (calls.length !== 1 || !call) return { inputs: same(inputs), outputs: same(outputs) };
  return {
    inputs: wholeOrNull(inputOrder(wrapper, call, inputs), inputs) ?? same(inputs),
    outputs: wholeOrNull(outputOrder(wrapper, call, outputs), outputs) ?? same(outputs),
  };
}

function inputOrder(wrapper: FunctionDef, call: NodeDef, count: number): readonly number[] {
  const names = wrapper.signature?.inputArg.slice(0, count).map(arg => arg.name) ?? [];
  return call.input.flatMap(text => {
    const at = names.indexOf(text);
    return at < 0 ? [] : [at];
  });
}

function outputOrder(wrapper: FunctionDef, call: NodeDef, count: number): readonly number[] {
  const results = wrapper.signature?.outputArg.slice(0, count).map(arg => wrapper.ret.get(arg.name) ?? '') ?? [];
  const places = results.map(text => placeInCall(text, wrapper, call));
  return places
    .map((place, at) => ({ place, at }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place)
    .map(({ at }) => at);
}

/** Which result of the call a tensor is, looking through identities; -1 for none. */
function placeInCall(text: string, wrapper: FunctionDef, call: NodeDef): number {
  const { node, index } = parseReference(text);
  if (node === call.name) return index;
  const found = wrapper.nodeDef.find(candidate => candidate.name === node);
  return found?.op === 'Identity' ? placeInCall(found.input[0]!, wrapper, call) : -1;
}

/** The order, if every place is taken once. */
function wholeOrNull(order: readonly number[], count: number): readonly number[] | null {
  return order.length === count && new Set(order).size === count ? order : null;
}

/** How deep calls are followed to find what makes a result. */
const maxDepth = 20;

/**
 * Names of the nodes that each result of a function comes through, from outside in: Keras calls them after its layers. A
 * call of another function is followed into it.
 */
export function producersOf(functions: FunctionLibrary, name: string): readonly (readonly string[])[] {
  const { signature } = functions.get(name);
  return (signature?.outputArg ?? []).map((_, at) => producersOfResult(functions, name, at, maxDepth));
}

function producersOfResult(functions: FunctionLibrary, name: string, at: number, depth: number): readonly string[] {
  if (depth === 0 || !functions.has(name)) return [];
  const definition = functions.get(name);
  const names: string[] = [];
  let text = definition.ret.get(definition.signature?.outputArg[at]?.name ?? '') ?? '';
  for (let step = 0; step < maxDepth; step++) {
    const { node, index } = parseReference(text);
    const found = definition.nodeDef.find(candidate => candidate.name === node);
    if (!found) return names;
    names.push(found.name);
    const called = /^(Stateful)?PartitionedCall$/.test(found.op) ? found.attr.get('f')?.func?.name : undefined;
    if (called !== undefined) return [...names, ...producersOfResult(functions, called, index, depth - 1)];
    if (found.op !== 'Identity') return names;
    text = found.input[0] ?? '';
  }
  return names;
}

/** For each result, which of `names` a node that makes it is called after; null unless every result has its own. */
export function namesByProducer(
  producers: readonly (readonly string[])[],
  names: readonly string[],
): readonly number[] | null {
  const order = producers.map(nodes => {
    const segments = new Set(nodes.flatMap(node => node.split('/')));
    return names.findIndex(name => segments.has(name));
  });
  return wholeOrNull(order, names.length);
}
