/** One ONNX model out of an artefact: graph, names, and where its weights will lie. Nothing is read of weights here. */

import type { GraphProto, TensorProto } from '../../containers/onnx/schema.ts';
import { externalTensorMessage } from '../../containers/onnx/types.ts';
import type { Draft } from '../../containers/protobuf/message.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { TracedModel } from '../../layers/trace.ts';
import type { Artefact, TensorRef } from '../../model/types.ts';
import { bytesPerElement, type DType } from '../../numbers/dtype.ts';
import { elementCount } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';
import { topologicalOrder } from '../graph.ts';
import { lowerStage, OPSET, sourcesOf } from '../lower-stage.ts';
import { graphBuilder } from '../onnx/builder.ts';
import { carrierOf } from '../onnx/lowering.ts';
import { isSource, runsOnOnnx, type Stage } from '../plan.ts';
import { type TraceArtefactOptions, traceArtefact, weightsOf } from '../trace-artefact.ts';
import { type PlacedWeight, refOf } from '../weights.ts';
import { type Boundary, namedBoundary } from './boundary.ts';
import { inOpset, NEWEST_OPSET, OLDEST_OPSET } from './opset.ts';

export interface OnnxExportOptions extends TraceArtefactOptions {
  /** Default 21. */
  readonly opset?: number;
  /** Samples that the graph is declared for; null, the default, leaves it open. */
  readonly batchSize?: number | null;
  /** Name of the file beside the model that large weights go to; left out, they go into the model. */
  readonly externalFile?: string;
}

/** A weight whose numbers are streamed: into the message of that name, or to `offset` of the external file. */
export interface StreamedWeight {
  readonly name: string;
  readonly tensor: TensorRef;
  readonly length: number;
  /** Null inside the model. */
  readonly offset: number | null;
}

export interface OnnxExport {
  readonly opset: number;
  /** Initializers that are streamed into the model stand here without their numbers. */
  readonly graph: Draft<GraphProto>;
  readonly weights: readonly StreamedWeight[];
  readonly boundary: Boundary;
  /** Names of the inputs and outputs that carry states from one run to the next; zeros at first. */
  readonly states: readonly { readonly input: string; readonly output: string }[];
}

/** Why a graph cannot be one ONNX model. */
export interface ExportRefusal {
  readonly layer: string;
  readonly className: string;
  readonly key: string | null;
  readonly what: string;
}

/** Bytes from which on a weight goes to the external file, and what their places there are multiples of. */
const externalFrom = 1 << 12;
const pageSize = 1 << 12;

/**
 * Plans the model. Gives refusals where operations have no ONNX form (strings, hashes, complex numbers).
 * Throws `usage` for options that cannot be, an opset too old for the graph among them.
 */
export async function planOnnx(
  artefact: Artefact,
  options: OnnxExportOptions = {},
): Promise<OnnxExport | { readonly refusals: readonly ExportRefusal[] }> {
  const opset = options.opset ?? OPSET;
  if (!Number.isInteger(opset) || opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
    const advice = `Give a whole number from ${OLDEST_OPSET} to ${NEWEST_OPSET}.`;
    throw new LoadstoneError('usage', `opset ${opset} cannot be written`, { do: advice });
  }
  const trace = await traceArtefact(artefact, options);
  if (trace.kind === 'open') {
    throw new LoadstoneError('unsupported', 'the model does not say the shape of its input, which ONNX needs', {
      where: trace.model.name,
      do: 'Say it with --input-shape.',
    });
  }
  const stage = wholeStage(trace.traced);
  const refusals = refusalsOf(stage, artefact);
  if (refusals.length > 0) return { refusals };
  return lowered(artefact, trace.traced, stage, opset, options);
}

/** Everything as one stage. */
function wholeStage({ inputs, outputs, states }: TracedModel): Stage {
  const wanted = [...outputs.map(({ tensor }) => tensor), ...states.map(({ after }) => after)];
  return {
    kind: 'onnx',
    nodes: topologicalOrder(wanted).filter(node => !isSource(node)),
    inputs: [...inputs.map(({ tensor }) => tensor), ...states.map(({ before }) => before)],
    outputs: wanted,
  };
}

function refusalsOf(stage: Stage, { model }: Artefact): ExportRefusal[] {
  const found = new Map<string, ExportRefusal>();
  for (const node of stage.nodes) {
    if (runsOnOnnx(node)) continue;
    const layer = node.scope.split('/')[0] ?? '';
    const className = model?.layers.find(({ name }) => name === layer)?.className ?? 'operation';
    found.set(`${layer} ${node.op}`, { layer, className, key: null, what: whatIsMissing(node) });
  }
  return [...found.values()];
}

