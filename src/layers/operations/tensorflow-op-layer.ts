/**
 * TensorFlowOpLayer: one node of a TensorFlow graph as a layer (TF 1.14 to 2.3). The config holds the NodeDef, and the
 * inputs that were constants by their position.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { TensorLike } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { json } from '../fields.ts';
import { type NodeAttributes, type NodeInput, tensorflowNodes } from './tensorflow-nodes.ts';

interface NodeDef {
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: NodeAttributes;
}

/** The NodeDef, which TF 2 writes as JSON text. */
function readNode(stored: unknown, layerName: string): NodeDef {
  const node = (typeof stored === 'string' ? parse(stored) : stored) as NodeDef | null;
  if (typeof node === 'object' && node !== null && typeof node.op === 'string') return node;
  throw new LoadstoneError('bad-config', `layer "${layerName}": "node_def" names no operation`, {
    where: `layer ${layerName}, key node_def`,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tensors and constants in the node's order. */
function inputsOf(tensors: readonly TensorLike[], constants: unknown): readonly NodeInput[] {
  const given = (constants ?? {}) as { readonly [position: string]: NodeInput };
  const count = tensors.length + Object.keys(given).length;
  let next = 0;
  return Array.from({ length: count }, (_, at) => {
    const constant = given[String(at)];
    if (constant !== undefined) return constant;
    next += 1;
    return tensors[next - 1]!;
  });
}

export default defineLayer({
  name: 'TensorFlowOpLayer',
  config: { nodeDef: json(), constants: json() },
  castInputs: false,
  call({ nodeDef, constants }, _weights, inputs, ops, { layerName }) {
    const node = readNode(nodeDef, layerName);
    const compute = tensorflowNodes[node.op];
    if (!compute) {
      throw new LoadstoneError(
        'unsupported',
        `layer "${layerName}" is TensorFlow's operation ${node.op}, which Loadstone does not compute`,
        {
          where: `layer ${layerName}`,
          do: 'Give a definition of TensorFlowOpLayer with customObjects or --custom.',
        },
      );
    }
    const result = compute(inputsOf(inputs, constants), node.attr ?? {}, ops);
    return Array.isArray(result)
      ? result.map((item: TensorLike) => ops.convertToTensor(item))
      : ops.convertToTensor(result as TensorLike);
  },
});
