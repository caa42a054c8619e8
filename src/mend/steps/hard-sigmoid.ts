/**
 * hard_sigmoid before Keras 3 is clip(0.2 x + 0.5, 0, 1), in Keras 3 clip(x / 6 + 0.5, 0, 1): the new one of 1.2 x is
 * the old one of x. Where what goes into it is linear in weights, the weights take the factor; else a Rescaling layer
 * does in Keras 3, and operations before.
 */

import { derivedTensor } from '../../eras/layouts/derived.ts';
import { eraActivations } from '../../layers/era-keys.ts';
import type { Json, JsonObject, Layer, Model, TensorRef, Weight } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { freeName, insertBefore, mapLayers, mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

interface Direction {
  readonly from: string;
  readonly to: string;
  /** What the function's argument is multiplied by. */
  readonly factor: number;
}

const toKeras3: Direction = { from: eraActivations.hardSigmoid, to: 'hard_sigmoid', factor: 1.2 };
const fromKeras3: Direction = { from: 'hard_sigmoid', to: eraActivations.hardSigmoid, factor: 1 / 1.2 };

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
  title: 'hard_sigmoid of Keras 2 in Keras 3 and back: gate weights times 1.2 or by it',
  apply(model, target, tell) {
    const way = target.line === 'keras3' ? toKeras3 : fromKeras3;
    const scaled = mapLayers(model, layer => scaleActivation(scaleGates(layer, way), way, tell));
    const renamed = mapLayers(scaled, layer => ({ ...layer, config: renameGates(layer, layer.config, way, tell) }));
    return way === toKeras3 ? mapModels(renamed, inner => rescaleActivationLayers(inner, way, tell)) : renamed;
  },
};

/** The layer that holds a cell's weights, or the cell itself: by its own config. */
function scaleGates(layer: Layer, { from, factor }: Direction): Layer {
  const own = gates[layer.className];
  if (!own || layer.config.recurrent_activation !== from) return layer;
  const weights = layer.weights.map(weight => scaledWeight(weight, own.count, own.scaled, factor));
  return { ...layer, weights };
}

function scaledWeight(weight: Weight, count: number, scaled: readonly number[], factor: number): Weight {
  if (!weight.tensor || !/kernel$|bias$/.test(weight.name)) return weight;
  return { ...weight, tensor: scaledColumns(weight.tensor, count, scaled, factor) };
}

function scaledColumns(tensor: TensorRef, count: number, scaled: readonly number[], factor: number): TensorRef {
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
function renameGates(layer: Layer, config: JsonObject, way: Direction, tell: Tell): JsonObject {
  if (config.recurrent_activation === way.from) tell(changeOf(layer.name, 'recurrent_activation', way));
  return renamed(config, way) as JsonObject;
}

function renamed(value: Json, way: Direction): Json {
  if (Array.isArray(value)) return value.map(item => renamed(item, way));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, held]) => {
    return [key, key === 'recurrent_activation' && held === way.from ? way.to : renamed(held, way)] as const;
  });
  return Object.fromEntries(entries);
}

const slopes: Readonly<Record<string, string>> = {
  [toKeras3.from]: 'hard_sigmoid as clip(0.2 x + 0.5, 0, 1)',
  [toKeras3.to]: 'hard_sigmoid as clip(x / 6 + 0.5, 0, 1)',
};

function changeOf(layer: string, key: string, way: Direction): Parameters<Tell>[0] {
  return {
    failure: 'silent-wrong-predictions',
    where: `layer ${layer}, ${key}`,
    before: slopes[way.from] as string,
    after: `${slopes[way.to]}, its weights times ${way.factor.toPrecision(6)}`,
    why: 'Keras 3 changed the slope of hard_sigmoid; 1.2 x in the new one is x in the old one',
  };
}

const linearInWeights = /^(Dense|EinsumDense|Conv[123]D|Conv[123]DTranspose|DepthwiseConv[12]D|SeparableConv[12]D)$/;

/** Layers whose activation follows right on weights: the last kernel and the bias take the factor. */
function scaleActivation(layer: Layer, way: Direction, tell: Tell): Layer {
  if (layer.config.activation !== way.from || !linearInWeights.test(layer.className)) return layer;
  const last = layer.className.startsWith('Separable') ? 'pointwise_kernel' : /kernel$/;
  const weights = layer.weights.map(weight => {
    const takes = weight.name === 'bias' || (typeof last === 'string' ? weight.name === last : last.test(weight.name));
    return takes ? scaledWeight({ ...weight }, 1, [0], way.factor) : weight;
  });
  tell(changeOf(layer.name, 'activation', way));
  return { ...layer, weights, config: { ...layer.config, activation: way.to } };
}

/** Activation layers get a Rescaling before them. */
function rescaleActivationLayers(model: Model, way: Direction, tell: Tell): Model {
  return model.layers
    .filter(layer => layer.className === 'Activation' && layer.config.activation === way.from)
    .reduce((inner, layer) => {
      tell({ ...changeOf(layer.name, 'activation', way), after: 'a Rescaling by 1.2, then hard_sigmoid of Keras 3' });
      const added = plainLayer(
        freeName(inner, `${layer.name}_scale`),
        'Rescaling',
        { scale: way.factor, offset: 0 },
        layer,
      );
      const layers = inner.layers.map(other =>
        other.name === layer.name ? { ...other, config: { ...other.config, activation: way.to } } : other,
      );
      return insertBefore({ ...inner, layers }, layer.name, added);
    }, model);
}
