/** Makes an ONNX model out of a stage, with weights in place where they lie plain in a file, and opens a session. */

import type { ReadOptions } from '../bytes/source.ts';
import { modelProto, type TensorProto } from '../containers/onnx/schema.ts';
import { externalTensorMessage, tensorMessage } from '../containers/onnx/types.ts';
import { type Draft, encode } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';
import { unpackNumbers } from '../numbers/pack.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { OpNode, Subgraph, SymbolicTensor } from '../ops/types.ts';
import type { Backend, Session } from './backend.ts';
import { capturesOf, dependenciesOf, nodesInside, subgraphsOf, tensorKey } from './graph.ts';
import { graphBuilder, type Value } from './onnx/builder.ts';
import { castTo } from './onnx/elementwise.ts';
import { carrierOf, startLowering } from './onnx/lowering.ts';
import { rules } from './onnx/rules.ts';
import type { Stage } from './plan.ts';

/** ONNX's operator set and format version: what onnxruntime 1.20 and later know. */
const OPSET = 21;
const IR_VERSION = 10;

/** Weights of a graph, by the id of their node. */
export type Weights = ReadonlyMap<number, TensorRef>;

export interface CompiledStage {
  readonly session: Session;
  /** Names in the ONNX graph. */
  readonly inputs: readonly { readonly key: string; readonly name: string; readonly dtype: DType }[];
  readonly outputs: readonly { readonly key: string; readonly name: string }[];
}

interface Placed {
  message(name: string): Draft<TensorProto>;
}

/** Where each weight's numbers come from. Reads what must be read. */
async function placeWeights(refs: ReadonlyMap<number, TensorRef>, backend: Backend, options: ReadOptions) {
  const files = [...new Set([...refs.values()].flatMap(ref => ref.plain?.source.file?.path ?? []))];
  const located = files.length > 0 ? backend.locate(files) : null;
  const placed = new Map<number, Placed>();
  for (const [id, ref] of refs) {
    const { plain } = ref;
    const file = plain?.source.file;
    if (plain && file && located) {
      const place = {
        location: located.locations.get(file.path)!,
        offset: file.offset + plain.offset,
        length: plain.length,
      };
      placed.set(id, { message: name => externalTensorMessage(name, ref.dtype, ref.shape, place) });
      continue;
    }
    const tensor = await ref.read(options);
    placed.set(id, { message: name => tensorMessage(name, tensor) });
  }
  return { placed, folder: located?.folder };
}

/** Opens a session for a stage. */
export async function compileStage(
  stage: Stage,
  weights: Weights,
  backend: Backend,
  { prepack, ...options }: ReadOptions & { prepack: boolean },
): Promise<CompiledStage> {
  const sources = sourcesOf(stage);
  const refs = new Map(
    sources.filter(({ node }) => node.op === 'weight').map(({ node }) => [node.id, refOf(node, weights)]),
  );
  const { placed, folder } = await placeWeights(refs, backend, options);
  const graph = graphBuilder();
  const lowering = startLowering(graph, { rules, used: usedOutputs(stage) });
  const inputs = stage.inputs.map(tensor => {
    const value = graph.input(
      carrierOf(tensor.dtype),
      tensor.shape,
      String(tensor.node.attributes.name ?? tensor.node.op),
    );
    lowering.bind(tensor, value);
    return { key: tensorKey(tensor), name: value.name, dtype: value.dtype };
  });
  for (const tensor of sources) {
    graph.scope = tensor.node.scope;
    const ref = refs.get(tensor.node.id);
    lowering.bind(tensor, ref ? initializer(tensor, ref, placed.get(tensor.node.id)!) : constant(tensor));
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
  const session = await openSession(model, backend, { prepack, folder });
  return { session, inputs, outputs };

  function initializer(tensor: SymbolicTensor, ref: TensorRef, place: Placed): Value {
    const stored = graph.initializer(ref.dtype, lastName(tensor), place.message);
    return carrierOf(ref.dtype) === carrierOf(tensor.dtype) &&
      ref.dtype === carrierOf(ref.dtype) &&
      tensor.dtype === carrierOf(tensor.dtype)
      ? stored
      : castTo(stored, tensor.dtype, lowering);
  }

  function constant(tensor: SymbolicTensor): Value {
    return graph.constant(carried(tensor.node.attributes.value as Tensor));
  }
}

function lastName({ node }: SymbolicTensor): string {
  const name = String(node.attributes.key ?? node.attributes.name ?? 'weight');
  return name.slice(name.lastIndexOf('/') + 1);
}

function refOf(node: OpNode, weights: Weights): TensorRef {
  const ref = weights.get(node.id);
  if (ref) return ref;
  const name = String(node.attributes.key ?? node.attributes.name);
  throw new LoadstoneError('bad-weights', `no numbers are given for the weight "${name}"`, { where: node.scope });
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
