/**
 * Goes through the calls of a model's graph in an order in which every call comes after those that it needs, and hands
 * each to a function together with its arguments, in which tensors of the graph have become symbolic tensors.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { Call, CallValue, Layer, Model, Structure, TensorAddress } from '../model/types.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { CallArgument, CallOutcome } from './define.ts';

/** A tensor of the graph with the mask that Keras would have attached to it. */
export interface MaskedTensor {
  readonly tensor: SymbolicTensor;
  readonly mask: SymbolicTensor | null;
}

/** Arguments of one call. */
export interface ResolvedCall {
  /** Tensors of the first argument, flattened. */
  readonly inputs: readonly SymbolicTensor[];
  readonly masks: readonly (SymbolicTensor | null)[];
  readonly arguments: { readonly [name: string]: CallArgument };
  /** The first argument in its nesting. */
  readonly first: CallArgument;
}

/** Gives a call's outputs, or null where they cannot be known. `resolved` is null where an argument is not known. */
export type CallLayer = (layer: Layer, node: number, resolved: ResolvedCall | null) => CallOutcome | null;

export interface WalkedGraph {
  /** The value at an address, or null where it is not known. Throws `bad-config` for an address that nothing has. */
  at(address: TensorAddress): MaskedTensor | null;
}

/** Names of a layer's call parameters, first to last. */
export type ArgumentNames = (layer: Layer) => readonly string[];

/**
 * Walks the whole graph.
 * `inputs` are the values of the model's InputLayers by layer name; null where the shape is not known.
 * Throws `bad-config` for calls that need each other in a circle, or name layers that the model has not.
 */
export function walkModel(
  model: Model,
  inputs: ReadonlyMap<string, MaskedTensor | null>,
  argumentNames: ArgumentNames,
  callLayer: CallLayer,
): WalkedGraph {
  const layers = new Map(model.layers.map(layer => [layer.name, layer]));
  const done = new Map<string, CallOutcome | null>();
  const at = (address: TensorAddress): MaskedTensor | null => {
    if (inputs.has(address.layer)) return inputs.get(address.layer)!;
    const outcome = done.get(keyOf(address.layer, address.node));
    if (outcome === undefined) throw dangling(address);
    if (outcome === null) return null;
    const tensor = outcome.outputs[address.tensor];
    if (!tensor) throw dangling(address);
    return { tensor, mask: outcome.masks[address.tensor] ?? null };
  };
  for (const { layer, node, call } of inOrder(model, layers, inputs)) {
    done.set(keyOf(layer.name, node), callLayer(layer, node, resolveCall(call, argumentNames(layer), at)));
  }
  return { at };
}

function keyOf(layer: string, node: number): string {
  return `${node}:${layer}`;
}

function dangling({ layer, node, tensor }: TensorAddress): LoadstoneError {
  return new LoadstoneError(
    'bad-config',
    `the graph refers to output ${tensor} of call ${node} of layer "${layer}", which does not exist`,
    {
      where: `layer ${layer}`,
    },
  );
}

interface PendingCall {
  readonly layer: Layer;
  readonly node: number;
  readonly call: Call;
}

/** All calls, each after those it depends on; iterative, since graphs may be thousands of layers deep. */
function inOrder(
  model: Model,
  layers: ReadonlyMap<string, Layer>,
  inputs: ReadonlyMap<string, unknown>,
): readonly PendingCall[] {
  const order: PendingCall[] = [];
  const state = new Map<string, 'entered' | 'left'>();
  const stack: { pending: PendingCall; leaving: boolean }[] = [];
  const push = (layer: Layer, node: number) => {
    const call = layer.calls[node];
    if (call && !inputs.has(layer.name)) stack.push({ pending: { layer, node, call }, leaving: false });
  };
  const visit = ({ layer, node, call }: PendingCall, leaving: boolean) => {
    const key = keyOf(layer.name, node);
    if (leaving) {
      state.set(key, 'left');
      order.push({ layer, node, call });
      return;
    }
    if (state.get(key) === 'left') return;
    if (state.get(key) === 'entered') {
      throw new LoadstoneError('bad-config', `layer "${layer.name}" depends on its own output`, {
        where: `layer ${layer.name}`,
      });
    }
    state.set(key, 'entered');
    stack.push({ pending: { layer, node, call }, leaving: true });
    for (const address of addressesIn(call)) {
      const needed = layers.get(address.layer);
      if (!needed) throw dangling(address);
      if (state.get(keyOf(needed.name, address.node)) !== 'left') push(needed, address.node);
    }
  };
  for (const layer of model.layers) {
    for (let node = 0; node < layer.calls.length; node += 1) {
      push(layer, node);
      for (let next = stack.pop(); next; next = stack.pop()) visit(next.pending, next.leaving);
    }
  }
  return order;
}

