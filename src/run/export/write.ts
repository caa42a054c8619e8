/**
 * Writes an exported model with its numbers streamed: the lengths of all messages are known beforehand, so that the
 * graph's can be written before its weights are read. Initializers come last in the graph, which protobuf allows.
 */

import type { ByteSink } from '../../bytes/sink.ts';
import type { ReadOptions } from '../../bytes/source.ts';
import { graphProto, modelProto, tensorProto } from '../../containers/onnx/schema.ts';
import { encode } from '../../containers/protobuf/message.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Provenance, TensorRef } from '../../model/types.ts';
import { tensorChunks } from '../../writers/tensors.ts';
import type { OnnxExport, StreamedWeight } from './onnx.ts';
import { formatVersion } from './opset.ts';

export interface ModelCredits {
  /** Loadstone's own version. */
  readonly version: string;
  readonly provenance: Provenance;
}

/** What one protobuf message may hold; runtimes read no larger file. */
const largestMessage = 2 ** 31 - 1;

/** Numbers of the fields `graph` of a model, `initializer` of a graph and `raw_data` of a tensor in onnx.proto. */
const graphField = 7;
const initializerField = 5;
const rawDataField = 9;

/** Writes the model; the caller closes the sink. Throws `unsupported` for more than 2 GB without an external file. */
export async function writeOnnxModel(
  plan: OnnxExport,
  credits: ModelCredits,
  sink: ByteSink,
  options: ReadOptions = {},
): Promise<void> {
  const inside = new Map(plan.weights.filter(({ offset }) => offset === null).map(weight => [weight.name, weight]));
  const all = plan.graph.initializer ?? [];
  const rest = encode(graphProto, { ...plan.graph, initializer: all.filter(({ name }) => !inside.has(name ?? '')) });
  const streamed = all.flatMap(message => {
    const weight = inside.get(message.name ?? '');
    return weight ? [{ weight, head: initializerHead(encode(tensorProto, message), weight.length) }] : [];
  });
  const size = streamed.reduce((sum, { weight, head }) => sum + head.byteLength + weight.length, rest.byteLength);
  if (size > largestMessage) {
    throw new LoadstoneError('unsupported', `the model has ${size} bytes, and an ONNX file can have 2 GB at most`, {
      do: 'Add --external-data, which puts the weights into a file beside it.',
    });
  }
  await sink.write(encode(modelProto, modelHead(plan, credits)));
  await sink.write(fieldHead(graphField, size));
  await sink.write(rest);
  for (const { weight, head } of streamed) {
    await sink.write(head);
    await writeNumbers(weight, sink, options);
  }
}

/** Writes the file of external weights; the caller closes the sink. */
export async function writeExternalWeights(plan: OnnxExport, sink: ByteSink, options: ReadOptions = {}): Promise<void> {
  let at = 0;
  for (const weight of plan.weights) {
    if (weight.offset === null) continue;
    if (weight.offset > at) await sink.write(new Uint8Array(weight.offset - at));
    await writeNumbers(weight, sink, options);
    at = weight.offset + weight.length;
  }
}

function modelHead({ opset, graph }: OnnxExport, { version, provenance }: ModelCredits) {
  const { line, keras, tensorflow, backend } = provenance;
  const told = { keras_line: line, keras_version: keras, tensorflow_version: tensorflow, keras_backend: backend };
  return {
    irVersion: formatVersion(opset),
    producerName: 'loadstone',
    producerVersion: version,
    docString: `${graph.name ?? ''}: converted from a saved Keras model`,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(told).flatMap(([key, value]) => (value === null ? [] : [{ key, value }])),
  };
}

/** Everything of an initializer before its numbers: its own tag and length, the message, tag and length of the numbers. */
function initializerHead(message: Uint8Array, length: number): Uint8Array {
  const numbers = fieldHead(rawDataField, length);
  const outer = fieldHead(initializerField, message.byteLength + numbers.byteLength + length);
  return Uint8Array.from([...outer, ...message, ...numbers]);
}

/** Tag and length of a field that holds bytes or a message. */
function fieldHead(field: number, length: number): Uint8Array {
  const bytes = [(field << 3) | 2];
  let left = length;
  while (left >= 128) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
  return Uint8Array.from(bytes);
}

async function writeNumbers({ tensor, length }: StreamedWeight, sink: ByteSink, options: ReadOptions): Promise<void> {
  let written = 0;
  for await (const chunk of tensorChunks(tensor, options)) {
    written += chunk.byteLength;
    await sink.write(chunk);
  }
  if (written !== length) throw misread(tensor, written, length);
}

function misread(tensor: TensorRef, written: number, length: number): LoadstoneError {
  return new LoadstoneError('bad-weights', `its numbers take ${written} bytes and should take ${length}`, {
    where: tensor.path,
  });
}
