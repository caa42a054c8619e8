/**
 * Loops of TF1, which have no node of their own: values enter a frame (`Enter`), meet what comes back from the last step
 * (`Merge`), go on or leave by the loop's condition (`Switch`, `LoopCond`, `Exit`), and come back (`NextIteration`). A frame
 * is found by its name and lowered as a whole when one of its exits is reached.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { NodeDef } from '../schema/graph.ts';
import { parseReference } from './reference.ts';

/** One variable of a loop. */
export interface FrameVariable {
  readonly enter: NodeDef;
  readonly merge: NodeDef;
  readonly switchNode: NodeDef;
  readonly next: NodeDef;
}

export interface Frame {
  readonly name: string;
  readonly variables: readonly FrameVariable[];
  /** Values that are the same in every step. */
  readonly constants: readonly NodeDef[];
  /** The tensor that says whether another step is made. */
  readonly condition: string;
  /** Which variable leaves by which exit. */
  readonly exits: ReadonlyMap<string, number>;
}

type Nodes = ReadonlyMap<string, NodeDef>;

const known = new WeakMap<Nodes, ReadonlyMap<string, Frame>>();

/** Frames of a graph by the name of each of their exits. */
export function framesByExit(nodes: Nodes, where: string): ReadonlyMap<string, Frame> {
  const found = known.get(nodes) ?? findFrames(nodes, where);
  known.set(nodes, found);
  return found;
}

function findFrames(nodes: Nodes, where: string): ReadonlyMap<string, Frame> {
  const byExit = new Map<string, Frame>();
  const enters = groupEnters(nodes);
  for (const [name, group] of enters) {
    const frame = makeFrame(name, group, nodes, where);
    for (const exit of frame?.exits.keys() ?? []) byExit.set(exit, frame!);
  }
  return byExit;
}

function groupEnters(nodes: Nodes): ReadonlyMap<string, NodeDef[]> {
  const groups = new Map<string, NodeDef[]>();
  for (const node of nodes.values()) {
    if (node.op !== 'Enter' && node.op !== 'RefEnter') continue;
    const name = new TextDecoder().decode(node.attr.get('frame_name')?.s);
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return groups;
}

function makeFrame(name: string, enters: readonly NodeDef[], nodes: Nodes, where: string): Frame | null {
  const own = new Map(enters.map(node => [node.name, node]));
  const variables: FrameVariable[] = [];
  const bySwitch = new Map<string, number>();
  let condition: string | null = null;
  for (const merge of nodes.values()) {
    if (merge.op !== 'Merge') continue;
    const sources = merge.input.map(input => parseReference(input).node);
    const enter = sources.map(source => own.get(source)).find(node => node !== undefined);
    const next = sources.map(source => nodes.get(source)).find(node => node?.op === 'NextIteration');
    if (!enter || !next) continue;
    const switchNode = switchOf(merge, nodes);
    if (!switchNode)
      throw new LoadstoneError('damaged', `The loop ${name} has a variable that never leaves`, { where });
    condition ??= nodes.get(parseReference(switchNode.input[1] ?? '').node)?.input[0] ?? null;
    bySwitch.set(switchNode.name, variables.length);
    variables.push({ enter, merge, switchNode, next });
  }
  if (variables.length === 0 || condition === null) return null;
  const looped = new Set(variables.map(({ enter }) => enter));
  return {
    name,
    variables,
    constants: enters.filter(node => !looped.has(node)),
    condition,
    exits: exitsOf(nodes, bySwitch),
  };
}

const switches = new WeakMap<Nodes, ReadonlyMap<string, NodeDef>>();

/** The Switch that a Merge's value goes through. */
function switchOf(merge: NodeDef, nodes: Nodes): NodeDef | undefined {
  let byInput = switches.get(nodes);
  if (!byInput) {
    const found = [...nodes.values()].filter(node => node.op === 'Switch' || node.op === 'RefSwitch');
    byInput = new Map(found.map(node => [parseReference(node.input[0] ?? '').node, node]));
    switches.set(nodes, byInput);
  }
  return byInput.get(merge.name);
}

function exitsOf(nodes: Nodes, bySwitch: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const exits = new Map<string, number>();
  for (const node of nodes.values()) {
    if (node.op !== 'Exit' && node.op !== 'RefExit') continue;
    const at = bySwitch.get(parseReference(node.input[0] ?? '').node);
    if (at !== undefined) exits.set(node.name, at);
  }
  return exits;
}
