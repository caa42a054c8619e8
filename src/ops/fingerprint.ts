/**
 * Whether two graphs compute the same by the same operations: every tensor gets a number, equal where operation,
 * attributes and the numbers of all inputs are. Names of layers and the order of tracing do not count.
 */

import type { Attribute, OpNode, Subgraph, SymbolicTensor } from './types.ts';

export type Fingerprint = (tensor: SymbolicTensor) => number;

/** A numbering for graphs that are to be compared: use one for all of them. */
export function startFingerprints(): Fingerprint {
  const numbers = new Map<string, number>();
  const known = new Map<OpNode, number>();
  const parameters = new Map<OpNode, string>();
  return tensor => {
    for (const node of unknownBelow(tensor.node, known, parameters)) {
      const key = parameters.get(node) ?? keyOf(node, known);
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      known.set(node, numbers.get(key)!);
    }
    return known.get(tensor.node)! * 64 + tensor.index;
  };
}

/** Nodes without a number from which this one is made, inputs first: nodes are numbered as they are created. */
function unknownBelow(
  top: OpNode,
  known: ReadonlyMap<OpNode, number>,
  parameters: Map<OpNode, string>,
): readonly OpNode[] {
  const found = new Set<OpNode>();
  const pending: { node: OpNode; depth: number }[] = [{ node: top, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next;
    if (known.has(node) || found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) pending.push({ node: input.node, depth });
    for (const body of Object.values(node.attributes).flatMap(subgraphsIn)) {
      body.inputs.forEach((parameter, index) => {
        parameters.set(parameter.node, `parameter ${depth}.${index}`);
      });
      for (const output of body.outputs) pending.push({ node: output.node, depth: depth + 1 });
    }
  }
  return [...found].sort((left, right) => left.id - right.id);
}

function subgraphsIn(value: Attribute): readonly Subgraph[] {
  if (typeof value !== 'object' || value === null || 'data' in value) return [];
  if (isSubgraph(value)) return [value];
  return Object.values(value).flatMap(inner => subgraphsIn(inner as Attribute));
}

function isSubgraph(value: object): value is Subgraph {
  return 'inputs' in value && 'outputs' in value;
}

function keyOf({ op, inputs, attributes }: OpNode, known: ReadonlyMap<OpNode, number>): string {
  const told = Object.entries(attributes).map(([name, value]) => `${name}=${written(value, known)}`);
  return `${op}(${inputs.map(input => tensorKey(input, known)).join(',')}) ${told.sort().join(' ')}`;
}

function tensorKey({ node, index }: SymbolicTensor, known: ReadonlyMap<OpNode, number>): string {
  return `${known.get(node)}:${index}`;
}

function written(value: Attribute, known: ReadonlyMap<OpNode, number>): string {
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if ('data' in value) {
    const { dtype, shape, data } = value as { dtype: string; shape: readonly number[]; data: ArrayLike<unknown> };
    return `${dtype}[${shape.join()}] ${Array.prototype.join.call(data, ',')}`;
  }
  if (isSubgraph(value)) return `{${value.outputs.map(output => tensorKey(output, known)).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(inner => written(inner as Attribute, known)).join(';')}]`;
  const entries = Object.entries(value as { [key: string]: Attribute }).map(
    ([key, inner]) => `${key}:${written(inner, known)}`,
  );
  return `{${entries.sort().join(';')}}`;
}
