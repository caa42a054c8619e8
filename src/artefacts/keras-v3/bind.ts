/**
 * Binds the objects of a v3 weights file to the layers of a model. The release's rule says where each layer should be;
 * of the rules the one under which most layers are found is taken, so that a file without a version is read as well.
 */

import type { Era } from '../../eras/era.ts';
import { mayBecome } from '../../eras/layouts/index.ts';
import type { Finding } from '../../findings/finding.ts';
import type { InferredLayer, InferredModel, InferredVariable } from '../../layers/infer.ts';
import { classNameToSnakeCase } from '../../layers/names.ts';
import type { Layer, Model, TensorRef, Weight } from '../../model/types.ts';
import { type AssignContext, assignModel } from '../weights/assign.ts';
import type { StoredWeight } from '../weights/match.ts';
import { hasUnknown, slotsOf } from '../weights/slots.ts';
import { dialectsFor, type Identity, layerPaths } from './paths.ts';
import { subclassedPaths } from './subclassed-paths.ts';
import { isTrainingState, type SavedObject, type WeightsTree } from './weights-tree.ts';

interface Binding {
  readonly tree: WeightsTree;
  readonly era: Era;
  readonly assignment: Map<InferredVariable, TensorRef>;
  readonly raw: Map<InferredLayer, readonly Weight[]>;
  readonly claimed: Set<string>;
  readonly findings: Finding[];
}

/** The model with the tensors of `tree`. What is missing or left over is added to `findings`. */
export function bindV3(model: Model, inferred: InferredModel, tree: WeightsTree, era: Era, findings: Finding[]): Model {
  const binding: Binding = { tree, era, assignment: new Map(), raw: new Map(), claimed: new Set(), findings };
  if (model.root && inferred.root) {
    bindSubclassed(model.root, inferred.root, binding);
    noteUnclaimed(binding);
    return assignModel(model, inferred, { assignment: binding.assignment, raw: binding.raw, era, findings });
  }
  const pairs = layerPairs(model, inferred);
  const paths = likeliestPaths(model, pairs, tree, era);
  const first = new Map<string, string>();
  const identity = identities();
  for (const [layer, layerInferred] of pairs) {
    const key = identity(layer);
    const own = paths.get(layer);
    const there = own !== undefined && tree.filled.has(own) ? own : null;
    // A layer that the config repeats was saved once, where it was met first.
    const path = there ?? first.get(key) ?? own;
    if (there !== null && !first.has(key)) first.set(key, there);
    if (path !== undefined) bindLayer(layer, layerInferred, path, binding);
  }
  noteUnclaimed(binding);
  const context: AssignContext = { assignment: binding.assignment, raw: binding.raw, era, findings };
  return assignModel(model, inferred, context);
}

/** A subclassed model: what it owns itself lies at the top, its layers where their attributes or the list say. */
function bindSubclassed(root: Layer, inferred: InferredLayer, binding: Binding): void {
  if (!inferred.known) {
    bindLayer(root, inferred, '', binding);
    return;
  }
  bindVariables(root, inferred, '', binding);
  const paths = subclassedPaths(inferred, binding.tree.filled);
  for (const [layer, path] of paths) bindInner(undefined, layer, path, binding);
}

type Pairs = readonly (readonly [Layer, InferredLayer])[];

/** Every layer with what was inferred of it, models inside included. */
function layerPairs(model: Model, inferred: InferredModel): Pairs {
  return model.layers.flatMap((layer, index) => {
    const own = inferred.layers[index]!;
    const inside = layer.model && own.model ? layerPairs(layer.model, own.model) : [];
    return [[layer, own] as const, ...inside];
  });
}

/** A layer that a config repeats has the same name and config; ids of shared objects are the writer's memory addresses. */
function identities(): Identity {
  const known = new WeakMap<Layer, string>();
  return layer => {
    const held = known.get(layer) ?? JSON.stringify(layerKey(layer), withoutIds);
    known.set(layer, held);
    return held;
  };
}

