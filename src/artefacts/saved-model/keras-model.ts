/**
 * From Keras's metadata to a model: the config as a .h5 has it, layers of subclassed models from their objects, weights by
 * object, vocabularies out of lookup tables, and for layers that nobody defines the functions traced of them.
 */

import { memorySource } from '../../bytes/memory.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Era } from '../../eras/era.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { readAssets } from '../../layers/assets.ts';
import { type InferredLayer, type InferredModel, inferModel } from '../../layers/infer.ts';
import type { JsonObject, Layer, Model, TensorRef } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { LayerFunction } from '../../tensorflow/layer-function.ts';
import type { Program } from '../../tensorflow/program.ts';
import type { SavedObject } from '../../tensorflow/schema/objects.ts';
import type { ConfigContext } from '../config/context.ts';
import { readLayer } from '../config/read-layer.ts';
import { readModel } from '../config/read-model.ts';
import { describedBy, inferred } from '../describe-model.ts';
import type { Reading } from '../reading.ts';
import { bindLegacy } from '../weights/bind-legacy.ts';
import type { StoredLayer } from '../weights/legacy-file.ts';
import { hasUnknown } from '../weights/slots.ts';
import type { KerasObject } from './keras-objects.ts';
import { heldLayers, nameOfObject, type ObjectWeights, ownWeights, storedLayers } from './weights.ts';

export interface KerasModelParts {
  /** `{class_name, config}`. */
  readonly config: JsonObject;
  readonly root: KerasObject;
  readonly objects: readonly KerasObject[];
  readonly nodes: readonly SavedObject[];
  /** Tensors of variables by their number in the object graph; empty where the variables cannot be read. */
  readonly tensors: ReadonlyMap<number, TensorRef>;
  /** The functions, opened for layers that need them. */
  readonly openProgram: () => Promise<Program>;
  readonly era: Era;
  /** Where the config stands. */
  readonly path: string;
  readonly findings: Finding[];
  readonly reading: Reading;
}

/** The model; null, with findings, where the metadata describe none. */
export async function readKerasModel(parts: KerasModelParts): Promise<Model | null> {
  const { config, root, era, path, findings, reading } = parts;
  const context: ConfigContext = { era, ordering: 'channels_last', path, findings, depth: 0 };
  const read = readModel(config, context);
  if (!read) return null;
  const whole = read.layers.length === 0 ? withObjectLayers(read, parts, context) : read;
  const { customObjects } = reading;
  const guess = inferModel(whole, { customObjects });
  const equipped = await withOwnDefinitions(whole, guess, root, parts);
  const described =
    equipped === whole
      ? describedBy(whole, guess, findings)
      : inferred(equipped, findings, customObjects, await readAssets(equipped));
  if (parts.tensors.size === 0) return equipped;
  const weights: ObjectWeights = { nodes: parts.nodes, tensors: parts.tensors };
  const stored = storedLayers(root, parts.objects, weights).map(layer => renamed(layer, equipped));
  const own = equipped.root ? ownWeights(root, stored, weights) : [];
  return bindLegacy(equipped, described.inferred, [...stored, ...own], era, findings);
}

/** A subclassed model has no graph in its config: its layers are the objects that hang on it. */
function withObjectLayers(
  model: Model,
  { root, objects, nodes, path }: KerasModelParts,
  context: ConfigContext,
): Model {
  const held = heldLayers(root, objects, nodes);
  const layers = held.map(({ object: { metadata }, attribute }) => {
    const given =
      isRecord(metadata.config) && !('layer was saved without config' in metadata.config) ? metadata.config : {};
    const entry = {
      class_name: metadata.class_name ?? 'Layer',
      config: { name: metadata.name ?? attribute, ...given },
    };
    return readLayer(entry, context, `/${attribute}`, []);
  });
  const sublayers: { [attribute: string]: Layer | Layer[] } = {};
  held.forEach(({ attribute, listed }, at) => {
    const before = sublayers[attribute];
    if (listed) sublayers[attribute] = [...(Array.isArray(before) ? before : []), layers[at]!];
    else sublayers[attribute] = layers[at]!;
  });
  return { ...model, layers, root: rootLayer(model, root, sublayers, path) };
}

/** The model itself as a layer, for a definition of the user's. */
function rootLayer(model: Model, { metadata }: KerasObject, sublayers: Layer['sublayers'], path: string): Layer {
  return {
    name: model.name,
    className: model.className,
    origin: 'custom',
    registeredName: model.registeredName,
    config: model.config ?? {},
    dtype: { name: 'float32', compute: 'float32', variable: 'float32' },
    trainable: model.trainable,
    calls: [],
    weights: [],
    sublayers,
    model: null,
    buildShape: metadata.build_input_shape ?? null,
    assets: {},
    at: { path },
  };
}

type Equipped = Layer & { readonly function?: true };

