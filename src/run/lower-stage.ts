/** One ONNX graph out of a stage: its inputs, its weights and constants as initializers, its nodes, its outputs. */

import type { GraphProto } from '../containers/onnx/schema.ts';
import type { Draft } from '../containers/protobuf/message.ts';
import type { DType } from '../numbers/dtype.ts';
import { unpackNumbers } from '../numbers/pack.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { OpNode, Subgraph, SymbolicTensor } from '../ops/types.ts';
import { capturesOf, dependenciesOf, nodesInside, subgraphsOf, tensorKey } from './graph.ts';
import type { GraphBuilder, Value } from './onnx/builder.ts';
import { castTo } from './onnx/elementwise.ts';
import { carrierOf, type Lowering, startLowering } from './onnx/lowering.ts';
import { rules } from './onnx/rules.ts';
import type { Stage } from './plan.ts';
import type { PlacedWeight } from './weights.ts';

/** ONNX's operator set and format version: what onnxruntime 1.20 and later know. */
export const OPSET = 21;
export const IR_VERSION = 10;

export interface LowerSettings {
  readonly graph: GraphBuilder;
  /** Weights by the id of their node. */
  readonly placed: ReadonlyMap<number, PlacedWeight>;
  /** Elements of a convolution's kernel from which on it is left as it lies. */
  readonly largeKernel: number;
  /** The dtype that an input or output has for whoever runs the graph; left out, the one that it is carried in. */
  readonly boundary?: (dtype: DType) => DType;
}

export interface LoweredStage {
  readonly graph: Draft<GraphProto>;
  /** Names in the ONNX graph. */
  readonly inputs: readonly { readonly key: string; readonly name: string; readonly dtype: DType }[];
  readonly outputs: readonly { readonly key: string; readonly name: string }[];
}

/** `sources` are the stage's weights and constants, as `sourcesOf` gives them. */
export function lowerStage(stage: Stage, sources: readonly SymbolicTensor[], settings: LowerSettings): LoweredStage {
  const { graph, placed, largeKernel, boundary = carrierOf } = settings;
  const lowering = startLowering(graph, { rules, used: usedOutputs(stage), largeKernel });
  const inputs = stage.inputs.map(tensor => {
    const hint = String(tensor.node.attributes.name ?? tensor.node.op);
    const value = graph.input(boundary(tensor.dtype), tensor.shape, hint);
    return { tensor, value, key: tensorKey(tensor), name: value.name, dtype: value.dtype };
  });
  for (const { tensor, value } of inputs) lowering.bind(tensor, lowering.cast(value, carrierOf(tensor.dtype)));
  for (const tensor of sources) {
    const weight = placed.get(tensor.node.id);
    if (weight) lowering.bindWeight(tensor, shape => initializer(tensor, shape, weight, graph, lowering));
    else lowering.bind(tensor, graph.constant(carried(tensor.node.attributes.value as Tensor)));
  }
  lowering.run(stage.nodes);
  graph.scope = '';
  const outputs = stage.outputs.map(tensor => {
    const cast = lowering.cast(lowering.plain(tensor), boundary(tensor.dtype));
    const copy = graph.node('Identity', [cast], [cast.dtype])[0]!;
    graph.output(copy, null);
    return { key: tensorKey(tensor), name: copy.name };
  });
  return { graph: graph.finish('model'), inputs, outputs };
}

/** A weight as an initializer; cast where the layer computes in another dtype than it stores. */
function initializer(
  tensor: SymbolicTensor,
  shape: readonly number[],
  weight: PlacedWeight,
  graph: GraphBuilder,
  lowering: Lowering,
): Value {
  const name = String(tensor.node.attributes.key ?? tensor.node.attributes.name ?? 'weight');
  const stored = graph.initializer(weight.dtype, name.slice(name.lastIndexOf('/') + 1), own =>
    weight.message(own, shape),
  );
  const asStored = weight.dtype === tensor.dtype && carrierOf(weight.dtype) === weight.dtype;
  return asStored ? stored : castTo(stored, tensor.dtype, lowering);
}

/** A tensor in the dtype in which it is carried. */
export function carried(tensor: Tensor): Tensor {
  const dtype = carrierOf(tensor.dtype);
  if (dtype === tensor.dtype) return tensor;
  return { dtype, shape: tensor.shape, data: Float32Array.from(unpackNumbers(tensor)) };
}

/** Weights and constants that a stage uses, also inside bodies. */
export function sourcesOf(stage: Stage): SymbolicTensor[] {
  const found = new Map<string, SymbolicTensor>();
  const note = (tensor: SymbolicTensor) => {
    if (tensor.node.op === 'weight' || tensor.node.op === 'constant') found.set(tensorKey(tensor), tensor);
  };
  for (const node of stage.nodes) dependenciesOf(node).forEach(note);
  stage.outputs.forEach(note);
  return [...found.values()];
}

/** Keys of outputs that somebody in the stage, or after it, uses. */
function usedOutputs(stage: Stage): ReadonlySet<string> {
  const used = new Set(stage.outputs.map(tensorKey));
  const note = (node: OpNode) => {
    for (const tensor of dependenciesOf(node)) used.add(tensorKey(tensor));
    for (const body of subgraphsOf(node)) noteBody(body);
  };
  const noteBody = (body: Subgraph) => {
    for (const tensor of [...body.outputs, ...capturesOf(body)]) used.add(tensorKey(tensor));
    nodesInside(body).forEach(note);
  };
  stage.nodes.forEach(note);
  return used;
}
