/**
 * A Sequential of any era: its config a bare list (Keras 1, Keras 2 up to 2.2.2) or a record, its input told by an
 * InputLayer, by the first layer's arguments, by what it was built with, or not at all. The result always has one
 * InputLayer. Keras 1's Sequential that begins with a Merge of branches becomes the graph that it is.
 */

import type { NormalisedLayer } from '../../eras/normalise/layer.ts';
import { classNameOf, isRecord, plainValue } from '../../eras/normalise/values.ts';
import type { Call, Json, JsonObject, Layer, Model, TensorAddress } from '../../model/types.ts';
import { type ConfigContext, listOf, nameOf, noteConfig } from './context.ts';
import { inputLayer } from './input-layer.ts';
import { readLayer } from './read-layer.ts';

type Identity = Omit<NormalisedLayer, 'config'>;

export function readSequential(stored: JsonObject, identity: Identity, context: ConfigContext, pointer: string): Model {
  const config = isRecord(stored.config) ? stored.config : {};
  const bare = Array.isArray(stored.config);
  const name = nameOf(stored, config, 'sequential');
  const place = bare ? pointer : `${pointer}/layers`;
  const chain = readChain(
    listOf(bare ? stored.config : config.layers),
    context,
    place,
    plainValue(config.build_input_shape ?? null),
  );
  return {
    className: chain.inputs.length > 1 ? 'Functional' : identity.className,
    origin: 'layer',
    registeredName: null,
    name,
    trainable: config.trainable !== false,
    layers: chain.layers,
    inputs: chain.inputs,
    outputs: chain.output ? [chain.output] : [],
    config: null,
  };
}

interface Chain {
  readonly layers: readonly Layer[];
  readonly inputs: readonly TensorAddress[];
  /** Null for a Sequential without layers. */
  readonly output: TensorAddress | null;
}

function readChain(entries: readonly Json[], context: ConfigContext, pointer: string, builtShape: Json): Chain {
  const layers: Layer[] = [];
  let inputs: readonly TensorAddress[] = [];
  let last: TensorAddress | null = null;
  entries.forEach((entry, index) => {
    const at = `${pointer}/${index}`;
    if (!isRecord(entry) || classNameOf(entry) === null) {
      noteConfig(context, 'config-no-layer', 'an entry of "layers" names no class', at);
      return;
    }
    const branches = index === 0 ? mergedBranches(entry) : null;
    if (branches) {
      const merged = readMerge(entry, branches, context, at);
      layers.push(...merged.layers);
      inputs = merged.inputs;
      last = merged.output;
      return;
    }
    const layer = readLayer(entry, context, at, last ? [callOn(last)] : []);
    if (last === null && layer.className !== 'InputLayer') {
      const input = inputLayer(layer, entry, context, builtShape);
      layers.push(input, { ...layer, calls: [callOn(addressOf(input))] });
      inputs = [addressOf(input)];
    } else {
      layers.push(last === null ? knownInput(layer, builtShape) : layer);
      if (last === null) inputs = [addressOf(layer)];
    }
    last = addressOf(layer);
  });
  return { layers, inputs, output: last };
}

/** An InputLayer without a shape takes what the model was built with. */
function knownInput(layer: Layer, builtShape: Json): Layer {
  const known = layer.config.batch_shape ?? layer.config.shape;
  return known == null && builtShape !== null
    ? { ...layer, config: { ...layer.config, batch_shape: builtShape } }
    : layer;
}

function addressOf(layer: Layer): TensorAddress {
  return { layer: layer.name, node: 0, tensor: 0 };
}

function callOn(address: TensorAddress): Call {
  return { args: [{ kind: 'tensor', at: address }], kwargs: {} };
}

/** The branches that Keras 1 (and Keras 2's legacy layer) keeps inside a Merge at the front of a Sequential. */
function mergedBranches(entry: JsonObject): readonly Json[] | null {
  const config = isRecord(entry.config) ? entry.config : {};
  return entry.class_name === 'Merge' && Array.isArray(config.layers) && config.layers.length > 0
    ? config.layers
    : null;
}

/** Layers of all branches, flat, as `Sequential.flattened_layers` of 1.2.2 lists them, and the Merge over their ends. */
function readMerge(entry: JsonObject, branches: readonly Json[], context: ConfigContext, pointer: string): Chain {
  const config = entry.config as JsonObject;
  const { layers: _branches, ...own } = config;
  const chains = branches.map((branch, index) => {
    const at = `${pointer}/config/layers/${index}/config`;
    const inner = isRecord(branch) ? branch.config : null;
    const entries = Array.isArray(inner) ? inner : isRecord(inner) ? listOf(inner.layers) : [];
    return readChain(entries, context, at, null);
  });
  const ends = chains.flatMap(chain => (chain.output ? [chain.output] : []));
  const call: Call = { args: [{ kind: 'list', items: ends.map(at => ({ kind: 'tensor', at })) }], kwargs: {} };
  const merge = readLayer({ ...entry, config: own }, context, pointer, [call]);
  return {
    layers: [...chains.flatMap(chain => chain.layers), merge],
    inputs: chains.flatMap(chain => chain.inputs),
    output: addressOf(merge),
  };
}
