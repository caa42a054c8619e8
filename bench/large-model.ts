/** Makes large models to measure with: Dense layers of a given width, half a gigabyte of weights, written by our writers. */

import { fileSink } from '../src/bytes/node/file-sink.ts';
import {
  type AttributeNode,
  type DatasetNode,
  type GroupNode,
  planHdf5,
  writeHdf5,
} from '../src/containers/hdf5/writer/index.ts';
import { writeZip } from '../src/containers/zip/writer.ts';
import type { JsonObject } from '../src/model/types.ts';
import { pythonJson } from '../src/writers/json.ts';
import { namesAttributes } from '../src/writers/legacy-weights.ts';

const width = 4096;
const layers = 8;

/** Bytes of all weights together. */
export const largeModelBytes = layers * (width * width + width) * 4;

/** Small numbers that repeat, so that predictions stay finite. */
function weights(shape: readonly number[]): DatasetNode {
  const block = new Float32Array(width).map((_, index) => ((index % 17) - 8) / 4096);
  const bytes = new Uint8Array(block.buffer);
  const rows = shape.length === 2 ? (shape[0] as number) : 1;
  return { kind: 'dataset', dtype: 'float32', shape, chunks: () => Array.from({ length: rows }, () => bytes) };
}

function group(members: Record<string, GroupNode | DatasetNode>, attributes: readonly AttributeNode[] = []): GroupNode {
  return { kind: 'group', attributes, members: new Map(Object.entries(members)) };
}

const names = Array.from({ length: layers }, (_, index) => (index === 0 ? 'dense' : `dense_${index}`));

function config(dialect: 'keras2' | 'keras3'): JsonObject {
  const input: JsonObject = { name: 'input_1', dtype: 'float32', sparse: false };
  const shape: JsonObject = { [dialect === 'keras2' ? 'batch_input_shape' : 'batch_shape']: [null, width] };
  const entry = (class_name: string, inner: JsonObject): JsonObject =>
    dialect === 'keras2'
      ? { class_name, config: inner }
      : { module: 'keras.layers', class_name, config: inner, registered_name: null };
  const dense = names.map(name =>
    entry('Dense', { name, trainable: true, dtype: 'float32', units: width, activation: 'linear', use_bias: true }),
  );
  const inner: JsonObject = { name: 'large', layers: [entry('InputLayer', { ...input, ...shape }), ...dense] };
  return dialect === 'keras2'
    ? { class_name: 'Sequential', config: inner }
    : { module: 'keras', class_name: 'Sequential', config: inner, registered_name: null };
}

export async function writeLargeH5(path: string): Promise<void> {
  const text = (name: string, value: string): AttributeNode => ({
    name,
    value: { kind: 'text', text: value, ascii: true },
  });
  const members = names.map(name => {
    const own = group({ 'kernel:0': weights([width, width]), 'bias:0': weights([width]) });
    return [
      name,
      group({ [name]: own }, namesAttributes('weight_names', [`${name}/kernel:0`, `${name}/bias:0`])),
    ] as const;
  });
  const root = group({ model_weights: group(Object.fromEntries(members), namesAttributes('layer_names', names)) }, [
    text('keras_version', '2.8.0'),
    text('backend', 'tensorflow'),
    text('model_config', pythonJson(config('keras2'))),
  ]);
  const sink = await fileSink(path);
  await writeHdf5(root, sink);
  await sink.close();
}

export async function writeLargeKeras(path: string): Promise<void> {
  const members = names.map(
    name => [name, group({ vars: group({ 0: weights([width, width]), 1: weights([width]) }) })] as const,
  );
  const plan = planHdf5(group({ layers: group(Object.fromEntries(members)) }));
  const text = (name: string, content: string) => {
    const bytes = new TextEncoder().encode(content);
    return { name, size: bytes.length, chunks: () => [bytes] };
  };
  const sink = await fileSink(path);
  await writeZip(
    [
      text('metadata.json', pythonJson({ keras_version: '3.10.0', date_saved: '1980-01-01@00:00:00' })),
      text('config.json', pythonJson(config('keras3'))),
      { name: 'model.weights.h5', size: plan.size, chunks: () => plan.chunks() },
    ],
    sink,
  );
  await sink.close();
}
