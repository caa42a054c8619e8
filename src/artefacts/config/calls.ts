/**
 * Calls of a Functional graph (inbound nodes) in both forms: lists of `[layer, node, tensor, kwargs]` up to tf_keras,
 * `{args, kwargs}` with `__keras_tensor__` in Keras 3. Both become one: arguments in which tensors are addresses.
 */

import { isRecord, unwrapped } from '../../eras/normalise/values.ts';
import type { Call, CallValue, Json, JsonObject, TensorAddress } from '../../model/types.ts';
import { type ConfigContext, noteConfig } from './context.ts';

export interface GraphNames {
  /** How often each layer is called, by name. */
  readonly calls: ReadonlyMap<string, number>;
  /** Layers whose stored node indices begin at 1. */
  readonly shifted: ReadonlySet<string>;
}

/** Deepest nesting of arguments that is followed. */
const maxDepth = 32;

/** Reads `[layer, node, tensor]`, with or without kwargs behind; null where it is none. */
export function readAddress(stored: Json | undefined, names: GraphNames): TensorAddress | null {
  if (!Array.isArray(stored) || stored.length < 3 || stored.length > 4) return null;
  const [layer, node, tensor] = stored as Json[];
  if (typeof layer !== 'string' || !Number.isInteger(node) || !Number.isInteger(tensor)) return null;
  if (!names.calls.has(layer)) return null;
  return { layer, node: nodeIndex(layer, node as number, names), tensor: tensor as number };
}

function nodeIndex(layer: string, stored: number, names: GraphNames): number {
  return names.shifted.has(layer) && stored > 0 ? stored - 1 : stored;
}

/** Reads one inbound node. What it cannot be is a finding, and the call then has no arguments. */
export function readCall(node: Json, names: GraphNames, context: ConfigContext, pointer: string): Call {
  if (isRecord(node) && ('args' in node || 'kwargs' in node)) return readNewCall(node, names);
  const call = readOldCall(node, names);
  if (call) return call;
  noteConfig(context, 'config-bad-node', 'a call in the config names no layer of the model', pointer);
  return { args: [], kwargs: {} };
}

/** Keras 3: everything is where the call had it. */
function readNewCall(node: JsonObject, names: GraphNames): Call {
  const args = Array.isArray(node.args) ? node.args : [];
  const kwargs = isRecord(node.kwargs) ? node.kwargs : {};
  return {
    args: args.map((arg: Json) => newValue(arg, names, 0)),
    kwargs: mapRecord(kwargs, value => newValue(value, names, 0)),
  };
}

function newValue(stored: Json, names: GraphNames, depth: number): CallValue {
  if (depth > maxDepth) return { kind: 'value', value: stored };
  if (Array.isArray(stored)) return { kind: 'list', items: stored.map(item => newValue(item, names, depth + 1)) };
  if (!isRecord(stored)) return { kind: 'value', value: stored };
  if (stored.class_name === '__keras_tensor__' && isRecord(stored.config)) {
    const address = readAddress(stored.config.keras_history, names);
    return address ? { kind: 'tensor', at: address } : { kind: 'value', value: stored };
  }
  if (stored.class_name === '__tuple__' && Array.isArray(stored.items)) return newValue(stored.items, names, depth + 1);
  if (typeof stored.class_name === 'string') return { kind: 'value', value: stored };
  return { kind: 'record', entries: mapRecord(stored, value => newValue(value, names, depth + 1)) };
}

/**
 * Up to tf_keras only the first argument's nesting is stored; everything else stands as kwargs behind each of its
 * tensors, the same for all (keras/engine/node.py: Node.serialize).
 */
function readOldCall(node: Json, names: GraphNames): Call | null {
  if (!Array.isArray(node) && !isRecord(node)) return null;
  const kwargs: { [key: string]: CallValue } = {};
  const first = oldFirst(node, names, kwargs, 0);
  if (!first) return null;
  // A lone tensor is stored in a list of one, and called bare.
  const lone = first.kind === 'list' && first.items.length === 1 && first.items[0]?.kind !== 'list';
  return { args: [lone ? first.items[0]! : first], kwargs };
}

function oldFirst(
  stored: Json,
  names: GraphNames,
  kwargs: { [key: string]: CallValue },
  depth: number,
): CallValue | null {
  if (depth > maxDepth) return null;
  const leaf = oldLeaf(stored, names, kwargs);
  if (leaf) return leaf;
  if (Array.isArray(stored)) {
    const items = stored.map(item => oldFirst(item, names, kwargs, depth + 1));
    return items.every(item => item !== null) ? { kind: 'list', items } : null;
  }
  if (!isRecord(stored)) return null;
  const plain = unwrapped(stored);
  if (plain !== undefined) return oldFirst(plain, names, kwargs, depth + 1);
  const entries = Object.entries(stored).map(
    ([key, value]) => [key, oldFirst(value, names, kwargs, depth + 1)] as const,
  );
  return entries.every(([, value]) => value !== null)
    ? { kind: 'record', entries: Object.fromEntries(entries) as { [key: string]: CallValue } }
    : null;
}

/** A tensor or constant of the first argument; its kwargs are added to the call's. */
function oldLeaf(stored: Json, names: GraphNames, kwargs: { [key: string]: CallValue }): CallValue | null {
  if (!Array.isArray(stored)) return null;
  const address = readAddress(stored, names);
  const constant = stored[0] === '_CONSTANT_VALUE' && stored[1] === -1 && stored.length >= 3;
  if (!address && !constant) return null;
  const given = stored[3];
  if (isRecord(given))
    Object.assign(
      kwargs,
      mapRecord(given, value => oldValue(value, names, 0)),
    );
  return address ? { kind: 'tensor', at: address } : { kind: 'value', value: stored[2] as Json };
}

function oldValue(stored: Json, names: GraphNames, depth: number): CallValue {
  if (depth > maxDepth) return { kind: 'value', value: stored };
  const address = readAddress(stored, names);
  if (address) return { kind: 'tensor', at: address };
  if (Array.isArray(stored)) {
    if (stored[0] === '_CONSTANT_VALUE' && stored[1] === -1) return { kind: 'value', value: stored[2] as Json };
    return { kind: 'list', items: stored.map(item => oldValue(item, names, depth + 1)) };
  }
  if (!isRecord(stored)) return { kind: 'value', value: stored };
  const plain = unwrapped(stored);
  if (plain !== undefined) return oldValue(plain, names, depth + 1);
  if (typeof stored.class_name === 'string') return { kind: 'value', value: stored };
  return { kind: 'record', entries: mapRecord(stored, value => oldValue(value, names, depth + 1)) };
}

function mapRecord(record: JsonObject, map: (value: Json) => CallValue): { [key: string]: CallValue } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
