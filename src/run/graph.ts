/** Walking recorded graphs: nodes in an order in which they can be computed, and what bodies take from outside. */

import type { OpNode, Subgraph, SymbolicTensor } from '../ops/types.ts';

/** Names one output of a node. */
export function tensorKey({ node, index }: SymbolicTensor): string {
  return `${node.id}:${index}`;
}

/** The bodies of a loop or branch, by attribute. */
export function subgraphsOf(node: OpNode): Subgraph[] {
  return Object.values(node.attributes).filter(isSubgraph);
}

function isSubgraph(value: unknown): value is Subgraph {
  return typeof value === 'object' && value !== null && 'inputs' in value && 'outputs' in value;
}

/** Everything that a node needs computed before it: its inputs and what its bodies take from outside. */
export function dependenciesOf(node: OpNode): readonly SymbolicTensor[] {
  return [...node.inputs, ...subgraphsOf(node).flatMap(capturesOf)];
}

const captures = new WeakMap<Subgraph, readonly SymbolicTensor[]>();

/**
 * Tensors outside of a body that it uses. What does not depend on the body's inputs counts as outside, so it is
 * computed once before the loop.
 */
export function capturesOf(body: Subgraph): readonly SymbolicTensor[] {
  const known = captures.get(body);
  if (known) return known;
  const inside = new Set(nodesInside(body));
  const found = new Map<string, SymbolicTensor>();
  const note = (tensor: SymbolicTensor) => {
    if (!inside.has(tensor.node) && !isInputOf(body, tensor)) found.set(tensorKey(tensor), tensor);
  };
  for (const node of inside) dependenciesOf(node).forEach(note);
  body.outputs.forEach(note);
  const list = [...found.values()];
  captures.set(body, list);
  return list;
}

function isInputOf(body: Subgraph, { node }: SymbolicTensor): boolean {
  return body.inputs.some(input => input.node === node);
}

/** The nodes of a body that depend on its inputs, in order. */
export function nodesInside(body: Subgraph): readonly OpNode[] {
  const within = new Set<OpNode>(body.inputs.map(input => input.node));
  const ordered = topologicalOrder(body.outputs);
  const inside = ordered.filter(node => {
    if (within.has(node)) return false;
    const depends = dependenciesOf(node).some(tensor => within.has(tensor.node));
    if (depends) within.add(node);
    return depends;
  });
  return inside;
}

/** Every node that `outputs` need, dependencies first. Iterative, as real graphs are deep. */
export function topologicalOrder(outputs: readonly SymbolicTensor[]): readonly OpNode[] {
  const state = new Map<OpNode, 'open' | 'done'>();
  const ordered: OpNode[] = [];
  const stack = outputs.map(output => output.node).reverse();
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (state.has(node)) {
      stack.pop();
      if (state.get(node) === 'open') {
        state.set(node, 'done');
        ordered.push(node);
      }
      continue;
    }
    state.set(node, 'open');
    for (const { node: needed } of dependenciesOf(node)) if (!state.has(needed)) stack.push(needed);
  }
  return ordered;
}
