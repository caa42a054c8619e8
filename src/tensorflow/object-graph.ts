/**
 * Object graphs: which Python objects hung together when a SavedModel or checkpoint was written. The SavedModel's graph
 * and the checkpoint's describe the same objects, each with its own numbering; they are tied by walking both from
 * the root along children of the same names, as TensorFlow's loader restores them
 * (tensorflow/python/checkpoint/restore.py).
 */

import { decode } from '../containers/protobuf/message.ts';
import type { Bundle } from '../containers/table/bundle.ts';
import { readBundleStrings } from '../containers/table/tensor.ts';
import { type TrackableObject, TrackableObjectGraphProto } from './schema/objects.ts';

export const objectGraphKey = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** Anything with children by name. */
export interface ObjectNode {
  readonly children: readonly { readonly nodeId: number; readonly localName: string }[];
}

/** The object graph of a checkpoint, root first; null for checkpoints by name (TF1 Saver). Throws `damaged`. */
export async function readObjectGraph(bundle: Bundle): Promise<readonly TrackableObject[] | null> {
  const entry = bundle.entries.get(objectGraphKey);
  if (entry?.dtype !== 'string') return null;
  const [bytes] = await readBundleStrings(bundle, entry);
  if (bytes === undefined) return null;
  const where = `${bundle.shardName(entry.shard)}, ${objectGraphKey}`;
  return decode(TrackableObjectGraphProto, bytes, { where, offset: entry.offset }).nodes;
}

/** The child of that name, or undefined. */
export function childOf<T extends ObjectNode>(nodes: readonly T[], node: T, name: string): T | undefined {
  const reference = node.children.find(child => child.localName === name);
  return reference && nodes[reference.nodeId];
}

/** Walks two graphs of the same objects together from their roots; gives, for each node of `left`, its twin in `right`. */
export function pairObjects(left: readonly ObjectNode[], right: readonly ObjectNode[]): ReadonlyMap<number, number> {
  const twins = new Map<number, number>();
  if (left.length === 0 || right.length === 0) return twins;
  twins.set(0, 0);
  const queue = [0];
  for (const at of queue) {
    const twin = right[twins.get(at)!]!;
    const byName = new Map(twin.children.map(child => [child.localName, child.nodeId]));
    for (const { localName, nodeId } of left[at]!.children) {
      const other = byName.get(localName);
      if (other === undefined || twins.has(nodeId) || !left[nodeId] || !right[other]) continue;
      twins.set(nodeId, other);
      queue.push(nodeId);
    }
  }
  return twins;
}

/**
 * The path from the root to every object, the shortest first found (breadth first, as TensorFlow numbers them):
 * attribute names joined by `/`. Unreachable objects have none.
 */
export function objectPaths(nodes: readonly ObjectNode[]): ReadonlyMap<number, string> {
  const paths = new Map<number, string>([[0, '']]);
  const queue = [0];
  for (const at of queue) {
    const path = paths.get(at)!;
    for (const { localName, nodeId } of nodes[at]?.children ?? []) {
      if (paths.has(nodeId) || !nodes[nodeId]) continue;
      paths.set(nodeId, path === '' ? localName : `${path}/${localName}`);
      queue.push(nodeId);
    }
  }
  return paths;
}
