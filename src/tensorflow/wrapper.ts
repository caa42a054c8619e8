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
