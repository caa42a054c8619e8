/** Is a copy, brought to another form and back, the same model with the same bytes of tensors? */

import { noCustomObjects } from '../layers/custom.ts';
import { findDefinition } from '../layers/find.ts';
import type {
  Artefact,
  Call,
  CallValue,
  Json,
  JsonObject,
  Layer,
  Model,
  Structure,
  TensorAddress,
} from '../model/types.ts';
import { bytesOf, type TypedArray } from '../numbers/dtype.ts';

/** Null where nothing differs, else the first difference in words. What only training asks of is compared too. */
export async function roundTripDifference(before: Artefact, after: Artefact): Promise<string | null> {
  if (!before.model || !after.model) return before.model === after.model ? null : 'one holds no architecture';
  return modelDifference(before.model, after.model, before.model.name);
}

async function modelDifference(before: Model, after: Model, where: string): Promise<string | null> {
  const names = (model: Model) => model.layers.map(({ name }) => name).join(', ');
  if (before.name !== after.name) return `${where}: it is called "${after.name}"`;
  if (names(before) !== names(after)) return `${where}: its layers are ${names(after)}, they were ${names(before)}`;
  for (const end of ['inputs', 'outputs'] as const) {
    const [a, b] = [ends(before[end]), ends(after[end])];
    if (a !== b) return `${where}: its ${end} are ${b}, they were ${a}`;
  }
  for (const [at, layer] of before.layers.entries()) {
    const why = await layerDifference(layer, after.layers[at] as Layer, `${where}/${layer.name}`);
    if (why) return why;
  }
  return null;
}

/** A lone tensor is the same in a list of one. */
function ends(structure: Structure<TensorAddress>): string {
  const lone = Array.isArray(structure) && structure.length === 1 ? structure[0] : structure;
  return JSON.stringify(lone);
}

async function layerDifference(before: Layer, after: Layer, where: string): Promise<string | null> {
  if (before.className !== after.className) return `${where}: it is a ${after.className}, it was a ${before.className}`;
  const key = differentKey(before.config, after.config);
  if (key) {
    const [was, is] = [JSON.stringify(before.config[key]), JSON.stringify(after.config[key])];
    return `${where}: its ${key} is ${is}, it was ${was}`;
  }
  if (before.dtype.name !== after.dtype.name)
    return `${where}: its dtype is ${after.dtype.name}, it was ${before.dtype.name}`;
  if (before.trainable !== after.trainable) return `${where}: trainable is ${after.trainable}`;
  const calls = (layer: Layer) =>
    JSON.stringify(
      layer.calls.map(call => withStatesApart(layer, call)).map(({ args, kwargs }) => [args.map(said), record(kwargs)]),
    );
  if (calls(before) !== calls(after)) return `${where}: it is called as ${calls(after)}, it was as ${calls(before)}`;
  const weights = await weightsDifference(before, after, where);
  if (weights) return weights;
  for (const [attribute, held] of Object.entries(before.sublayers)) {
    const [a, b] = [[held].flat(), [after.sublayers[attribute] ?? []].flat()] as [Layer[], Layer[]];
    if (a.length !== b.length) return `${where}: ${attribute} holds ${b.length} layers, it held ${a.length}`;
    for (const [at, inner] of a.entries()) {
      const why = await layerDifference(inner, b[at] as Layer, `${where}/${attribute}`);
      if (why) return why;
    }
  }
  return before.model && after.model ? modelDifference(before.model, after.model, where) : null;
}

/** First states of recurrent layers stand among the inputs before Keras 3, and are a keyword from then on. */
function withStatesApart(layer: Layer, call: Call): Call {
  const [first, ...others] = call.args;
  const takesStates = findDefinition(layer, noCustomObjects)?.callArguments?.includes('initial_state');
  if (!takesStates || first?.kind !== 'list' || first.items.length < 2) return call;
  const [sequence, ...items] = first.items as [CallValue, ...CallValue[]];
  return { args: [sequence, ...others], kwargs: { ...call.kwargs, initial_state: { kind: 'list', items } } };
}

/** Keywords that say nothing are not written. */
function record(kwargs: { readonly [key: string]: CallValue }): Json {
  const told = Object.entries(kwargs).filter(([, value]) => value.kind !== 'value' || value.value !== null);
  return told.map(([key, value]) => [key, said(value)] as Json).sort();
}

function said(value: CallValue): Json {
  if (value.kind === 'tensor') return [value.at.layer, value.at.node, value.at.tensor];
  if (value.kind === 'list') return value.items.map(said);
  return value.kind === 'value' ? value.value : record(value.entries);
}

/** What says nothing of the model: how objects were written, seeds, and keys that only one release has with its default. */
const incidental = /^(name|trainable|dtype|module|registered_name|build_config|shared_object_id|seed)$/;

function differentKey(before: JsonObject, after: JsonObject): string | null {
  const keys = Object.keys(before).filter(key => !incidental.test(key) && key in after);
  return keys.find(key => !same(before[key] as Json, after[key] as Json)) ?? null;
}

function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => same(item, b[at] as Json));
  if (Array.isArray(a) && a.length === 1 && !Array.isArray(b)) return same(a[0] as Json, b);
  if (Array.isArray(b) && b.length === 1 && !Array.isArray(a)) return same(a, b[0] as Json);
  if (isObject(a) && isObject(b)) return differentKey(a, b) === null;
  return a === b;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function weightsDifference(before: Layer, after: Layer, where: string): Promise<string | null> {
  const others = new Map(after.weights.map(weight => [weight.name, weight.tensor]));
  for (const [at, { name, tensor }] of before.weights.entries()) {
    // Variables of the user's own layers have no names in a .keras file.
    const other = others.has(name) ? others.get(name) : after.weights[at]?.tensor;
    if (!tensor && !other) continue;
    if (!tensor || !other) return `${where}: the weight ${name} is stored in one of them only`;
    const [a, b] = [await tensor.read(), await other.read()];
    if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return `${where}: ${name} is another array`;
    const [left, right] = [bytesOf(a.data as TypedArray), bytesOf(b.data as TypedArray)];
    if (left.length !== right.length || left.some((byte, at) => byte !== right[at]))
      return `${where}: ${name} has other bytes`;
  }
  return null;
}
