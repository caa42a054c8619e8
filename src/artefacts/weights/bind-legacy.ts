/** Binds the stored layers of a legacy weights tree to the layers of a model, by name. */

import type { Era } from '../../eras/era.ts';
import { joinGates, mayBecome } from '../../eras/layouts/index.ts';
import type { Finding } from '../../findings/finding.ts';
import type { InferredLayer, InferredModel, InferredVariable } from '../../layers/infer.ts';
import type { Model, TensorRef, Weight } from '../../model/types.ts';
import { type AssignContext, assignModel } from './assign.ts';
import type { StoredLayer } from './legacy-file.ts';
import { matchWeights, type StoredWeight } from './match.ts';
import { hasUnknown, inLegacyOrder, slotsOf } from './slots.ts';

/** The model with the tensors of `stored`. What is missing, left over or of another shape is added to `findings`. */
export function bindLegacy(
  model: Model,
  inferred: InferredModel,
  stored: readonly StoredLayer[],
  era: Era,
  findings: Finding[],
): Model {
  const assignment = new Map<InferredVariable, TensorRef>();
  const raw = new Map<InferredLayer, readonly Weight[]>();
  if (inferred.root) {
    bindRoot(inferred.root, inferred, stored, { trainable: model.trainable, assignment, raw, findings });
    return assignModel(model, inferred, { assignment, raw, era, findings });
  }
  const byName = new Map(stored.map(layer => [layer.name, layer]));
  inferred.layers.forEach((layer, index) => {
    const found = byName.get(layer.name);
    byName.delete(layer.name);
    const weights = joinGates(found?.weights ?? []);
    if (hasUnknown(layer)) raw.set(layer, unknownWeights(weights, model.layers[index]!.trainable));
    else bindLayer(layer, weights, model.trainable, assignment, findings);
  });
  for (const left of byName.values()) noteUnclaimed(left, findings);
  const context: AssignContext = { assignment, raw, era, findings };
  return assignModel(model, inferred, context);
}

interface RootBinding {
  readonly trainable: boolean;
  readonly assignment: Map<InferredVariable, TensorRef>;
  readonly raw: Map<InferredLayer, readonly Weight[]>;
  readonly findings: Finding[];
}

/**
 * A subclassed model: its layers are stored in the order in which its class makes them, under names that the class
 * gave, and what it owns itself stands under `top_level_model_weights`.
 */
function bindRoot(
  root: InferredLayer,
  inferred: InferredModel,
  stored: readonly StoredLayer[],
  binding: RootBinding,
): void {
  const { trainable, assignment, raw, findings } = binding;
  const inside = Object.values(root.sublayers).flat() as readonly InferredLayer[];
  const layers = stored.filter(({ name }) => name !== 'top_level_model_weights');
  const own = stored.find(({ name }) => name === 'top_level_model_weights');
  if (hasUnknown(root)) {
    raw.set(
      root,
      unknownWeights(
        stored.flatMap(({ weights }) => weights),
        trainable,
      ),
    );
    bindKnown(inferred, layers, binding);
    return;
  }
  if (layers.length !== inside.length) {
    const weights = stored.flatMap(layer => joinGates(layer.weights));
    bindLayer(root, weights, trainable, assignment, findings);
    return;
  }
  inside.forEach((layer, index) => {
    bindLayer(layer, joinGates(layers[index]!.weights), trainable, assignment, findings);
  });
  if (own) bindLayer({ ...root, sublayers: {} }, own.weights, trainable, assignment, findings);
}

/** Layers of a model that nobody defines, as far as the artefact describes them. */
function bindKnown(inferred: InferredModel, stored: readonly StoredLayer[], binding: RootBinding): void {
  const { trainable, assignment, raw } = binding;
  const byName = new Map(stored.map(({ name, weights }) => [name, weights]));
  for (const layer of inferred.layers) {
    const weights = joinGates(byName.get(layer.name) ?? []);
    if (hasUnknown(layer)) raw.set(layer, unknownWeights(weights, trainable));
    // How it is called is not known, so that what does not fit is no fault.
    else bindLayer(layer, weights, trainable, assignment, []);
  }
}

function bindLayer(
  layer: InferredLayer,
  weights: readonly StoredWeight[],
  trainable: boolean,
  assignment: Map<InferredVariable, TensorRef>,
  findings: Finding[],
): void {
  const slots = inLegacyOrder(slotsOf(layer, trainable));
  if (slots.length === 0 && weights.length === 0) return;
  const matching = matchWeights(slots, weights, ({ variable }, { tensor }) =>
    mayBecome(tensor, variable.name, variable.shape),
  );
  for (const { slot, weight } of matching.pairs) assignment.set(slot.variable, weight.tensor);
  for (const { variable, scopes } of matching.missing) {
    const inside = scopes
      .slice(1)
      .map(scope => `"${scope}"`)
      .join(' in ');
    const shape = variable.shape ? ` of shape (${variable.shape.join(', ')})` : '';
    const what = `layer "${layer.name}" needs a weight "${variable.name}"${inside && ` (${inside})`}${shape}, and none is stored`;
    findings.push({
      code: 'weight-missing',
      severity: 'error',
      what,
      at: {},
      facts: { layer: layer.name, weight: variable.name },
    });
  }
  for (const { name, tensor } of matching.extra) {
    const what = `layer "${layer.name}" has no use for the stored weight "${name}" of shape (${tensor.shape.join(', ')})`;
    findings.push({
      code: 'weight-extra',
      severity: 'error',
      what,
      at: tensor.at,
      facts: { layer: layer.name, weight: name },
    });
  }
}

/** Weights of a layer that nobody defines: as they are called and stored. */
export function unknownWeights(stored: readonly StoredWeight[], trainable: boolean): Weight[] {
  return stored.map(({ name, tensor }) => ({
    name: name.replace(/:\d+$/, '').split('/').at(-1) ?? name,
    shape: tensor.shape,
    trainable: trainable && !/moving_|running_/.test(name),
    tensor,
  }));
}

function noteUnclaimed({ name, weights }: StoredLayer, findings: Finding[]): void {
  if (weights.length === 0) return;
  const what = `weights are stored for a layer "${name}" that the config does not have`;
  findings.push({
    code: 'weights-without-layer',
    severity: 'error',
    what,
    at: weights[0]!.tensor.at,
    facts: { layer: name },
  });
}

/** The model of an architecture without weights: its variables are known, their tensors are not. */
export function bindNothing(model: Model, inferred: InferredModel, era: Era): Model {
  return assignModel(model, inferred, { assignment: new Map(), raw: new Map(), era, findings: [], bare: true });
}
