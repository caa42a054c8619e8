/** Makes an ONNX model out of a stage, with weights in place where they lie plain in a file, and opens a session. */

import type { ReadOptions } from '../bytes/source.ts';
import { modelProto } from '../containers/onnx/schema.ts';
import { encode } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { DType } from '../numbers/dtype.ts';
import { unpackNumbers } from '../numbers/pack.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { OpNode, Subgraph, SymbolicTensor } from '../ops/types.ts';
import type { Backend, Session } from './backend.ts';
import { capturesOf, dependenciesOf, nodesInside, subgraphsOf, tensorKey } from './graph.ts';
import { type GraphBuilder, graphBuilder, type Value } from './onnx/builder.ts';
import { castTo } from './onnx/elementwise.ts';
import { carrierOf, type Lowering, startLowering } from './onnx/lowering.ts';
import { rules } from './onnx/rules.ts';
import type { Stage } from './plan.ts';
import { type PlacedWeight, placeWeights, refOf, type Weights } from './weights.ts';

/** ONNX's operator set and format version: what onnxruntime 1.20 and later know. */
const OPSET = 21;
const IR_VERSION = 10;

/**
 * Elements of a convolution's kernel from which on it is not rearranged at load: rearranging costs about as much time as
 * one prediction and a copy, and makes a prediction about a fifth faster. For one prediction it hardly ever pays.
 */
const LARGE_KERNEL = 1 << 22;
const LARGE_KERNEL_ONCE = 1 << 18;

export interface CompiledStage {
  readonly session: Session;
  /** Names in the ONNX graph. */
  readonly inputs: readonly { readonly key: string; readonly name: string; readonly dtype: DType }[];
  readonly outputs: readonly { readonly key: string; readonly name: string }[];
}

/** Opens a session for a stage. */
export async function compileStage(
  stage: Stage,
  weights: Weights,
  backend: Backend,
  { prepack, ...options }: ReadOptions & { prepack: boolean },
): Promise<CompiledStage> {
  const sources = sourcesOf(stage);
  const weightNodes = sources.filter(({ node }) => node.op === 'weight').map(({ node }) => node);
  const refs = new Map(weightNodes.map(node => [node.id, refOf(node, weights)]));
  const { placed, folder, externalData } = await placeWeights(refs, backend, options);
  const largeKernel = prepack ? LARGE_KERNEL : LARGE_KERNEL_ONCE;
  const { model, inputs, outputs } = lowerStage(stage, sources, placed, largeKernel);
  const session = await openSession(model, backend, { prepack, folder, externalData });
  return { session, inputs, outputs };
}

function lowerStage(
  stage: Stage,
  sources: readonly SymbolicTensor[],
  placed: ReadonlyMap<number, PlacedWeight>,
  largeKernel: number,
) {
  const graph = graphBuilder();
  const lowering = startLowering(graph, { rules, used: usedOutputs(stage), largeKernel });
  const inputs = stage.inputs.map(tensor => {
    const hint = String(tensor.node.attributes.name ?? tensor.node.op);
    const value = graph.input(carrierOf(tensor.dtype), tensor.shape, hint);
    lowering.bind(tensor, value);
    return { key: tensorKey(tensor), name: value.name, dtype: value.dtype };
  });
  for (const tensor of sources) {
    const weight = placed.get(tensor.node.id);
    if (weight) lowering.bindWeight(tensor, shape => initializer(tensor, shape, weight, graph, lowering));
    else lowering.bind(tensor, graph.constant(carried(tensor.node.attributes.value as Tensor)));
  }
  lowering.run(stage.nodes);
  graph.scope = '';
  const outputs = stage.outputs.map(tensor => {
    const copy = graph.node('Identity', [lowering.plain(tensor)], [carrierOf(tensor.dtype)])[0]!;
    graph.output(copy, null);
    return { key: tensorKey(tensor), name: copy.name };
  });
  const model = encode(modelProto, {
    irVersion: IR_VERSION,
    producerName: 'loadstone',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: graph.finish('model'),
  });
  return { model, inputs, outputs };
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

async function openSession(
  model: Uint8Array,
  backend: Backend,
  options: Parameters<Backend['createSession']>[1],
): Promise<Session> {
  try {
    return await backend.createSession(model, options);
  } catch (cause) {
    if (cause instanceof LoadstoneError) throw cause;
    throw new LoadstoneError('unsupported', `ONNX Runtime refuses the model: ${(cause as Error).message}`, {
      do: 'This is a fault of Loadstone: please report it with the model.',
      cause,
    });
  }
}

/** A tensor in the dtype in which it is carried. */
export function carried(tensor: Tensor): Tensor {
  const dtype = carrierOf(tensor.dtype);
  if (dtype === tensor.dtype) return tensor;
  return { dtype, shape: tensor.shape, data: Float32Array.from(unpackNumbers(tensor)) };
}

/** Weights and constants that a stage uses, also inside bodies. */
function sourcesOf(stage: Stage): SymbolicTensor[] {
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
