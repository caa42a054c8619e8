/**
 * Weights of the Keras objects of a SavedModel, layer by layer in the order of `get_weights`: every layer's object lists
 * its variables, trainable ones and the others, and each is tied to its tensor through the object graphs. What comes
 * out is what a legacy .h5 holds, and is bound to the model in the same way.
 */

import type { TensorRef } from '../../model/types.ts';
import { childOf } from '../../tensorflow/object-graph.ts';
import type { SavedObject } from '../../tensorflow/schema/objects.ts';
import { objectsBelow } from '../checkpoint/below.ts';
import type { StoredLayer } from '../weights/legacy-file.ts';
import type { StoredWeight } from '../weights/match.ts';
import type { KerasObject } from './keras-objects.ts';

export interface ObjectWeights {
  readonly nodes: readonly SavedObject[];
  /** Tensors of variables by their number in the object graph. */
  readonly tensors: ReadonlyMap<number, TensorRef>;
}

/** The stored weights of the layers that a model holds: the objects right below `model` that have a name. */
export function storedLayers(
  model: KerasObject,
  objects: readonly KerasObject[],
  weights: ObjectWeights,
): StoredLayer[] {
  const node = weights.nodes[model.node];
  if (!node) return [];
  const below = new Set(node.children.map(child => child.nodeId));
  return layerObjects(objects)
    .filter(object => below.has(object.node))
    .map(object => ({ name: nameOfObject(object), weights: weightsOf(object.node, weights) }));
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
  const node = nodes[object];
  if (!node) return [];
  const api = childOf(nodes, node, 'keras_api');
  const listed = (name: string) => childOf(nodes, node, name) ?? (api && childOf(nodes, api, name));
  const trainable = items(listed('trainable_variables'));
  const others = items(listed('non_trainable_variables'));
  const all = items(listed('variables'));
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
