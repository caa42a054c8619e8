/**
 * Divides a graph into stages: runs of nodes that ONNX Runtime computes in one session, and runs of nodes that only the
 * host can compute (strings, hashes, dtypes without kernels). A graph without such nodes is one stage.
 */

import type { DType } from '../numbers/dtype.ts';
import type { OpNode, SymbolicTensor } from '../ops/types.ts';
import { dependenciesOf, nodesInside, subgraphsOf, tensorKey, topologicalOrder } from './graph.ts';
import { rules } from './onnx/rules.ts';

export interface Stage {
  readonly kind: 'onnx' | 'host';
  /** In an order in which they can be computed. */
  readonly nodes: readonly OpNode[];
  /** What it takes from inputs of the graph and from earlier stages. */
  readonly inputs: readonly SymbolicTensor[];
  /** What later stages, or the caller, want of it. */
  readonly outputs: readonly SymbolicTensor[];
}

/** Nodes that hold numbers or get them from outside: any stage can use them. */
const sources = new Set(['input', 'weight', 'constant', 'parameter']);

export function isSource(node: OpNode): boolean {
  return sources.has(node.op);
}

/** Operations that move elements without looking at them, for which ONNX Runtime also takes strings. */
const takesStrings = new Set(
  'reshape transpose concatenate split slice gather gatherNd takeAlongAxis where equal notEqual expandDims squeeze tile broadcastTo dim size'.split(
    ' ',
  ),
);

/** True where ONNX Runtime can compute the node. */
export function runsOnOnnx(node: OpNode): boolean {
  if (!(node.op in rules)) return false;
  const dtypes: DType[] = [...node.inputs, ...node.outputs].map(({ dtype }) => dtype);
  if (dtypes.some(dtype => dtype.startsWith('complex'))) return false;
  if (dtypes.includes('string') && !takesStrings.has(node.op)) return false;
  return subgraphsOf(node).every(body => nodesInside(body).every(inner => isSource(inner) || runsOnOnnx(inner)));
}

/** The stages that compute `outputs`, in order. */
export function makePlan(outputs: readonly SymbolicTensor[]): readonly Stage[] {
  const nodes = topologicalOrder(outputs).filter(node => !isSource(node));
  const place = new Map<OpNode, number>();
  const kindAt = (stage: number): Stage['kind'] => (stage % 2 === 0 ? 'onnx' : 'host');
  for (const node of nodes) {
    const kind = runsOnOnnx(node) ? 'onnx' : 'host';
    const after = dependenciesOf(node).map(({ node: needed }) => place.get(needed) ?? 0);
    const earliest = Math.max(0, ...after);
    place.set(node, kindAt(earliest) === kind ? earliest : earliest + 1);
  }
  const count = Math.max(0, ...place.values()) + 1;
  const stages = Array.from({ length: count }, (_, at) =>
    stageOf(
      nodes.filter(node => place.get(node) === at),
      kindAt(at),
    ),
  );
  return stages
    .filter(stage => stage.nodes.length > 0)
    .map(stage => ({ ...stage, outputs: wantedOf(stage, stages, outputs) }));
}

function stageOf(nodes: readonly OpNode[], kind: Stage['kind']): Omit<Stage, 'outputs'> {
  const own = new Set(nodes);
  const inputs = unique(nodes.flatMap(dependenciesOf).filter(({ node }) => !own.has(node) && !isConstantSource(node)));
  return { kind, nodes, inputs };
}

function isConstantSource(node: OpNode): boolean {
  return node.op === 'weight' || node.op === 'constant';
}

/** Outputs of a stage's nodes that another stage or the caller uses. */
function wantedOf(
  stage: Omit<Stage, 'outputs'>,
  stages: readonly Omit<Stage, 'outputs'>[],
  outputs: readonly SymbolicTensor[],
): SymbolicTensor[] {
  const own = new Set(stage.nodes);
  const later = stages.filter(other => other.nodes !== stage.nodes).flatMap(other => other.inputs);
  return unique([...later, ...outputs].filter(({ node }) => own.has(node)));
}

function unique(tensors: readonly SymbolicTensor[]): SymbolicTensor[] {
  return [...new Map(tensors.map(tensor => [tensorKey(tensor), tensor])).values()];
}
