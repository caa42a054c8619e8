/**
 * TensorFlow.js keeps the mask of one layer for all that are computed after it (execute() of
 * tfjs-layers/src/engine/executor.ts, whose arguments are those of the layer before). Where a mask is about, what would
 * count one is given its own: one under which every step counts.
 */

import type { CustomObjects } from '../../layers/custom.ts';
import type { Call, CallValue, Layer, Model, TensorAddress } from '../../model/types.ts';
import { freeName, plainLayer } from '../rewrite.ts';
import { captureCalls } from './capture.ts';

const counting = /^(SimpleRNN|LSTM|GRU|RNN|ConvLSTM2D|Bidirectional)$/;

/** No feature has this number, so that no step is masked. */
const noFeature = 3e38;

export function withFreshMasks(model: Model, customObjects: CustomObjects): Model {
  if (!makesMasks(model)) return model;
  const { calls } = captureCalls(model, customObjects);
  const hasMask = (layer: Layer, node: number) => calls.get(layer)?.[node]?.masks.some(mask => mask !== null) ?? false;
  return withOwnMasks(model, hasMask);
}

function makesMasks(model: Model): boolean {
  return model.layers.some(({ className, config, model: inner }) => {
    return className === 'Masking' || config.mask_zero === true || (inner !== null && makesMasks(inner));
  });
}

function withOwnMasks(model: Model, hasMask: (layer: Layer, node: number) => boolean): Model {
  const taken = [...model.layers];
  const layers = model.layers.flatMap((layer): Layer[] => {
    const inside = layer.model ? { ...layer, model: withOwnMasks(layer.model, hasMask) } : layer;
    if (layer.className === 'Softmax') return [withoutMask(layer)];
    if (!countsMasks(layer)) return [inside];
    const added: Layer[] = [];
    const calls = layer.calls.map((call, node) => {
      const first = hasMask(layer, node) ? null : firstTensor(call);
      if (!first) return call;
      const name = freeName({ ...model, layers: taken }, `${layer.name}_steps`);
      const masking = { ...plainLayer(name, 'Masking', { mask_value: noFeature }, layer), calls: [callOn(first)] };
      added.push(masking);
      taken.push(masking);
      return withFirst(call, { layer: name, node: 0, tensor: 0 });
    });
    return [...added, { ...inside, calls }];
  });
  return { ...model, layers };
}

/** The same along the last axis, which is all that it computes. */
function withoutMask(layer: Layer): Layer {
  const { axis: _, ...config } = layer.config;
  return { ...layer, className: 'Activation', config: { ...config, activation: 'softmax' } };
}

/** True for a layer that leaves masked steps out, and for a model with one. */
export function countsMasks(layer: Layer): boolean {
  return counting.test(layer.className) || (layer.model?.layers.some(countsMasks) ?? false);
}

function callOn(at: TensorAddress): Call {
  return { args: [{ kind: 'tensor', at }], kwargs: {} };
}

function firstTensor({ args: [value] }: Call): TensorAddress | null {
  const first = value?.kind === 'list' ? value.items[0] : value;
  return first?.kind === 'tensor' ? first.at : null;
}

function withFirst(call: Call, at: TensorAddress): Call {
  const [value, ...rest] = call.args as readonly CallValue[];
  const tensor: CallValue = { kind: 'tensor', at };
  const first: CallValue = value?.kind === 'list' ? { ...value, items: [tensor, ...value.items.slice(1)] } : tensor;
  return { ...call, args: [first, ...rest] };
}