/** Every tensor that a call takes, in positional and named arguments, each once. */
export function addressesIn(call: Call): TensorAddress[] {
  const found = new Map<string, TensorAddress>();
  const collect = (value: CallValue): void => {
    if (value.kind === 'tensor') found.set(JSON.stringify(value.at), value.at);
    if (value.kind === 'list') value.items.forEach(collect);
    if (value.kind === 'record') Object.values(value.entries).forEach(collect);
  };
  [...call.args, ...Object.values(call.kwargs)].forEach(collect);
  return [...found.values()];
}

type Lookup = (address: TensorAddress) => MaskedTensor | null;

/** Arguments by name with their tensors looked up; null where one of them is not known. */
function resolveCall(call: Call, names: readonly string[], at: Lookup): ResolvedCall | null {
  const given: { [name: string]: CallArgument } = {};
  const masks: { [name: string]: CallArgument } = {};
  const values: [string, CallValue][] = [
    ...call.args.map((value, index): [string, CallValue] => [names[index] ?? `argument_${index}`, value]),
    ...Object.entries(call.kwargs),
  ];
  for (const [name, value] of values) {
    const resolved = resolveValue(value, at);
    if (resolved === unknown) return null;
    given[name] = resolved.value;
    if (resolved.flat.some(item => item.mask !== null)) masks[`${name}_mask`] = resolved.masks;
  }
  const firstName = names[0] ?? 'inputs';
  const firstValue = values.find(([name]) => name === firstName)?.[1] ?? null;
  const first = firstValue === null ? null : resolveValue(firstValue, at);
  const flat = first === null || first === unknown ? [] : first.flat;
  delete masks[`${firstName}_mask`];
  return {
    inputs: flat.map(item => item.tensor),
    masks: flat.map(item => item.mask),
    arguments: { ...masks, ...withoutNull(given, masks) },
    first: given[firstName] ?? null,
  };
}

/** An explicit null does not hide a mask that came with the tensor, as in Keras. */
function withoutNull(
  given: { readonly [name: string]: CallArgument },
  masks: { readonly [name: string]: CallArgument },
) {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null || !(name in masks)));
}

const unknown = Symbol('unknown');

interface Resolved {
  readonly value: CallArgument;
  /** The masks of its tensors, in the same nesting. */
  readonly masks: CallArgument;
  readonly flat: readonly MaskedTensor[];
}

function resolveValue(value: CallValue, at: Lookup): Resolved | typeof unknown {
  if (value.kind === 'value') return { value: value.value as CallArgument, masks: null, flat: [] };
  if (value.kind === 'tensor') {
    const found = at(value.at);
    return found ? { value: found.tensor, masks: found.mask, flat: [found] } : unknown;
  }
  if (value.kind === 'list') {
    const items = value.items.map(item => resolveValue(item, at));
    if (!items.every(item => item !== unknown)) return unknown;
    return {
      value: items.map(item => item.value),
      masks: items.map(item => item.masks),
      flat: items.flatMap(item => item.flat),
    };
  }
  const entries: [string, Resolved][] = [];
  for (const [key, item] of Object.entries(value.entries)) {
    const resolved = resolveValue(item, at);
    if (resolved === unknown) return unknown;
    entries.push([key, resolved]);
  }
  return {
    value: Object.fromEntries(entries.map(([key, item]) => [key, item.value])),
    masks: Object.fromEntries(entries.map(([key, item]) => [key, item.masks])),
    flat: [...entries].sort(byKey).flatMap(([, item]) => item.flat),
  };
}

/** Keras flattens dictionaries in the order of their sorted keys (tree.flatten, tf.nest). */
function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isLeaf<T extends object>(structure: Structure<T>, isItem: (value: object) => boolean): structure is T {
  return isItem(structure as object);
}

/** Addresses in a nesting, records in the order of their keys as written (`listed`) or sorted, as Keras flattens them. */
export function flattenStructure(
  structure: Structure<TensorAddress>,
  order: 'listed' | 'sorted',
): readonly TensorAddress[] {
  if (isLeaf(structure, value => 'layer' in value && typeof value.layer === 'string')) return [structure];
  if (Array.isArray(structure)) return structure.flatMap(item => flattenStructure(item, order));
  const entries = Object.entries(structure as { readonly [key: string]: Structure<TensorAddress> });
  if (order === 'sorted') entries.sort(byKey);
  return entries.flatMap(([, item]) => flattenStructure(item, order));
}