function layerKey({ name, className, config, model }: Layer): unknown {
  return [name, className, config, model && [model.name, model.layers.map(layerKey)]];
}

function withoutIds(key: string, value: unknown): unknown {
  return key === 'shared_object_id' ? undefined : value;
}

function likeliestPaths(
  model: Model,
  pairs: Pairs,
  tree: WeightsTree,
  era: Era,
  prefix = '',
): ReadonlyMap<Layer, string> {
  const weighted = new Set(
    pairs.filter(([, own]) => slotsOf(own).length > 0 || hasUnknown(own)).map(([layer]) => layer),
  );
  const hasWeights = (layer: Layer) => weighted.has(layer);
  let best: ReadonlyMap<Layer, string> = new Map();
  let most = -1;
  for (const dialect of dialectsFor(era)) {
    const paths = layerPaths(model, prefix, dialect, identities(), hasWeights);
    const found = [...paths].filter(([layer, path]) => hasWeights(layer) && tree.filled.has(path)).length;
    const odd = pairs.filter(([layer, own]) => isOdd(layer, own, paths.get(layer), tree)).length;
    if (found - odd <= most) continue;
    best = paths;
    most = found - odd;
  }
  return best;
}

/** True where a layer's own variables do not have the shapes of what lies at its path: the counting was another. */
function isOdd(layer: Layer, inferred: InferredLayer, path: string | undefined, tree: WeightsTree): boolean {
  const stored = path === undefined ? undefined : tree.objects.get(path)?.variables;
  if (!stored || layer.model || inferred.weights.length === 0) return false;
  return inferred.weights.some(
    ({ name, shape, optional }) => !optional && !stored.some(({ tensor }) => mayBecome(tensor, name, shape)),
  );
}

/** Who is bound, for messages and for the layers in it. */
type Bound = Pick<Layer, 'name' | 'trainable' | 'sublayers' | 'model'>;

/** Binds a layer's own variables and, unless it is a model, those of the layers inside it. */
function bindLayer(layer: Bound, inferred: InferredLayer, path: string, binding: Binding): void {
  if (inferred.known || layer.model) {
    bindVariables(layer, inferred, path, binding);
    bindSublayers(layer, inferred, path, binding);
    return;
  }
  const inside = [...binding.tree.objects.values()].filter(
    ({ path: at }) => (path === '' && !isTrainingState(at)) || at === path || at.startsWith(`${path}/`),
  );
  for (const { path: at } of inside) binding.claimed.add(at);
  binding.raw.set(
    inferred,
    inside.flatMap(object => rawWeights(object, path, layer.trainable)),
  );
}

