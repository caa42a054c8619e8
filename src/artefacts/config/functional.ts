/** A Functional graph from its config: layers with their calls, inputs and outputs in their nesting. */

import type { NormalisedLayer } from '../../eras/normalise/layer.ts';
import { classNameOf, isRecord, unwrapped } from '../../eras/normalise/values.ts';
import type { Json, JsonObject, Layer, Model, Structure, TensorAddress } from '../../model/types.ts';
import { type GraphNames, readAddress, readCall } from './calls.ts';
import { type ConfigContext, listOf, nameOf, noteConfig } from './context.ts';
import { readLayer } from './read-layer.ts';
import { isModelObject } from './read-model.ts';

/** Reads `{layers, input_layers, output_layers}`; `pointer` is the config's own place. */
export function readFunctional(
  config: JsonObject,
  identity: Omit<NormalisedLayer, 'config'>,
  name: string,
  context: ConfigContext,
  pointer: string,
): Model {
  const entries = listOf(config.layers)
    .map((entry, index) => ({ entry, at: `${pointer}/layers/${index}` }))
    .filter((item): item is { entry: JsonObject; at: string } => isEntry(item.entry, item.at, context));
  const names = graphNames(
    entries.map(({ entry }) => entry),
    context,
  );
  const layers = entries.map(({ entry, at }): Layer => {
    const nodes = listOf(entry.inbound_nodes);
    const calls = nodes.map((node, index) => readCall(node, names.calls, context, `${at}/inbound_nodes/${index}`));
    return readLayer(entry, context, at, calls);
  });
  return {
    className: identity.className,
    origin: identity.origin === 'custom' ? 'custom' : 'layer',
    registeredName: identity.registeredName,
    name,
    trainable: config.trainable !== false,
    layers,
    inputs: readStructure(config.input_layers ?? [], names.ends, context, `${pointer}/input_layers`),
    outputs: readStructure(config.output_layers ?? [], names.ends, context, `${pointer}/output_layers`),
    config: identity.origin === 'custom' ? config : null,
  };
}

function isEntry(entry: Json, at: string, context: ConfigContext): entry is JsonObject {
  if (isRecord(entry) && classNameOf(entry) !== null) return true;
  noteConfig(context, 'config-no-layer', 'an entry of "layers" names no class', at);
  return false;
}

/**
 * A model used as a layer counts the node of its own making as its first (keras/engine/topology.py: `kept_nodes = 1`),
 * so that its calls in this graph begin at 1. Keras 3 keeps that only where the model's own inputs and outputs are named,
 * and only for Functional models (models/functional.py: `node_index -= 1`).
 */
function graphNames(
  entries: readonly JsonObject[],
  context: ConfigContext,
): { readonly calls: GraphNames; readonly ends: GraphNames } {
  const calls = new Map<string, number>();
  const models = new Set<string>();
  const functional = new Set<string>();
  for (const entry of entries) {
    const config = isRecord(entry.config) ? entry.config : {};
    const name = nameOf(entry, config, '');
    calls.set(name, listOf(entry.inbound_nodes).length);
    if (!isModelObject(entry)) continue;
    models.add(name);
    if (entry.class_name !== 'Sequential') functional.add(name);
  }
  if (context.era.line !== 'keras3') return { calls: { calls, shifted: models }, ends: { calls, shifted: models } };
  return { calls: { calls, shifted: new Set() }, ends: { calls, shifted: functional } };
}

/** `["x", 0, 0]`, a list of such, a record of such, nested at will. */
function readStructure(
  stored: Json,
  names: GraphNames,
  context: ConfigContext,
  pointer: string,
  depth = 0,
): Structure<TensorAddress> {
  const address = readAddress(stored, names);
  if (address) return address;
  const plain = isRecord(stored) ? (unwrapped(stored) ?? stored) : stored;
  if (depth > 16 || typeof plain !== 'object' || plain === null) {
    noteConfig(context, 'config-bad-node', 'an input or output of the model is no reference to a layer', pointer);
    return [];
  }
  if (Array.isArray(plain)) {
    return plain.map((item: Json, index) => readStructure(item, names, context, `${pointer}/${index}`, depth + 1));
  }
  const fields = Object.entries(plain as JsonObject);
  return Object.fromEntries(
    fields.map(([key, item]) => [key, readStructure(item, names, context, `${pointer}/${key}`, depth + 1)]),
  );
}
