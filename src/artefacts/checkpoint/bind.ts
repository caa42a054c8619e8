/**
 * Binds a checkpoint to a model. Keras 2 finds layers by their place among those with weights (`layer_with_weights-2`),
 * Keras 3 by their place in the list of operations, TF1 by name; inside a layer the variables' own names tell.
 */

import type { Era } from '../../eras/era.ts';
import type { Finding } from '../../findings/finding.ts';
import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import type { Model } from '../../model/types.ts';
import { childOf } from '../../tensorflow/object-graph.ts';
import type { Variables } from '../../tensorflow/saved-model.ts';
import type { TrackableObject } from '../../tensorflow/schema/objects.ts';
import { tensorOfEntry } from '../../tensorflow/variables.ts';
import { bindLegacy } from '../weights/bind-legacy.ts';
import type { StoredLayer } from '../weights/legacy-file.ts';
import type { StoredWeight } from '../weights/match.ts';
import { hasUnknown, slotsOf } from '../weights/slots.ts';
import { isBookkeeping, objectsBelow } from './below.ts';
import { checkpointVariables } from './variables.ts';

/** The model with the tensors of a checkpoint. What is missing, left over or of another shape is added to `findings`. */
export function bindCheckpoint(
  model: Model,
  inferred: InferredModel,
  variables: Variables,
  era: Era,
  findings: Finding[],
): Model {
  return bindLegacy(model, inferred, checkpointLayers(model, inferred, variables), era, findings);
}

/** What the checkpoint stores for each layer of the model, under the layer's name; layers that the model has not keep their own. */
export function checkpointLayers(model: Model, inferred: InferredModel, variables: Variables): StoredLayer[] {
  if (!variables.objects) return layersByName(variables);
  if (inferred.root) return layersByAttribute(inferred.root, variables, variables.objects);
  const owners = ownersOf(variables.objects);
  const weighted = model.layers.filter((_, at) => {
    const layer = inferred.layers[at]!;
    return slotsOf(layer).length > 0 || hasUnknown(layer);
  });
  const wanted = owners.places === 'weighted' ? weighted : model.layers;
  return owners.list.flatMap(({ node, place, label }) => {
    const weights = weightsBelow(node, variables);
    const name = wanted[place]?.name ?? label;
    return weights.length > 0 ? [{ name, weights }] : [];
  });
}

/** What a subclassed model keeps in each of its attributes, in the order in which its class makes them. */
function layersByAttribute(
  root: InferredLayer,
  variables: Variables,
  nodes: readonly TrackableObject[],
): StoredLayer[] {
  const model = modelObject(root, nodes);
  const stored = Object.entries(root.sublayers).flatMap(([attribute, held]) => {
    const object = model && childOf(nodes, model, attribute);
    const layers = Array.isArray(held) ? (held as readonly InferredLayer[]) : [held as InferredLayer];
    return layers.map((layer, at): StoredLayer => {
      const own = Array.isArray(held) ? object && childOf(nodes, object, String(at)) : object;
      return { name: layer.name, weights: own ? weightsBelow(nodes.indexOf(own), variables) : [] };
    });
  });
  const claimed = new Set(stored.flatMap(({ weights }) => weights.map(({ tensor }) => tensor.path)));
  const all = model ? weightsBelow(nodes.indexOf(model), variables) : [];
  const own = all.filter(({ tensor }) => !claimed.has(tensor.path));
  return own.length > 0 ? [...stored, { name: 'top_level_model_weights', weights: own }] : stored;
}

/** The object that has the model's attributes: the root, or what `tf.train.Checkpoint(model=…)` hung below it. */
function modelObject(root: InferredLayer, nodes: readonly TrackableObject[]): TrackableObject | undefined {
  const attributes = Object.keys(root.sublayers);
  const matches = (node: TrackableObject) => attributes.filter(name => childOf(nodes, node, name)).length;
  const candidates = nodes[0] ? [nodes[0], ...nodes[0].children.flatMap(child => nodes[child.nodeId] ?? [])] : [];
  return candidates.sort((a, b) => matches(b) - matches(a))[0];
}

interface Owners {
  /** Whether places count layers with weights only, or all. */
  readonly places: 'weighted' | 'all';
  readonly list: readonly { readonly node: number; readonly place: number; readonly label: string }[];
}

/** The objects that are layers of the model: of the root, or of what `tf.train.Checkpoint(model=…)` hung below it. */
function ownersOf(nodes: readonly TrackableObject[]): Owners {
  const [root] = nodes;
  if (!root) return { places: 'all', list: [] };
  const candidates = [root, ...root.children.flatMap(child => nodes[child.nodeId] ?? [])];
  for (const candidate of candidates) {
    const found = ownersUnder(candidate, nodes);
    if (found.list.length > 0) return found;
  }
  return attributesOf(root.children.length === 1 ? (nodes[root.children[0]!.nodeId] ?? root) : root);
}

function ownersUnder(model: TrackableObject, nodes: readonly TrackableObject[]): Owners {
  const weighted = model.children.flatMap(({ localName, nodeId }) => {
    const place = /^layer_with_weights-(\d+)$/.exec(localName)?.[1];
    return place === undefined ? [] : [{ node: nodeId, place: Number(place), label: localName }];
  });
  if (weighted.length > 0) return { places: 'weighted', list: weighted.sort((a, b) => a.place - b.place) };
  const inner = childOf(nodes, model, '_functional') ?? model;
  const listed = childOf(nodes, inner, '_operations') ?? childOf(nodes, inner, '_layers');
  const list = (listed?.children ?? [])
    .filter(({ localName }) => /^\d+$/.test(localName))
    .map(({ localName, nodeId }) => ({ node: nodeId, place: Number(localName), label: localName }));
  return { places: 'all', list };
}

/** A subclassed model keeps its layers in attributes of any name. */
function attributesOf(model: TrackableObject): Owners {
  const list = model.children
    .filter(({ localName }) => !isBookkeeping(localName))
    .map(({ localName, nodeId }) => ({ node: nodeId, place: -1, label: localName }));
  return { places: 'all', list };
}

/** Variables of an object and of all below it. */
function weightsBelow(start: number, { objects, bundle, shards }: Variables): StoredWeight[] {
  return objectsBelow(start, objects ?? []).flatMap(({ node, path }) =>
    objects![node]!.attributes.flatMap(({ name, fullName, checkpointKey }): StoredWeight[] => {
      const entry = name === 'VARIABLE_VALUE' ? bundle.entries.get(checkpointKey) : undefined;
      const tensor = entry && tensorOfEntry(bundle, shards, entry);
      return tensor ? [{ name: fullName.includes('/') ? fullName : path, tensor }] : [];
    }),
  );
}

function layersByName(variables: Variables): StoredLayer[] {
  const layers = new Map<string, StoredWeight[]>();
  for (const { role, name, tensor } of checkpointVariables(variables)) {
    if (role !== 'model') continue;
    const layer = name.split('/')[0]!;
    layers.set(layer, [...(layers.get(layer) ?? []), { name, tensor }]);
  }
  return [...layers].map(([name, weights]) => ({ name, weights }));
}
