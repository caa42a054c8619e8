/**
 * Loops over a known number of steps, which TensorFlow.js has for its own cells only: the steps one after the other, all
 * through the same layers.
 */

import type { OpNode, Subgraph, SymbolicTensor } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import { taken } from './arrange.ts';
import { type Builder, type Made, reshape, unsayable } from './graph.ts';

export const mostSteps = 256;

/** What a node makes of its inputs, in layers that `graph` gives. */
export type SayNode = (node: OpNode, valueFor: (tensor: SymbolicTensor) => Value, graph: Builder) => readonly Value[];

/** Null where the node is no loop. */
export function loop(
  node: OpNode,
  valueFor: (tensor: SymbolicTensor) => Value,
  graph: Builder,
  sayNode: SayNode,
): readonly Made[] | null {
  if (node.op !== 'scan') return null;
  const { body, carries, axes, keptAxes, reverse } = node.attributes as unknown as {
    body: Subgraph;
    carries: number;
    axes: readonly number[];
    keptAxes: readonly number[];
    reverse: boolean;
  };
  const sequences = node.inputs
    .slice(carries)
    .map((tensor, at) => stepsOf(graph, valueFor(tensor), axes[at] as number));
  const steps = sequences[0]?.length ?? unsayable('a loop over nothing');
  const inStep = stepper(body, valueFor, graph, sayNode);
  let carried: readonly Value[] = node.inputs.slice(0, carries).map(valueFor);
  const kept: (readonly Value[])[] = [];
  const order = Array.from({ length: steps }, (_, at) => (reverse ? steps - 1 - at : at));
  for (const step of order) {
    const outputs = inStep([...carried, ...sequences.map(slices => slices[step] as Made)]);
    carried = outputs.slice(0, carries);
    kept[step] = outputs.slice(carries);
  }
  const stacked = keptAxes.map((axis, at) =>
    stack(
      graph,
      kept.map(one => made(one[at] as Value)),
      axis,
    ),
  );
  return [...carried.map(made), ...stacked];
}

function made(value: Value): Made {
  return isStored(value) ? unsayable('a constant that a loop carries') : value;
}

/** The sequence's slices, each alone. */
function stepsOf(graph: Builder, value: Value, axis: number): readonly Made[] {
  const x = made(value);
  if (axis === 0) return unsayable('a loop along the batch');
  const steps = x.sample[axis - 1] ?? unsayable('a loop over an open number of steps; declare it with --input-shape');
  if (steps > mostSteps) unsayable(`a loop over ${steps} steps`);
  const rest = x.sample.filter((_, other) => other !== axis - 1);
  return Array.from({ length: steps }, (_, step) => reshape(graph, taken(graph, x, axis - 1, [step]), rest));
}

function stack(graph: Builder, slices: readonly Made[], axis: number): Made {
  const at = axis - 1;
  const [first] = slices as [Made];
  const thin = (size: number) => [...first.sample.slice(0, at), size, ...first.sample.slice(at)];
  const rows = slices.map(one => reshape(graph, one, thin(1)));
  return rows.length === 1 ? (rows[0] as Made) : graph.add('Concatenate', { axis }, rows, thin(rows.length));
}

/** The loop's body, to be called once for each step. What does not depend on the step is said outside, once. */
function stepper(body: Subgraph, outer: (tensor: SymbolicTensor) => Value, graph: Builder, sayNode: SayNode) {
  const inside = dependents(body);
  const layers = new Map<string, ReturnType<Builder['shared']>>();
  return (given: readonly Value[]): readonly Value[] => {
    const known = new Map<OpNode, readonly Value[]>();
    const valueFor = (tensor: SymbolicTensor): Value => {
      const place = body.inputs.indexOf(tensor);
      if (place >= 0) return given[place] as Value;
      const { node } = tensor;
      if (!inside.has(node)) return outer(tensor);
      const values = known.get(node) ?? sayNode(node, valueFor, sharing(graph, layers, node));
      known.set(node, values);
      return values[tensor.index] ?? unsayable(`a result of ${node.op}`);
    };
    return body.outputs.map(valueFor);
  };
}

/** Nodes of the body that depend on what it is called with. */
function dependents({ inputs, outputs }: Subgraph): ReadonlySet<OpNode> {
  const answers = new Map<OpNode, boolean>(inputs.map(({ node }) => [node, true]));
  const depends = (node: OpNode): boolean => {
    const known = answers.get(node);
    if (known !== undefined) return known;
    const answer = node.inputs.map(tensor => depends(tensor.node)).includes(true);
    answers.set(node, answer);
    return answer;
  };
  for (const { node } of outputs) depends(node);
  return new Set([...answers].filter(([, answer]) => answer).map(([node]) => node));
}

/**
 * The layers that one node needs are made in its first step and called again in the others. Each has one purpose: calls
 * of a layer are made in the order in which their inputs are there, which for one purpose is that of the steps.
 */
function sharing(graph: Builder, layers: Map<string, ReturnType<Builder['shared']>>, node: OpNode): Builder {
  let count = 0;
  return {
    ...graph,
    add(className, config, inputs, sample, weights = {}) {
      const key = `${node.id} ${count} ${className} ${JSON.stringify(config)}`;
      count += 1;
      const call = layers.get(key) ?? graph.shared(className, config, weights);
      layers.set(key, call);
      return call(inputs, sample);
    },
  };
}
