/**
 * Architectures of Keras before 1.0 in the form of Keras 1: there a layer's class stood under `name`, its own name
 * under `custom_name`, and a graph was named nodes with what goes into each (keras/utils/layer_utils.py and
 * keras/layers/containers.py of 0.3).
 */

import type { Json, JsonObject } from '../model/types.ts';
import { isRecord } from './normalise/values.ts';

/** True for an architecture of Keras 0.x. */
export function isKeras0(stored: Json): stored is JsonObject {
  if (!isRecord(stored) || 'class_name' in stored) return false;
  if (stored.name === 'Sequential') return Array.isArray(stored.layers);
  return stored.name === 'Graph' && isRecord(stored.nodes) && Array.isArray(stored.input_order);
}

/** The same architecture as Keras 1 would have stored it. */
export function keras0AsKeras1(stored: JsonObject): JsonObject {
  const names = new Map<string, number>();
  return stored.name === 'Graph' ? graph(stored, names) : sequential(stored, names);
}

/** Names were not unique: the second `dense` becomes `dense_1`. */
function unique(name: string, names: Map<string, number>): string {
  const count = names.get(name) ?? 0;
  names.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

function sequential(stored: JsonObject, names: Map<string, number>): JsonObject {
  const layers = Array.isArray(stored.layers) ? stored.layers : [];
  return { class_name: 'Sequential', config: layers.filter(isRecord).map(layer => layerOf(layer, names)) };
}

function layerOf(stored: JsonObject, names: Map<string, number>, called?: string): JsonObject {
  const className = typeof stored.name === 'string' ? stored.name : '';
  const given = typeof stored.custom_name === 'string' ? stored.custom_name : className.toLowerCase();
  const name = called ?? unique(given, names);
  if (className === 'Sequential') return { ...sequential(stored, new Map()), name };
  const { name: _class, custom_name: _name, cache_enabled: _cache, input_shape: shape, ...rest } = stored;
  const config: { [key: string]: Json } = { ...rest, name };
  if (Array.isArray(shape)) config.batch_input_shape = [null, ...shape];
  if (className === 'Reshape' && Array.isArray(rest.dims)) config.target_shape = rest.dims;
  return { class_name: className, config };
}

type Reference = readonly [string, number, number];

function graph(stored: JsonObject, names: Map<string, number>): JsonObject {
  const nodes = isRecord(stored.nodes) ? stored.nodes : {};
  const inputs = records(stored.input_config);
  const layers: JsonObject[] = inputs.map(input => inputOf(input));
  for (const node of records(stored.node_config)) {
    const name = String(node.name);
    const layer = nodes[name];
    if (!isRecord(layer)) continue;
    const source = sourceOf(node, layers, names);
    layers.push({ ...layerOf(layer, names, name), name, inbound_nodes: [[source]] });
  }
  const outputs = records(stored.output_config).map(output => sourceOf(output, layers, names));
  const listed = records(stored.node_config).filter(({ create_output: made }) => made === true);
  const ends = outputs.length > 0 ? outputs : listed.map(({ name }): Reference => [String(name), 0, 0]);
  const last: Reference[] = layers.length > 0 ? [[String(layers.at(-1)!.name), 0, 0]] : [];
  const input_layers = inputs.map(({ name }): Reference => [String(name), 0, 0]);
  const config = { name: 'graph', layers, input_layers, output_layers: ends.length > 0 ? ends : last };
  return { class_name: 'Model', config: config as unknown as JsonObject };
}

function records(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function inputOf({ name, input_shape: shape, dtype }: JsonObject): JsonObject {
  const batchShape = [null, ...(Array.isArray(shape) ? shape : [])];
  const config = {
    name: String(name),
    batch_input_shape: batchShape,
    input_dtype: dtype === 'int' ? 'int32' : 'float32',
  };
  return { class_name: 'InputLayer', name: String(name), config, inbound_nodes: [] };
}

/** What goes into a node: one other, or several that are merged first, which needs a layer of its own today. */
function sourceOf(node: JsonObject, layers: JsonObject[], names: Map<string, number>): Reference {
  const several = Array.isArray(node.inputs) ? node.inputs.map(String) : [];
  if (several.length === 0) return [String(node.input), 0, 0];
  const name = unique(`${String(node.name)}_merge`, names);
  const config = {
    name,
    mode: node.merge_mode ?? 'concat',
    concat_axis: node.concat_axis ?? -1,
    dot_axes: node.dot_axes ?? -1,
  };
  layers.push({
    class_name: 'Merge',
    name,
    config,
    inbound_nodes: [several.map((one): Reference => [one, 0, 0])] as unknown as Json,
  });
  return [name, 0, 0];
}