function rawWeights({ path: at, variables }: SavedObject, path: string, trainable: boolean): Weight[] {
  const inside = at.slice(path.length).replace(/^\//, '');
  return variables.map(({ name, tensor }) => ({
    name: inside === '' ? name : `${inside}/${name}`,
    shape: tensor.shape,
    trainable,
    tensor,
  }));
}

function bindVariables(layer: Bound, inferred: InferredLayer, path: string, binding: Binding): void {
  const object = binding.tree.objects.get(path);
  if (object) binding.claimed.add(path);
  const stored = [...(object?.variables ?? [])];
  const wanted = inOwnOrder(inferred);
  const required = wanted.filter(variable => !variable.optional);
  const list = stored.length >= wanted.length ? wanted : required;
  for (const variable of list) {
    const at = stored.findIndex(weight => serves(weight, variable));
    const weight = stored[Math.max(0, at)];
    if (weight && (at >= 0 || stored.length === list.length)) {
      binding.assignment.set(variable, weight.tensor);
      stored.splice(0, stored.indexOf(weight) + 1);
    } else if (!variable.optional) noteMissing(layer, variable, path, binding);
  }
}

/** By its own name where the layer saved it so, else by place and shape. */
function serves({ name, tensor }: StoredWeight, { name: wanted, shape }: InferredVariable): boolean {
  return /^\d+$/.test(name) ? mayBecome(tensor, wanted, shape) : name === wanted;
}

/**
 * Own variables as they are saved: trainable ones, then the others. Quantised layers and those with LoRA save theirs in
 * an order of their own, the kernel first (save_own_variables in dense.py), which is the order in which they are made.
 */
function inOwnOrder({ weights, dtype }: InferredLayer): InferredVariable[] {
  const own = dtype.name.includes('_from_') || weights.some(({ name }) => name.startsWith('lora_'));
  if (own) return [...weights];
  return [...weights.filter(({ trainable }) => trainable), ...weights.filter(({ trainable }) => !trainable)];
}

function bindSublayers(layer: Bound, inferred: InferredLayer, path: string, binding: Binding): void {
  for (const [attribute, held] of Object.entries(inferred.sublayers)) {
    const at = attributePath(path, attribute, binding.tree);
    const bound = layer.sublayers[attribute];
    if (!Array.isArray(held)) {
      bindInner(Array.isArray(bound) ? undefined : (bound as Layer | undefined), held as InferredLayer, at, binding);
      continue;
    }
    const counters = new Map<string, number>();
    (held as readonly InferredLayer[]).forEach((inner, index) => {
      const name = classNameToSnakeCase(inner.className);
      const number = counters.get(name) ?? 0;
      counters.set(name, number + 1);
      const own = Array.isArray(bound) ? (bound as readonly Layer[])[index] : undefined;
      bindInner(own, inner, `${at}/${number === 0 ? name : `${name}_${number}`}`, binding);
    });
  }
}

/** `query_dense` of Keras 3 is `_query_dense` in TF and in some classes of Keras 3. */
function attributePath(path: string, attribute: string, tree: WeightsTree): string {
  const plain = `${path}/${attribute}`;
  const hidden = `${path}/_${attribute}`;
  return !tree.filled.has(plain) && tree.filled.has(hidden) ? hidden : plain;
}

function bindInner(layer: Layer | undefined, inferred: InferredLayer, path: string, binding: Binding): void {
  const bound: Bound = layer ?? {
    name: inferred.name,
    trainable: inferred.config.trainable !== false,
    sublayers: {},
    model: null,
  };
  bindLayer(bound, inferred, path, binding);
  if (!layer?.model || !inferred.model) return;
  const pairs = layerPairs(layer.model, inferred.model);
  const paths = likeliestPaths(layer.model, pairs, binding.tree, binding.era, path);
  for (const [one, own] of pairs) {
    const at = paths.get(one);
    if (at !== undefined) bindLayer(one, own, at, binding);
  }
}

function noteMissing(layer: Bound, { name, shape }: InferredVariable, path: string, { findings }: Binding): void {
  const size = shape ? ` of shape (${shape.join(', ')})` : '';
  const what = `layer "${layer.name}" needs a weight "${name}"${size}, and nothing is stored at ${path}/vars`;
  const facts = { layer: layer.name, weight: name };
  findings.push({ code: 'weight-missing', severity: 'error', what, at: { path }, facts });
}

/** Objects with variables that no layer claimed; the states of training are not the model's. */
function noteUnclaimed({ tree, claimed, findings }: Binding): void {
  for (const { path, variables } of tree.objects.values()) {
    if (claimed.has(path) || isInsideLookup(path, claimed) || variables.length === 0 || isTrainingState(path)) continue;
    const what = `weights are stored at "${path}" that no layer of the config claims`;
    findings.push({ code: 'weights-without-layer', severity: 'error', what, at: { path } });
  }
}

/** TextVectorization writes the weights of the lookup inside it a second time under its own path. */
function isInsideLookup(path: string, claimed: ReadonlySet<string>): boolean {
  return path.endsWith('/_lookup_layer') && claimed.has(path.slice(0, -'/_lookup_layer'.length));
}
