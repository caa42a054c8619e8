/**
 * hard_sigmoid before Keras 3 is clip(0.2 x + 0.5, 0, 1), in Keras 3 clip(x / 6 + 0.5, 0, 1): the new one of 1.2 x is
 * the old one of x. Where what goes into it is linear in weights, the weights take the 1.2; else a Rescaling layer does.
 */

import { derivedTensor } from '../../eras/layouts/derived.ts';
import { eraActivations } from '../../layers/era-keys.ts';
import type { Json, JsonObject, Layer, Model, TensorRef, Weight } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { freeName, insertBefore, mapLayers, mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

const factor = 1.2;
const old = eraActivations.hardSigmoid;
const today = 'hard_sigmoid';

/** Gates that go through the recurrent activation, of how many: LSTM i, f, c, o; GRU z, r, h. */
const gates: Readonly<Record<string, { readonly count: number; readonly scaled: readonly number[] }>> = {
  LSTMCell: { count: 4, scaled: [0, 1, 3] },
  GRUCell: { count: 3, scaled: [0, 1] },
  ConvLSTMCell: { count: 4, scaled: [0, 1, 3] },
  ConvLSTM1D: { count: 4, scaled: [0, 1, 3] },
  ConvLSTM2D: { count: 4, scaled: [0, 1, 3] },
  ConvLSTM3D: { count: 4, scaled: [0, 1, 3] },
};

export const hardSigmoid: MendStep = {
  title: 'hard_sigmoid of Keras 2 in Keras 3: gate weights times 1.2',
  apply(model, target, tell) {
    if (target.line !== 'keras3') return model;
    const scaled = mapLayers(model, layer => scaleActivation(scaleGates(layer), tell));
    const renamed = mapLayers(scaled, layer => ({ ...layer, config: renameGates(layer, layer.config, tell) }));
    return mapModels(renamed, inner => rescaleActivationLayers(inner, tell));
  },
};

/** The layer that holds a cell's weights, or the cell itself: by its own config. */
function scaleGates(layer: Layer): Layer {
  const own = gates[layer.className];
  if (!own || layer.config.recurrent_activation !== old) return layer;
  const weights = layer.weights.map(weight => scaledWeight(weight, own.count, own.scaled));
  return { ...layer, weights };
}

function scaledWeight(weight: Weight, count: number, scaled: readonly number[]): Weight {
  if (!weight.tensor || !/kernel$|bias$/.test(weight.name)) return weight;
  return { ...weight, tensor: scaledColumns(weight.tensor, count, scaled) };
}

function scaledColumns(tensor: TensorRef, count: number, scaled: readonly number[]): TensorRef {
  return derivedTensor([tensor], tensor.shape, `gates times ${factor}, for another hard_sigmoid`, ([stored]) => {
    const width = (stored?.shape.at(-1) ?? 0) / count;
    return mapNumbers(stored as Tensor, (value, index) => {
      const gate = Math.floor((index % (width * count)) / width);
      return scaled.includes(gate) ? value * factor : value;
    });
  });
}

function mapNumbers(tensor: Tensor, change: (value: number, index: number) => number): Tensor {
  const data = (tensor.data as Float32Array).map(change);
  return { ...tensor, data };
}

/** In the config of the layer and of layers held in it. */
function renameGates(layer: Layer, config: JsonObject, tell: Tell): JsonObject {
  if (config.recurrent_activation === old) tell(changeOf(layer.name, 'recurrent_activation'));
  return renamed(config) as JsonObject;
}

function renamed(value: Json): Json {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, held]) => {
    return [key, key === 'recurrent_activation' && held === old ? today : renamed(held)] as const;
  });
  return Object.fromEntries(entries);
}

function changeOf(layer: string, key: string): Parameters<Tell>[0] {
  return {
    failure: 'silent-wrong-predictions',
    where: `layer ${layer}, ${key}`,
    before: 'hard_sigmoid as clip(0.2 x + 0.5, 0, 1)',
    after: 'hard_sigmoid as clip(x / 6 + 0.5, 0, 1), its weights times 1.2',
    why: 'Keras 3 changed the slope of hard_sigmoid; 1.2 x in the new one is x in the old one',
  };
}

const linearInWeights = /^(Dense|EinsumDense|Conv[123]D|Conv[123]DTranspose|DepthwiseConv[12]D|SeparableConv[12]D)$/;

/** Layers whose activation follows right on weights: the last kernel and the bias take the factor. */
function scaleActivation(layer: Layer, tell: Tell): Layer {
  if (layer.config.activation !== old || !linearInWeights.test(layer.className)) return layer;
  const last = layer.className.startsWith('Separable') ? 'pointwise_kernel' : /kernel$/;
  const weights = layer.weights.map(weight => {
    const takes = weight.name === 'bias' || (typeof last === 'string' ? weight.name === last : last.test(weight.name));
    return takes ? scaledWeight({ ...weight }, 1, [0]) : weight;
  });
  tell(changeOf(layer.name, 'activation'));
  return { ...layer, weights, config: { ...layer.config, activation: today } };
}

/** Activation layers get a Rescaling before them. */
function rescaleActivationLayers(model: Model, tell: Tell): Model {
  return model.layers
    .filter(layer => layer.className === 'Activation' && layer.config.activation === old)
    .reduce((inner, layer) => {
      tell({ ...changeOf(layer.name, 'activation'), after: 'a Rescaling by 1.2, then hard_sigmoid of Keras 3' });
      const added = plainLayer(
        freeName(inner, `${layer.name}_scale`),
        'Rescaling',
        { scale: factor, offset: 0 },
        layer,
      );
      const layers = inner.layers.map(other =>
        other.name === layer.name ? { ...other, config: { ...other.config, activation: today } } : other,
      );
      return insertBefore({ ...inner, layers }, layer.name, added);
    }, model);
}