function whatIsMissing({ op, inputs, outputs }: OpNode): string {
  const dtype = [...inputs, ...outputs].map(tensor => tensor.dtype).find(one => /string|complex/.test(one));
  return `its operation "${op}"${dtype ? ` on ${dtype}` : ''} has no ONNX form`;
}

function lowered(
  artefact: Artefact,
  traced: TracedModel,
  stage: Stage,
  opset: number,
  options: OnnxExportOptions,
): OnnxExport {
  const weights = weightsOf(traced);
  const sources = sourcesOf(stage);
  const places = weightPlaces(options.externalFile);
  const nodes = sources.filter(({ node }) => node.op === 'weight').map(({ node }) => node);
  const placed = new Map(nodes.map(node => [node.id, places.place(refOf(node, weights))]));
  const inputNames = traced.inputs.map(({ spec }) => spec.name);
  const outputNames = uniqueNames(
    [...traced.outputs.map(({ spec }) => spec.name), ...traced.states.map(({ path }) => `${path}:next`)],
    inputNames,
  );
  const builder = graphBuilder({ used: new Map(outputNames.map(name => [name, 1])) });
  // Kernels are left as they are stored: who loads the model rearranges them.
  const stageGraph = lowerStage(stage, sources, {
    graph: inOpset(builder, opset),
    placed,
    largeKernel: 0,
    boundary: boundaryType,
  });
  const boundary = namedBoundary(traced, stageGraph, outputNames, options.batchSize ?? null);
  const { name } = artefact.model ?? artefact;
  const graph = { ...finished(stageGraph.graph, boundary), name };
  const states = traced.states.map((_, at) => ({
    input: stageGraph.inputs[traced.inputs.length + at]?.name ?? '',
    output: outputNames[traced.outputs.length + at] ?? '',
  }));
  return { opset, graph, weights: places.weights, boundary, states };
}

/** float16 stays what it is for whoever runs the graph; other short floats, which few runtimes take, are float32. */
function boundaryType(dtype: DType): DType {
  return dtype === 'float16' ? dtype : carrierOf(dtype);
}

/** Renames outputs, declares shapes, and leaves out what nobody uses. */
function finished(graph: Draft<GraphProto>, boundary: Boundary) {
  const renamed = new Map(boundary.outputs.map(({ made, name }) => [made, name]));
  const node = (graph.node ?? []).map(one => ({
    ...one,
    output: (one.output ?? []).map(name => renamed.get(name) ?? name),
  }));
  const used = namesUsed({ ...graph, node });
  const initializer = (graph.initializer ?? []).filter(({ name }) => used.has(name ?? ''));
  return { ...graph, node, initializer, input: boundary.inputInfo, output: boundary.outputInfo };
}

/** Names that nodes take, also inside bodies. */
function namesUsed(graph: Draft<GraphProto>, used = new Set<string>()): Set<string> {
  for (const node of graph.node ?? []) {
    for (const name of node.input ?? []) used.add(name);
    for (const attribute of node.attribute ?? []) if (attribute.graph) namesUsed(attribute.graph, used);
  }
  return used;
}

function uniqueNames(names: readonly string[], taken: readonly string[]): string[] {
  const used = new Set(taken);
  return names.map(name => {
    let candidate = name;
    for (let count = 1; used.has(candidate); count += 1) candidate = `${name}:${count}`;
    used.add(candidate);
    return candidate;
  });
}

/** Gives weights their places; a weight that is used under two shapes lies in the external file once. */
function weightPlaces(externalFile: string | undefined) {
  const weights: StreamedWeight[] = [];
  const offsets = new Map<TensorRef, number>();
  let end = 0;
  const message = (tensor: TensorRef, name: string, shape: readonly number[]): Draft<TensorProto> => {
    const length = elementCount(tensor.shape) * bytesPerElement[tensor.dtype];
    const outside = externalFile !== undefined && length >= externalFrom;
    const known = offsets.get(tensor);
    const offset = outside ? (known ?? Math.ceil(end / pageSize) * pageSize) : null;
    if (known === undefined) weights.push({ name, tensor, length, offset });
    if (offset === null) {
      const head = externalTensorMessage(name, tensor.dtype, shape, { location: '', offset: 0, length: 0 });
      return { name, dims: head.dims, dataType: head.dataType };
    }
    if (known === undefined) end = offset + length;
    offsets.set(tensor, offset);
    return externalTensorMessage(name, tensor.dtype, shape, { location: externalFile ?? '', offset, length });
  };
  const place = (tensor: TensorRef): PlacedWeight => ({
    dtype: tensor.dtype,
    message: (name, shape) => message(tensor, name, shape),
  });
  return { weights, place };
}
