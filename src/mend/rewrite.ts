/** Rewriting a model's layers and graph. Models are data: each function gives a new one and leaves the old alone. */

import type { Call, CallValue, JsonObject, Layer, Model, Structure, TensorAddress } from '../model/types.ts';

type Ends = Structure<TensorAddress>;

/** Every layer, those of models inside models and those held as arguments included, innermost first. */
export function mapLayers(model: Model, change: (layer: Layer) => Layer): Model {
  return { ...model, layers: model.layers.map(layer => mapLayer(layer, change)) };
}

function mapLayer(layer: Layer, change: (layer: Layer) => Layer): Layer {
  const inside = Object.entries(layer.sublayers).map(([key, held]) => {
    const mapped = Array.isArray(held)
      ? (held as readonly Layer[]).map(inner => mapLayer(inner, change))
      : mapLayer(held as Layer, change);
    return [key, mapped] as const;
  });
  const model = layer.model && mapLayers(layer.model, change);
  return change({ ...layer, model, sublayers: Object.fromEntries(inside) });
}

/** The same for graphs: every model, innermost first. */
export function mapModels(model: Model, change: (model: Model) => Model): Model {
  const layers = model.layers.map(layer => (layer.model ? { ...layer, model: mapModels(layer.model, change) } : layer));
  return change({ ...model, layers });
}

/** A layer that was not in the artefact: no weights, called where it is put. */
export function plainLayer(name: string, className: string, config: JsonObject, like: Layer): Layer {
  return {
    name,
    className,
    origin: 'layer',
    registeredName: null,
    config: { name, trainable: true, ...config },
    dtype: like.dtype,
    trainable: true,
    calls: [],
    weights: [],
    sublayers: {},
    model: null,
    buildShape: null,
    assets: {},
    at: like.at,
  };
}

/** A name that no layer of the model has. */
export function freeName(model: Model, wanted: string): string {
  const taken = new Set(model.layers.map(({ name }) => name));
  let name = wanted;
  for (let count = 1; taken.has(name); count += 1) name = `${wanted}_${count}`;
  return name;
}

/** Puts `added` before the layer of that name: it gets the layer's calls, and the layer its outputs. */
export function insertBefore(model: Model, name: string, added: Layer): Model {
  const layers = model.layers.flatMap(layer => {
    if (layer.name !== name) return [layer];
    const calls = layer.calls.map(
      (call, node): Call => ({ ...call, args: [outputOf(added.name, node), ...call.args.slice(1)] }),
    );
    const first = layer.calls.map((call): Call => ({ args: call.args.slice(0, 1), kwargs: {} }));
    return [
      { ...added, calls: first },
      { ...layer, calls },
    ];
  });
  return { ...model, layers };
}

function outputOf(layer: string, node: number): CallValue {
  return { kind: 'tensor', at: { layer, node, tensor: 0 } };
}

/** Changes every reference to a tensor of the graph, in calls and in the model's ends. */
function mapAddresses(model: Model, change: (at: TensorAddress) => TensorAddress): Model {
  const layers = model.layers.map(layer => ({
    ...layer,
    calls: layer.calls.map(
      (call): Call => ({
        args: call.args.map(value => mapValue(value, change)),
        kwargs: Object.fromEntries(Object.entries(call.kwargs).map(([key, value]) => [key, mapValue(value, change)])),
      }),
    ),
  }));
  return {
    ...model,
    layers,
    inputs: mapStructure(model.inputs, change),
    outputs: mapStructure(model.outputs, change),
  };
}

function mapValue(value: CallValue, change: (at: TensorAddress) => TensorAddress): CallValue {
  if (value.kind === 'tensor') return { kind: 'tensor', at: change(value.at) };
  if (value.kind === 'list') return { ...value, items: value.items.map(item => mapValue(item, change)) };
  if (value.kind === 'value') return value;
  const entries = Object.entries(value.entries).map(([key, item]) => [key, mapValue(item, change)]);
  return { ...value, entries: Object.fromEntries(entries) };
}

function mapStructure(structure: Ends, change: (at: TensorAddress) => TensorAddress): Ends {
  if (Array.isArray(structure)) return (structure as readonly Ends[]).map(item => mapStructure(item, change));
  if (typeof (structure as TensorAddress).layer === 'string') return change(structure as TensorAddress);
  const entries = Object.entries(structure as { [key: string]: Ends });
  return Object.fromEntries(entries.map(([key, item]) => [key, mapStructure(item, change)]));
}

/** Layers under other names, wherever the graph names them. */
export function renameLayers(model: Model, names: ReadonlyMap<string, string>): Model {
  const moved = mapAddresses(model, at => ({ ...at, layer: names.get(at.layer) ?? at.layer }));
  const layers = moved.layers.map(layer => {
    const name = names.get(layer.name);
    return name === undefined ? layer : { ...layer, name, config: { ...layer.config, name } };
  });
  return { ...moved, layers };
}

/** Puts `added` behind the layer of that name: what took the layer's first output now takes that of `added`. */
export function insertAfter(model: Model, name: string, added: Layer): Model {
  const moved = mapAddresses(model, at => (at.layer === name && at.tensor === 0 ? { ...at, layer: added.name } : at));
  const layers = moved.layers.flatMap(layer => {
    if (layer.name !== name) return [layer];
    const behind = layer.calls.map((_, node): Call => ({ args: [outputOf(name, node)], kwargs: {} }));
    return [layer, { ...added, calls: behind }];
  });
  return { ...moved, layers };
}
