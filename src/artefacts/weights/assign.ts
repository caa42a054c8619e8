/**
 * Puts matched tensors into a model: each layer of the description gets its weights and the layers inside it, by what
 * was inferred of them; each tensor is brought to today's layout on the way.
 */

import type { Era } from '../../eras/era.ts';
import { type LayerWeights, todaysLayout } from '../../eras/layouts/index.ts';
import type { Finding } from '../../findings/finding.ts';
import type { InferredLayer, InferredModel, InferredVariable } from '../../layers/infer.ts';
import type { Layer, Model, TensorRef, Weight } from '../../model/types.ts';
import { noAssets } from '../config/context.ts';

/** Stored tensors by the variable that they serve. */
export type Assignment = ReadonlyMap<InferredVariable, TensorRef>;

export interface AssignContext {
  readonly assignment: Assignment;
  /** Weights of layers that nobody defines, as stored. */
  readonly raw: ReadonlyMap<InferredLayer, readonly Weight[]>;
  readonly era: Era;
  readonly findings: Finding[];
  /** True for an architecture alone: variables that some files lack are then the model's all the same. */
  readonly bare?: boolean;
}

/** What was inferred of models before their weights were put in, where that left nothing open. */
const inferences = new WeakMap<Model, InferredModel>();

/** What is known of a model that a reader made; null where the weights may tell more than the config did. */
export function inferenceOf(model: Model): InferredModel | null {
  return inferences.get(model) ?? null;
}

function isComplete(layer: InferredLayer): boolean {
  const inside = [...(Object.values(layer.sublayers).flat() as InferredLayer[]), ...(layer.model?.layers ?? [])];
  const shapes = layer.weights.every(({ shape }) => shape !== null);
  return layer.known && shapes && layer.calls.every(call => call !== null) && inside.every(isComplete);
}

/** The model with its weights. `inferred` must have been made from it. */
export function assignModel(model: Model, inferred: InferredModel, context: AssignContext): Model {
  const layers = model.layers.map((layer, index) => assignLayer(layer, inferred.layers[index]!, context));
  if (!model.root || !inferred.root) {
    const assigned: Model = { ...model, layers };
    if (inferred.layers.every(isComplete)) inferences.set(assigned, inferred);
    return assigned;
  }
  const root = assignLayer(model.root, inferred.root, context);
  return { ...model, root, layers: inferred.root.known ? (Object.values(root.sublayers).flat() as Layer[]) : layers };
}

function assignLayer(layer: Layer, inferred: InferredLayer, context: AssignContext): Layer {
  const model = layer.model && inferred.model ? assignModel(layer.model, inferred.model, context) : layer.model;
  const inside = Object.entries(inferred.sublayers).map(([attribute, held]) => {
    const bound = layer.sublayers[attribute];
    if (!Array.isArray(held))
      return [attribute, inner(one(bound), held as InferredLayer, layer, attribute, context)] as const;
    const list = Array.isArray(bound) ? (bound as readonly Layer[]) : [];
    const layers = (held as readonly InferredLayer[]).map((sub, index) =>
      inner(list[index], sub, layer, attribute, context),
    );
    return [attribute, layers] as const;
  });
  const sublayers = { ...layer.sublayers, ...Object.fromEntries(inside) };
  return { ...layer, model, sublayers, weights: ownWeights(layer, inferred, context) };
}

function one(bound: Layer | readonly Layer[] | undefined): Layer | undefined {
  return Array.isArray(bound) ? undefined : (bound as Layer | undefined);
}

/** A layer inside: the one that the config's reader made, or one made of what its definition says. */
function inner(
  bound: Layer | undefined,
  inferred: InferredLayer,
  owner: Layer,
  attribute: string,
  context: AssignContext,
): Layer {
  const made: Layer = bound ?? {
    name: inferred.name,
    className: inferred.className,
    origin: inferred.known ? 'layer' : 'custom',
    registeredName: null,
    config: inferred.config,
    dtype: inferred.dtype,
    trainable: inferred.config.trainable !== false,
    calls: [],
    weights: [],
    sublayers: {},
    model: null,
    buildShape: null,
    assets: noAssets,
    at: { ...owner.at, pointer: owner.at.pointer && `${owner.at.pointer}/config/${attribute}` },
  };
  return assignLayer(made, inferred, context);
}

function ownWeights(layer: Layer, inferred: InferredLayer, context: AssignContext): readonly Weight[] {
  const raw = context.raw.get(inferred);
  if (raw) return raw;
  const stored: { [variable: string]: TensorRef } = {};
  for (const variable of inferred.weights) {
    const tensor = context.assignment.get(variable);
    if (tensor) stored[variable.name] = tensor;
  }
  const shapes = Object.fromEntries(inferred.weights.map(({ name, shape }) => [name, shape]));
  const target = { className: inferred.className, config: inferred.config, shapes };
  const today: LayerWeights = todaysLayout(stored, target, context.era);
  return inferred.weights
    .filter(variable => context.bare || !variable.optional || today[variable.name])
    .map((variable): Weight => {
      const tensor = today[variable.name] ?? null;
      if (tensor) checkShape(layer, variable, tensor, context.findings);
      return {
        name: variable.name,
        shape: variable.shape ?? tensor?.shape ?? null,
        trainable: variable.trainable,
        tensor,
      };
    });
}

function checkShape(layer: Layer, { name, shape }: InferredVariable, tensor: TensorRef, findings: Finding[]): void {
  const fits =
    shape === null ||
    (shape.length === tensor.shape.length && shape.every((size, axis) => size === tensor.shape[axis]));
  if (fits) return;
  const what = `weight "${name}" of layer "${layer.name}" is stored with shape (${tensor.shape.join(', ')}), needed (${shape.join(', ')})`;
  const facts = { layer: layer.name, weight: name, stored: tensor.shape, needed: shape };
  findings.push({ code: 'weight-shape', severity: 'error', what, at: tensor.at, facts });
}
