/** Stages that the host computes: strings, hashes, and what ONNX Runtime has no kernel for. */

import type { ReadOptions } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, Subgraph } from '../../ops/types.ts';
import { dependenciesOf, nodesInside, tensorKey } from '../graph.ts';
import { carried } from '../lower-stage.ts';
import type { Stage } from '../plan.ts';
import type { Weights } from '../weights.ts';
import { kernels } from './kernels.ts';

export interface HostStage {
  readonly nodes: readonly OpNode[];
  /** Weights and constants that the nodes use. */
  readonly known: ReadonlyMap<string, Tensor>;
}

/** Reads the weights that a stage needs. */
export async function prepareHostStage(stage: Stage, weights: Weights, options: ReadOptions): Promise<HostStage> {
  const known = new Map<string, Tensor>();
  for (const tensor of stage.nodes.flatMap(dependenciesOf)) {
    const key = tensorKey(tensor);
    if (known.has(key)) continue;
    if (tensor.node.op === 'constant') known.set(key, tensor.node.attributes.value as Tensor);
    if (tensor.node.op === 'weight') known.set(key, await weights.get(tensor.node.id)!.read(options));
  }
  return { nodes: stage.nodes, known };
}

/** Computes a stage's nodes and adds their values to `values`. */
export function runHostStage(stage: HostStage, values: Map<string, Tensor>): void {
  const find = (key: string) => values.get(key) ?? stage.known.get(key);
  for (const node of stage.nodes) computeNode(node, find, (key, tensor) => values.set(key, tensor));
}

function computeNode(
  node: OpNode,
  find: (key: string) => Tensor | undefined,
  keep: (key: string, tensor: Tensor) => void,
): void {
  const kernel = kernels[node.op];
  if (!kernel)
    throw new LoadstoneError('unsupported', `operation "${node.op}" cannot be computed`, { where: node.scope });
  const inputs = node.inputs.map(input => find(tensorKey(input))!);
  const call = (body: Subgraph, given: readonly Tensor[]) => callBody(body, given, find);
  kernel(node, inputs, call).forEach((tensor, index) => {
    keep(`${node.id}:${index}`, carried(tensor));
  });
}

/** Computes a body on the given inputs; what it uses from outside is found there. */
function callBody(body: Subgraph, given: readonly Tensor[], outside: (key: string) => Tensor | undefined): Tensor[] {
  const own = new Map<string, Tensor>();
  body.inputs.forEach((input, at) => {
    own.set(tensorKey(input), given[at]!);
  });
  const find = (key: string) => own.get(key) ?? outside(key);
  for (const node of nodesInside(body)) computeNode(node, find, (key, tensor) => own.set(key, tensor));
  return body.outputs.map(output => find(tensorKey(output))!);
}
