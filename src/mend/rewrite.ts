/** Rewriting a model's layers and graph. Models are data: each function gives a new one and leaves the old alone. */

import type { Call, CallValue, JsonObject, Layer, Model } from '../model/types.ts';

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

/**
 * Puts `added` behind the layer of that name, under the old layer's name in the graph: what took the layer's output now
 * takes that of `added`. The first output only.
 */
export function insertAfter(model: Model, name: string, added: Layer): Model {
  const redirect = (value: CallValue): CallValue => {
    if (value.kind === 'list') return { ...value, items: value.items.map(redirect) };
    if (value.kind === 'record') {
      return {
        ...value,
        entries: Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, redirect(item)])),
      };
    }
    const moved = value.kind === 'tensor' && value.at.layer === name && value.at.tensor === 0;
    return moved ? { kind: 'tensor', at: { ...value.at, layer: added.name } } : value;
  };
  const layers = model.layers.flatMap(layer => {
    const calls = layer.calls.map(
      (call): Call => ({
        args: call.args.map(redirect),
        kwargs: Object.fromEntries(Object.entries(call.kwargs).map(([key, value]) => [key, redirect(value)])),
      }),
    );
    if (layer.name !== name) return [{ ...layer, calls }];
    const behind = layer.calls.map((_, node): Call => ({ args: [outputOf(name, node)], kwargs: {} }));
    return [
      { ...layer, calls },
      { ...added, calls: behind },
    ];
  });
  return { ...model, layers, outputs: redirectStructure(model.outputs, name, added.name) };
}

function redirectStructure(structure: Model['outputs'], from: string, to: string): Model['outputs'] {
  if (Array.isArray(structure)) {
    return (structure as readonly Model['outputs'][]).map(item => redirectStructure(item, from, to));
  }
  const address = structure as { layer?: unknown; tensor?: unknown };
  if (typeof address.layer === 'string') {
    return address.layer === from && address.tensor === 0
      ? ({ ...structure, layer: to } as Model['outputs'])
      : structure;
  }
  const entries = Object.entries(structure as { [key: string]: Model['outputs'] });
  return Object.fromEntries(entries.map(([key, item]) => [key, redirectStructure(item, from, to)]));
}
