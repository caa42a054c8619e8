/**
 * Weights of the Keras objects of a SavedModel, layer by layer in the order of `get_weights`: every layer's object lists
 * its variables, trainable ones and the others, and each is tied to its tensor through the object graphs. What comes
 * out is what a legacy .h5 holds, and is bound to the model in the same way.
 */

import type { TensorRef } from '../../model/types.ts';
import { childOf } from '../../tensorflow/object-graph.ts';
import type { SavedObject } from '../../tensorflow/schema/objects.ts';
import { isBookkeeping, objectsBelow } from '../checkpoint/below.ts';
import type { StoredLayer } from '../weights/legacy-file.ts';
import type { StoredWeight } from '../weights/match.ts';
import type { KerasObject } from './keras-objects.ts';

export interface ObjectWeights {
  readonly nodes: readonly SavedObject[];
  /** Tensors of variables by their number in the object graph. */
  readonly tensors: ReadonlyMap<number, TensorRef>;
}

/** The stored weights of the layers that a model holds. */
export function storedLayers(
  model: KerasObject,
  objects: readonly KerasObject[],
  weights: ObjectWeights,
): StoredLayer[] {
  return heldLayers(model, objects, weights.nodes).map(({ object }) => ({
    name: nameOfObject(object),
    weights: weightsOf(object.node, weights),
  }));
}

export interface HeldLayer {
  readonly object: KerasObject;
  /** The attribute that holds it. */
  readonly attribute: string;
  /** True where the attribute is a list or dictionary of layers. */
  readonly listed: boolean;
}

/** The layers that a model holds in its attributes, themselves or in lists and dictionaries, in the order of `model.layers`. */
export function heldLayers(
  { node: start }: KerasObject,
  objects: readonly KerasObject[],
  nodes: readonly SavedObject[],
): readonly HeldLayer[] {
  const byNode = new Map(layerObjects(objects).map(object => [object.node, object]));
  const found = new Map<number, HeldLayer>();
  const queue = (nodes[start]?.children ?? []).map(child => ({ ...child, attribute: child.localName, listed: false }));
  for (const { nodeId, localName, attribute, listed } of queue) {
    const object = byNode.get(nodeId);
    const known = found.get(nodeId);
    // An attribute tells more than the place among all layers (`layer-3`), which every layer of a graph has as well.
    if (object && (!known || /^layer(_with_weights)?-\d+$/.test(known.attribute)))
      found.set(nodeId, { object, attribute, listed });
    if (object || isBookkeeping(localName) || !isContainer(nodes[nodeId])) continue;
    queue.push(...nodes[nodeId]!.children.map(child => ({ ...child, attribute, listed: true })));
  }
  const order = items(listedBy(start, nodes, 'layers'));
  const place = ({ object }: HeldLayer) => (order.includes(object.node) ? order.indexOf(object.node) : order.length);
  return [...found.values()].sort((a, b) => place(a) - place(b));
}

/** Lists, dictionaries and tuples as TensorFlow wraps them. */
function isContainer(node: SavedObject | undefined): boolean {
  return /^trackable_(list|dict|tuple)_wrapper$/.test(node?.userObject?.identifier ?? '');
}

/** A list that Keras hangs on an object, or on its `keras_api`. */
function listedBy(object: number, nodes: readonly SavedObject[], name: string): SavedObject | undefined {
  const node = nodes[object];
  const api = node && childOf(nodes, node, 'keras_api');
  return node && (childOf(nodes, node, name) ?? (api && childOf(nodes, api, name)));
}

/** Weights that belong to the model itself and to none of its layers. */
export function ownWeights(model: KerasObject, layers: readonly StoredLayer[], weights: ObjectWeights): StoredLayer[] {
  const inLayers = new Set(layers.flatMap(layer => layer.weights.map(({ tensor }) => tensor.path)));
  const own = weightsOf(model.node, weights).filter(({ tensor }) => !inLayers.has(tensor.path));
  return own.length > 0 ? [{ name: 'top_level_model_weights', weights: own }] : [];
}

/** Objects that are layers or models, not metrics. */
export function layerObjects(objects: readonly KerasObject[]): readonly KerasObject[] {
  return objects.filter(({ identifier, path }) => identifier !== '_tf_keras_metric' && !/(^|\/)metrics\//.test(path));
}

export function nameOfObject({ metadata }: KerasObject): string {
  return typeof metadata.name === 'string' ? metadata.name : '';
}

/** Variables of an object, trainable ones first, as Keras lists them. */
export function weightsOf(object: number, { nodes, tensors }: ObjectWeights): StoredWeight[] {
  const paths = new Map(objectsBelow(object, nodes).map(({ node, path }) => [node, path]));
  return variablesOf(object, nodes).flatMap(variable => {
    const tensor = tensors.get(variable);
    const name = nodes[variable]?.variable?.name ?? '';
    if (isOnlyState(isNamed(name) ? name : (paths.get(variable) ?? ''))) return [];
    return tensor ? [{ name: isNamed(name) ? name : (paths.get(variable) ?? tensor.path), tensor }] : [];
  });
}

/** False for the name that TensorFlow gives where none was given; the attribute then tells what the variable is. */
function isNamed(name: string): boolean {
  return name !== '' && !/^Variable(_\d+)?$/.test(name);
}

/** The state of a `tf.random.Generator`, or of adapting to data: kept among the variables, and of no use for predicting. */
function isOnlyState(name: string): boolean {
  return /(^|\/)(StateVar|num_documents)(_\d+)?$/.test(name);
}

/** Numbers of an object's variables, from the lists that Keras hangs on it. */
export function variablesOf(object: number, nodes: readonly SavedObject[]): readonly number[] {
  const trainable = items(listedBy(object, nodes, 'trainable_variables'));
  const others = items(listedBy(object, nodes, 'non_trainable_variables'));
  const all = items(listedBy(object, nodes, 'variables'));
  const ordered = [...trainable, ...others.filter(variable => !trainable.includes(variable))];
  const found = ordered.length >= all.length ? ordered : all;
  if (found.length > 0) return found;
  // Layers saved without their lists (not built when saved, or `save_traces=False`) have variables as attributes only.
  return objectsBelow(object, nodes).flatMap(({ node: below }) => (nodes[below]?.variable ? [below] : []));
}

/** Elements of a list object, by position. */
function items(list: SavedObject | undefined): readonly number[] {
  return (list?.children ?? [])
    .filter(({ localName }) => /^\d+$/.test(localName))
    .sort((a, b) => Number(a.localName) - Number(b.localName))
    .map(({ nodeId }) => nodeId);
}