/** The model with definitions for layers that have none, and with vocabularies; itself where it needs neither. */
async function withOwnDefinitions(
  model: Model,
  guess: InferredModel,
  owner: KerasObject,
  parts: KerasModelParts,
): Promise<Model> {
  const objects = objectsBelow(owner, parts);
  const layers: Equipped[] = [];
  for (const [index, layer] of model.layers.entries()) {
    const object = objects.get(layer.name);
    layers.push(object ? await equip(layer, guess.layers[index]!, object, parts) : layer);
  }
  return layers.every((layer, at) => layer === model.layers[at]) ? model : { ...model, layers };
}

function objectsBelow(owner: KerasObject, { objects, nodes }: KerasModelParts): ReadonlyMap<string, KerasObject> {
  return new Map(heldLayers(owner, objects, nodes).map(({ object }) => [nameOfObject(object), object]));
}

async function equip(
  layer: Layer,
  guess: InferredLayer,
  object: KerasObject,
  parts: KerasModelParts,
): Promise<Equipped> {
  if (layer.model) return withEquippedModel(layer, layer.model, guess, object, parts);
  const assets = await vocabularyOf(object, layer, parts);
  const equipped = assets ? { ...layer, assets: { ...layer.assets, ...assets } } : layer;
  // A Lambda's function was traced with the rest: that is surer than to read its bytecode.
  if (!hasUnknown(guess) && layer.className !== 'Lambda') return equipped;
  const own = await functionOf(object, layer, parts);
  return own ? ({ ...equipped, definition: own.definition, weights: own.weights } as Layer) : equipped;
}

async function withEquippedModel(
  layer: Layer,
  inner: Model,
  guess: InferredLayer,
  object: KerasObject,
  parts: KerasModelParts,
): Promise<Layer> {
  const innerGuess = guess.model ?? inferModel(inner, { customObjects: parts.reading.customObjects });
  const model = await withOwnDefinitions(inner, innerGuess, object, parts);
  return model === inner ? layer : { ...layer, model };
}

/** A graph that is damaged has findings of its own; its layers then go without. */
async function functionOf(object: KerasObject, layer: Layer, parts: KerasModelParts): Promise<LayerFunction | null> {
  const { layerFunction } = await import('../../tensorflow/layer-function.ts');
  try {
    return layerFunction(await parts.openProgram(), object.node, layer.className);
  } catch (error) {
    if (isLoadstoneError(error, 'damaged')) return null;
    throw error;
  }
}

/** Stored weights of a layer with a definition of its own, under the names that this gives them. */
function renamed(stored: StoredLayer, model: Model): StoredLayer {
  const layer = model.layers.find(({ name }) => name === stored.name);
  if (!layer || !('definition' in layer)) return stored;
  return {
    name: stored.name,
    weights: layer.weights.flatMap(({ name, tensor }) => (tensor ? [{ name, tensor }] : [])),
  };
}

/** The vocabulary of a lookup layer as the file that a .keras archive would hold; null where it has no table. */
async function vocabularyOf(
  object: KerasObject,
  layer: Layer,
  parts: KerasModelParts,
): Promise<{ [name: string]: ByteSource } | null> {
  if (!/^(StringLookup|IntegerLookup|TextVectorization|IndexLookup)$/.test(layer.className)) return null;
  const table = tableBelow(object.node, parts.nodes);
  if (table === null) return null;
  const value = (await parts.openProgram()).object(table);
  if (value.kind !== 'table' || !value.table.contents) return null;
  const text = `${tokensInOrder(value.table.contents).join('\n')}\n`;
  return { 'vocabulary.txt': memorySource(new TextEncoder().encode(text), `${layer.name}/vocabulary.txt`) };
}

/** The nearest object below that is a table. */
function tableBelow(start: number, nodes: readonly SavedObject[]): number | null {
  const queue = [start];
  const seen = new Set(queue);
  for (const at of queue) {
    if (nodes[at]?.resource) return at;
    for (const { nodeId, localName } of nodes[at]?.children ?? []) {
      if (seen.has(nodeId) || localName.startsWith('_create') || localName === 'keras_api') continue;
      seen.add(nodeId);
      queue.push(nodeId);
    }
  }
  return null;
}

/** Tokens by the numbers that the table gives them; of an inverted one the values are the tokens. */
function tokensInOrder({ keys, values }: { readonly keys: Tensor; readonly values: Tensor }): readonly string[] {
  const inverted = keys.dtype === 'int64' && values.dtype === 'string';
  const [tokens, numbers] = inverted ? [values, keys] : [keys, values];
  const order = Array.from(numbers.data as ArrayLike<bigint | number>, Number);
  const texts = Array.from(tokens.data as ArrayLike<unknown>, String);
  return texts
    .map((text, at) => ({ text, at: order[at]! }))
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text);
}
