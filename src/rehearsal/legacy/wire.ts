/**
 * Calling a graph's layers on each other, before Keras 3: what cannot be resolved, and what loops for ever. Facts:
 * `from_config` of engine/topology.py, network.py and functional.py in the tags.
 */

import type { Built } from '../built.ts';
import { isModel } from '../built.ts';
import { callLambda } from '../lambda-call.ts';
import { raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import type { Run } from '../run.ts';
import { touchBackend } from './tensorflow-two.ts';

interface Wiring {
  readonly run: Run;
  readonly created: ReadonlyMap<string, Built>;
  /** Calls made so far, by layer name. */
  readonly calls: Map<string, number>;
}

const constantMarker = '_CONSTANT_VALUE';

/** Resolves every stored call. Raises `Hang` where the loader goes round for ever. */
export function wireGraph(run: Run, config: PyDict, stored: readonly PyDict[], layers: readonly Built[]): void {
  const created = new Map(stored.map((layer, index) => [String(layer.name), layers[index]!]));
  const calls = new Map(stored.map((layer, index) => [String(layer.name), firstNode(layers[index]!)]));
  const wiring: Wiring = { run, created, calls };
  const pending = stored.map((layer, index) => ({
    name: String(layer.name),
    layer: layers[index]!,
    nodes: isList(layer.inbound_nodes) ? [...layer.inbound_nodes] : [],
  }));
  while (pending.some(({ nodes }) => nodes.length > 0)) {
    let progress = false;
    for (const { name, layer, nodes } of pending) {
      while (nodes.length > 0 && isReady(wiring, nodes[0]!)) {
        nodes.shift();
        callLayer(wiring, layer);
        calls.set(name, calls.get(name)! + 1);
        progress = true;
      }
    }
    if (!progress) raiseLoop(pending.find(({ nodes }) => nodes.length > 0)!.name);
  }
  checkEnds(wiring, config.input_layers);
  checkEnds(wiring, config.output_layers);
}

function raiseLoop(name: string): never {
  raise('Hang', '', {
    failure: 'truncated-or-corrupt',
    evidence: {
      text: `layer "${name}" is called on an output that no layer of the config makes`,
      where: name,
      offset: null,
    },
  });
}

/** A nested graph has been called once, on its own inputs, before the outer graph calls it. */
function firstNode(layer: Built): number {
  if (layer.className === 'InputLayer') return 1;
  const first = layer.layers?.[0];
  if (!isModel(layer) || !first) return 0;
  return first.className === 'InputLayer' || first.config.batch_input_shape !== undefined ? 1 : 0;
}

function callLayer({ run }: Wiring, layer: Built): void {
  layer.callFails?.();
  touchBackend(run, 'call');
  if (layer.className === 'Lambda') callLambda(run, layer);
}

/** The items `[layer, node, tensor(, keywords)]` of one stored call, in whatever nesting. */
export function callItems(node: PyValue): PyValue[][] {
  if (isList(node)) {
    if (typeof node[0] === 'string' && node.length >= 3 && typeof node[1] === 'number') return [node];
    return node.flatMap(callItems);
  }
  return isDict(node) ? Object.values(node).flatMap(callItems) : [];
}

function isReady(wiring: Wiring, node: PyValue): boolean {
  const items = callItems(node);
  for (const item of items) {
    if (item.length > 4) raise('ValueError', 'Improperly formatted model config.', { failure: 'truncated-or-corrupt' });
    if (
      isDict(item[3]) &&
      !Object.values(item[3])
        .flatMap(callItems)
        .every(inner => isMade(wiring, inner))
    )
      return false;
    if (item[0] === constantMarker && knowsConstants(wiring.run)) continue;
    if (!isMade(wiring, item)) return false;
  }
  return true;
}

function knowsConstants(run: Run): boolean {
  return run.environment.line !== 'keras2';
}

function isMade({ run, created, calls }: Wiring, item: PyValue[]): boolean {
  const name = String(item[0]);
  if (!created.has(name)) {
    // Standalone Keras puts the call back and tries again, for ever.
    if (run.environment.line === 'keras2') return false;
    raise('KeyError', reprString(name), {
      failure: 'truncated-or-corrupt',
      evidence: { text: `a layer is called on "${name}", which the config does not have`, where: name, offset: null },
    });
  }
  return (calls.get(name) ?? 0) > Number(item[1]) || created.get(name)!.className === 'InputLayer';
}

function checkEnds({ created }: Wiring, ends: PyValue | undefined): void {
  for (const item of callItems(ends ?? null)) {
    if (created.has(String(item[0]))) continue;
    raise('AssertionError', '', {
      failure: 'truncated-or-corrupt',
      evidence: {
        text: `the model names "${String(item[0])}" as an end, and has no such layer`,
        where: null,
        offset: null,
      },
    });
  }
}
