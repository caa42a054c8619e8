/** Makes an ONNX model out of a stage, with weights in place where they lie plain in a file, and opens a session. */

import type { ReadOptions } from '../bytes/source.ts';
import { modelProto } from '../containers/onnx/schema.ts';
import { encode } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Backend, Session } from './backend.ts';
import { IR_VERSION, lowerStage, OPSET, sourcesOf } from './lower-stage.ts';
import { graphBuilder } from './onnx/builder.ts';
import type { Stage } from './plan.ts';
import { placeWeights, refOf, type Weights } from './weights.ts';
import { threadsFor } from './work.ts';

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
  const { graph, inputs, outputs } = lowerStage(stage, sources, { graph: graphBuilder(), placed, largeKernel });
  const model = encode(modelProto, {
    irVersion: IR_VERSION,
    producerName: 'loadstone',
    opsetImport: [{ domain: '', version: OPSET }],
    graph,
  });
  const threads = threadsFor(stage.nodes);
  const session = await openSession(model, backend, { prepack, folder, externalData, threads });
  return { session, inputs, outputs };
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
