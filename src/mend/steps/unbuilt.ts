/**
 * A Sequential that was never told its input, though its weights are stored. Releases that load weights by path want
 * layers that are built; the weights tell the one size that they depend on, and the rank that they fit.
 */

import { isTarget, type Target } from '../../eras/write/target.ts';
import { inferModel } from '../../layers/infer.ts';
import type { Json, Layer, Model } from '../../model/types.ts';
import { placedWeights } from '../../model/walk.ts';
import type { Shape } from '../../numbers/tensor.ts';
import { mapModels } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** Axes of inputs, the likeliest first: rows, sequences, pictures, volumes. */
const ranks = [2, 3, 4, 5];

export const unbuilt: MendStep = {
  title: 'inputs of models that were never told theirs',
  apply(model, target, tell) {
    if (target.line === 'keras1' || target.line === 'keras2') return model;
    const open = bindsBatches(target) ? unbound(model, tell) : model;
    return mapModels(open, inner => declared(inner, tell));
  },
};

/** Later releases take any number of samples whatever the input declares (training.py of 1.15: _validate_or_infer_batch_size). */
function bindsBatches(target: Target): boolean {
  return target.line === 'tf.keras' && !isTarget(target, 'tf.keras', '2.2');
}

/** Keras 3 declares the samples of the first call where a Sequential is told no shape, and holds nobody to it. */
function unbound(model: Model, tell: Tell): Model {
  const isStateful = model.layers.some(({ config }) => config.stateful === true);
  if (model.className !== 'Sequential' || isStateful) return model;
  const layers = model.layers.map(layer => {
    const shape = layer.className === 'InputLayer' ? layer.config.batch_shape : null;
    if (!Array.isArray(shape) || shape[0] === null) return layer;
    const open = [null, ...shape.slice(1)];
    const text = (sizes: readonly Json[]) => `(${sizes.map(size => size ?? 'None').join(', ')})`;
    tell({
      failure: 'unbuilt-model',
      where: `layer ${layer.name}, batch_shape`,
      before: text(shape),
      after: text(open),
      why: 'the release takes exactly as many samples as are declared; no layer here depends on their number',
    });
    return { ...layer, config: { ...layer.config, batch_shape: open } };
  });
  return { ...model, layers };
}

function declared(model: Model, tell: Tell): Model {
  const [input, first] = model.layers;
  if (model.className !== 'Sequential' || input?.className !== 'InputLayer' || !first) return model;
  if ((input.config.batch_shape ?? null) !== null) return model;
  const shape = candidates(first).find(candidate => fits(withShape(model, candidate)));
  if (!shape) return model;
  tell({
    failure: 'unbuilt-model',
    where: `model ${model.name}, its input`,
    before: 'not declared',
    after: `(${shape.map(size => size ?? 'None').join(', ')})`,
    why: 'weights can be loaded only into layers that are built; this is the shape that the stored weights fit',
  });
  return withShape(model, shape);
}

function withShape(model: Model, shape: Shape): Model {
  const [input, ...rest] = model.layers;
  if (!input) return model;
  return { ...model, layers: [{ ...input, config: { ...input.config, batch_shape: [...shape] } }, ...rest] };
}

/** Channels last before channels first; sizes out of the shapes of the first layer's weights. */
function candidates(first: Layer): Shape[] {
  const sizes = [...new Set(placedWeights(first).flatMap(({ tensor }) => tensor?.shape ?? []))];
  return ranks.flatMap(rank => {
    const open = new Array<number | null>(rank - 1).fill(null);
    const spatial = new Array<number | null>(Math.max(0, rank - 2)).fill(null);
    const last = sizes.map((size): Shape => [...open, size]);
    const second = sizes.map((size): Shape => [null, size, ...spatial]);
    return first.config.data_format === 'channels_first' ? second : last;
  });
}

/** Every layer can be called, and every weight has the shape that it then needs. */
function fits(model: Model): boolean {
  const inferred = inferModel(model);
  return inferred.layers.every((known, at) => {
    const layer = model.layers[at] as Layer;
    const needs = new Map(known.weights.map(({ name, shape }) => [name, shape]));
    const same = layer.weights.every(({ name, tensor }) => {
      const needed = needs.get(name);
      return !tensor || !needed || needed.join() === tensor.shape.join();
    });
    return known.known && same && (layer.className === 'InputLayer' || known.calls[0] !== null);
  });
}
