/**
 * Calls of a graph as inbound nodes, in both forms. Up to tf_keras only the first argument stands in its nesting and
 * everything else is keywords behind each of its tensors; Keras 3 writes `{args, kwargs}`.
 */

import { ignoresTraining, lacksCallArgument } from '../../eras/write/call-arguments.ts';
import { isTarget } from '../../eras/write/target.ts';
import { noCustomObjects } from '../../layers/custom.ts';
import { findDefinition } from '../../layers/find.ts';
import type { Call, CallValue, Json, JsonObject, Layer, Structure, TensorAddress } from '../../model/types.ts';
import type { GraphContext } from './context.ts';

/** Recurrent layers take first states as keywords in Keras 3, and as further inputs before. */
const statesKey = 'initial_state';

export function writeCall(layer: Layer, call: Call, context: GraphContext): Json {
  return context.target.line === 'keras3' ? newNode(layer, call, context) : oldNode(layer, call, context);
}

/** `[layer, node, tensor]` as the target counts: before Keras 3 a model's first node is its own making. */
export function writeAddress({ layer, node, tensor }: TensorAddress, context: GraphContext): Json[] {
  const isModel = context.layers.get(layer)?.layer.model != null;
  return [layer, isModel && context.target.line !== 'keras3' ? node + 1 : node, tensor];
}

function parameterNames(layer: Layer): readonly string[] {
  return findDefinition(layer, noCustomObjects)?.callArguments ?? ['inputs'];
}

/** Arguments behind the first by name, values that say nothing left out. */
function keywords(layer: Layer, call: Call): [string, CallValue][] {
  const names = parameterNames(layer);
  const positional = call.args
    .slice(1)
    .map((value, at): [string, CallValue] => [names[at + 1] ?? `arg_${at + 1}`, value]);
  return [...positional, ...Object.entries(call.kwargs)].filter(([, value]) => !saysNothing(value));
}

function saysNothing(value: CallValue): boolean {
  return value.kind === 'value' && value.value === null;
}

function oldNode(layer: Layer, call: Call, context: GraphContext): Json {
  const named = keywords(layer, call).filter(([key, value]) => !(isFalse(value) && isUnknown(layer, key, context)));
  const given = Object.fromEntries(named);
  // Masks travel with the tensors before Keras 3; only Keras 3 makes them part of the graph.
  const { mask: _mask, [statesKey]: states, ...rest } = given;
  const first = call.args[0] ?? { kind: 'list', items: [] };
  const inputs = states ? { kind: 'list' as const, items: [...itemsOf(first), ...itemsOf(states)] } : first;
  const kwargs = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, oldValue(value, context)]));
  // An operation's lone tensor stands bare; a list of tensors nests as it does for layers.
  if (layer.origin === 'operation' && inputs.kind !== 'list') return oldLeaf(inputs, kwargs, context);
  return inputs.kind === 'tensor' ? [oldLeaf(inputs, kwargs, context)] : oldNested(inputs, kwargs, context);
}

function isFalse(value: CallValue): boolean {
  return value.kind === 'value' && value.value === false;
}

function isUnknown({ className }: Layer, key: string, { target }: GraphContext): boolean {
  return key === 'training' ? ignoresTraining(className, target) : lacksCallArgument(className, key, target);
}

function itemsOf(value: CallValue): readonly CallValue[] {
  return value.kind === 'list' ? value.items : [value];
}

function oldNested(value: CallValue, kwargs: JsonObject, context: GraphContext): Json {
  if (value.kind === 'list') return value.items.map(item => oldNested(item, kwargs, context));
  if (value.kind !== 'record') return oldLeaf(value, kwargs, context);
  const entries = Object.entries(value.entries).map(([key, item]) => [key, oldNested(item, kwargs, context)]);
  return Object.fromEntries(entries);
}

function oldLeaf(value: CallValue, kwargs: JsonObject, context: GraphContext): Json {
  const behind = context.target.line === 'keras1' ? [] : [kwargs];
  if (value.kind === 'tensor') return [...writeAddress(value.at, context), ...behind];
  return ['_CONSTANT_VALUE', -1, value.kind === 'value' ? value.value : null, ...behind];
}

function oldValue(value: CallValue, context: GraphContext): Json {
  if (value.kind === 'tensor') return writeAddress(value.at, context);
  if (value.kind === 'list') return value.items.map(item => oldValue(item, context));
  if (value.kind === 'value') return value.value;
  return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, oldValue(item, context)]));
}

/** First states that stood among the inputs become a keyword. */
function newNode(layer: Layer, call: Call, context: GraphContext): Json {
  const [first, ...others] = call.args;
  const recurrent = parameterNames(layer).includes(statesKey) && first?.kind === 'list' && first.items.length > 1;
  const args = recurrent ? [first.items[0] as CallValue, ...others] : call.args;
  const states = recurrent ? { [statesKey]: { kind: 'list' as const, items: first.items.slice(1) } } : {};
  const kwargs = Object.entries({ ...call.kwargs, ...states }).filter(([, value]) => !saysNothing(value));
  return {
    args: args.map(value => newValue(value, context)),
    kwargs: Object.fromEntries(kwargs.map(([key, value]) => [key, newValue(value, context)])),
  };
}

function newValue(value: CallValue, context: GraphContext): Json {
  switch (value.kind) {
    case 'tensor':
      return symbolicTensor(value.at, context);
    case 'list':
      return value.items.map(item => newValue(item, context));
    case 'record':
      return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, newValue(item, context)]));
    case 'value':
      return value.value;
  }
}

function symbolicTensor(at: TensorAddress, context: GraphContext): Json {
  const call = context.layers.get(at.layer)?.inferred.calls[at.node];
  const input = context.inferred.inputs.find(spec => spec?.name === at.layer);
  const shape = call?.outputShapes[at.tensor] ?? input?.shape ?? null;
  const dtype = call?.outputDtypes[at.tensor] ?? input?.dtype ?? 'float32';
  // Loaders make a tensor of it and look at its history alone; one without any shape they refuse.
  const config = { shape: shape ? [...shape] : [null], dtype, keras_history: writeAddress(at, context) };
  return { class_name: '__keras_tensor__', config };
}

/**
 * The model's inputs or outputs in their nesting. A lone tensor stands in a list of one up to Keras 3.10, and bare from
 * 3.11 on, where a list of one would be a list for the layers behind too.
 */
export function writeStructure(structure: Structure<TensorAddress>, context: GraphContext): Json {
  const lone =
    Array.isArray(structure) && structure.length === 1 ? (structure[0] as Structure<TensorAddress>) : structure;
  if (!isAddress(lone)) return nested(structure, context);
  const written = nested(lone, context);
  return isTarget(context.target, 'keras3', '3.11') ? written : [written];
}

function nested(structure: Structure<TensorAddress>, context: GraphContext): Json {
  if (isAddress(structure)) return writeAddress(structure, context);
  if (Array.isArray(structure)) {
    return (structure as readonly Structure<TensorAddress>[]).map(item => nested(item, context));
  }
  return Object.fromEntries(Object.entries(structure).map(([key, item]) => [key, nested(item, context)]));
}

function isAddress(structure: Structure<TensorAddress>): structure is TensorAddress {
  return (
    typeof (structure as TensorAddress).layer === 'string' && typeof (structure as TensorAddress).node === 'number'
  );
}
