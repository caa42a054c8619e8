/**
 * Layers in the order in which a graph's own release lists them, by depth and then by when they are met on the way back
 * from the outputs: legacy files bind weights by that order alone, archives by classes counted in it
 * (`_map_graph_network` of keras/engine/network.py, `Container` of Keras 1, `map_graph` of keras/src/ops/function.py).
 * Ends or layers that were said otherwise may have changed it.
 */

import type { Call, CallValue, Layer, Model, Structure, TensorAddress } from '../../model/types.ts';
import { mapModels } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

export const layerOrder: MendStep = {
  title: 'layers in the order by which releases bind their weights',
  apply(model) {
    return mapModels(model, inner => {
      if (inner.className === 'Sequential' || inner.origin === 'custom' || inner.root) return inner;
      const layers = inReleaseOrder(inner);
      return layers ? { ...inner, layers } : inner;
    });
  },
};

interface Visit {
  readonly layer: Layer;
  /** Nodes of the tensors that the call takes. */
  readonly before: readonly string[];
}

/** Null where the graph names what is not there. */
function inReleaseOrder(model: Model): Layer[] | null {
  const byName = new Map(model.layers.map(layer => [layer.name, layer]));
  const indices = new Map<Layer, number>();
  const finished = new Map<string, Visit>();
  for (const end of addresses(model.outputs)) {
    if (!visit(end, byName, indices, finished)) return null;
  }
  const depths = depthsOf(finished);
  for (const { layer: name } of addresses(model.inputs)) {
    const layer = byName.get(name);
    if (!layer || depths.has(layer)) continue;
    depths.set(layer, 0);
    indices.set(layer, -1);
  }
  const place = (layer: Layer) => indices.get(layer) ?? 0;
  const depth = (layer: Layer) => depths.get(layer) ?? 0;
  return [...depths.keys()].sort((a, b) => depth(b) - depth(a) || place(a) - place(b));
}

/** Goes back from a tensor without recursion; nodes are finished after those that they need. */
function visit(
  end: TensorAddress,
  byName: ReadonlyMap<string, Layer>,
  indices: Map<Layer, number>,
  finished: Map<string, Visit>,
): boolean {
  const stack: { at: TensorAddress; done: boolean }[] = [{ at: end, done: false }];
  const met = new Set<string>();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const key = keyOf(next.at);
    const layer = byName.get(next.at.layer);
    if (!layer) return false;
    const before = layer.calls[next.at.node] ? tensorsOf(layer.calls[next.at.node] as Call) : [];
    if (next.done) finished.set(key, { layer, before: before.map(keyOf) });
    if (next.done || met.has(key) || finished.has(key)) continue;
    met.add(key);
    if (!indices.has(layer)) indices.set(layer, indices.size);
    stack.push({ at: next.at, done: true });
    for (const at of [...before].reverse()) stack.push({ at, done: false });
  }
  return true;
}

/** A layer lies as deep as the deepest of its calls that was met so far. */
function depthsOf(finished: ReadonlyMap<string, Visit>): Map<Layer, number> {
  const depths = new Map<Layer, number>();
  const nodes = new Map<string, number>();
  for (const [key, { layer, before }] of [...finished].reverse()) {
    const depth = Math.max(nodes.get(key) ?? 0, depths.get(layer) ?? 0);
    depths.set(layer, depth);
    nodes.set(key, depth);
    for (const other of before) nodes.set(other, Math.max(depth + 1, nodes.get(other) ?? 0));
  }
  return depths;
}

function keyOf({ layer, node }: TensorAddress): string {
  return `${node} ${layer}`;
}

function addresses(ends: Structure<TensorAddress>): TensorAddress[] {
  if (Array.isArray(ends)) return (ends as readonly Structure<TensorAddress>[]).flatMap(addresses);
  if (typeof (ends as TensorAddress).layer === 'string') return [ends as TensorAddress];
  // TensorFlow flattens dictionaries by their sorted keys.
  const entries = Object.entries(ends as { [key: string]: Structure<TensorAddress> });
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, inner]) => addresses(inner));
}

function tensorsOf({ args, kwargs }: Call): TensorAddress[] {
  const inside = (value: CallValue): TensorAddress[] => {
    if (value.kind === 'tensor') return [value.at];
    if (value.kind === 'list') return value.items.flatMap(inside);
    return value.kind === 'record' ? Object.values(value.entries).flatMap(inside) : [];
  };
  return [...args, ...Object.values(kwargs)].flatMap(inside);
}
