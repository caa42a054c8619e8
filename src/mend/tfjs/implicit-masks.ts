/**
 * Keras 3 computes masks in the graph and hands them over by name; before, and in TensorFlow.js, they travel with the
 * tensors. The operations that make them are left out where nothing else takes what they give.
 */

import { addressesIn } from '../../layers/walk.ts';
import type { CallValue, Layer, Model } from '../../model/types.ts';

/** Operations with which embeddings and masking layers find their masks (compute_mask of Keras 3). */
const maskOperations = new Set(['NotEqual', 'Any', 'LogicalAnd', 'LogicalOr', 'ExpandDims', 'Concatenate']);

export function withImplicitMasks(model: Model): Model {
  const byName = new Map(model.layers.map(layer => [layer.name, layer]));
  const isComputed = (value: CallValue | undefined): boolean => {
    if (value?.kind === 'list') return value.items.length > 0 && value.items.every(isComputed);
    const source = value?.kind === 'tensor' ? byName.get(value.at.layer) : undefined;
    return source?.origin === 'operation' && maskOperations.has(source.className);
  };
  const layers = model.layers.map((layer): Layer => {
    const inner = layer.model ? withImplicitMasks(layer.model) : null;
    if (layer.origin !== 'layer' || !layer.calls.some(({ kwargs }) => isComputed(kwargs.mask))) {
      return inner ? { ...layer, model: inner } : layer;
    }
    const calls = layer.calls.map(call => {
      const { mask, ...kwargs } = call.kwargs;
      return isComputed(mask) ? { ...call, kwargs } : call;
    });
    return { ...layer, model: inner, calls };
  });
  return withoutUnused({ ...model, layers }, model);
}

/** Operations that gave masks only. */
function withoutUnused(model: Model, before: Model): Model {
  const taken = (one: Model) =>
    new Set(one.layers.flatMap(({ calls }) => calls.flatMap(addressesIn)).map(({ layer }) => layer));
  const was = taken(before);
  const ends = JSON.stringify([model.inputs, model.outputs]);
  const is = taken(model);
  const unused = (layer: Layer) =>
    layer.origin === 'operation' &&
    was.has(layer.name) &&
    !is.has(layer.name) &&
    !ends.includes(`"layer":${JSON.stringify(layer.name)}`);
  const kept = model.layers.filter(layer => !unused(layer));
  return kept.length === model.layers.length ? model : withoutUnused({ ...model, layers: kept }, model);
}
