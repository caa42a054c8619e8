/**
 * Branches of TensorFlow 1: each value goes through a Switch into the side that is taken, and what both sides give meets in a
 * Merge. Where the condition is known only when the model runs, both sides are computed and the Merge chooses
 * (tensorflow/python/ops/control_flow_ops.py `cond`, which puts the false side first).
 */

import * as ops from '../../ops/exports.ts';
import type { NodeDef } from '../schema/graph.ts';
import { parseReference } from './reference.ts';
import { knownScalar, tensorValue, type Value } from './value.ts';

const isSwitch = ({ op }: NodeDef) => op === 'Switch' || op === 'RefSwitch';
const isMerge = ({ op }: NodeDef) => op === 'Merge' || op === 'RefMerge';

/** The reference to the condition by which a Merge's sides were parted; null where none is found. */
export function conditionOfMerge(merge: NodeDef, nodes: ReadonlyMap<string, NodeDef>): string | null {
  const queue = merge.input.map(text => ({ name: parseReference(text).node, depth: 0 }));
  const seen = new Set<string>();
  for (const { name, depth } of queue) {
    const node = nodes.get(name);
    if (!node || seen.has(`${depth} ${name}`)) continue;
    seen.add(`${depth} ${name}`);
    if (isSwitch(node) && depth === 0) return node.input[1] ?? null;
    // What was parted and met again further up is a branch inside this one.
    const next = depth + (isMerge(node) ? 1 : isSwitch(node) ? -1 : 0);
    queue.push(...node.input.map(text => ({ name: parseReference(text).node, depth: next })));
  }
  return null;
}

/** What a Merge of two tensors gives by a condition that is not known yet; null where one side or the condition is no tensor. */
export function mergedByCondition(sides: readonly Value[], condition: Value): readonly Value[] | null {
  const [whenFalse, whenTrue] = sides;
  if (whenFalse?.kind !== 'tensor' || whenTrue?.kind !== 'tensor' || condition.kind !== 'tensor') return null;
  if (knownScalar(condition) !== null || whenFalse.tensor.shape.length !== whenTrue.tensor.shape.length) return null;
  const chosen = ops.where(condition.tensor, whenTrue.tensor, whenFalse.tensor);
  return [tensorValue(chosen), tensorValue(ops.cast(condition.tensor, 'int32'))];
}
