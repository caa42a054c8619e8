/**
 * A Keras 2 config in the words of TensorFlow.js layers, which reads that dialect but lacks some classes and arguments
 * (registry and constructors of @tensorflow/tfjs-layers 4.22). What it would misread in silence is refused, too.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import type { ConfigRefusal } from '../config/context.ts';

const layers = new Set(
  (
    'Activation Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization ' +
    'Bidirectional CategoryEncoding Concatenate Conv1D Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM2D ' +
    'ConvLSTM2DCell Cropping2D Dense DepthwiseConv2D Dot Dropout ELU Embedding Flatten Functional GRU GRUCell ' +
    'GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D ' +
    'InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum ' +
    'Minimum Model Multiply PReLU Permute RNN ReLU RepeatVector Rescaling Reshape SeparableConv2D Sequential SimpleRNN ' +
    'SimpleRNNCell Softmax SpatialDropout1D StackedRNNCells ThresholdedReLU TimeDistributed UpSampling2D ZeroPadding2D'
  ).split(' '),
);

const activations = new Set(
  'elu gelu hard_sigmoid linear log_softmax mish relu relu6 selu sigmoid softmax softplus softsign swish tanh'.split(
    ' ',
  ),
);

const initializers = new Set(
  (
    'Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LeCunNormal LeCunUniform Ones Orthogonal ' +
    'RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros'
  ).split(' '),
);

/** Arguments that a class lacks or that it takes no notice of; each says whether a value asks for more than it does. */
type Lack = readonly [key: string, asksForMore: (value: Json) => boolean, what: string];

const anyTrue = (value: Json): boolean => value === true;
const above1 = (value: Json): boolean => typeof value === 'number' && value > 1;
const lacksOf: Readonly<Record<string, readonly Lack[]>> = {
  GRU: [['reset_after', anyTrue, 'it has no GRU with reset_after']],
  GRUCell: [['reset_after', anyTrue, 'it has no GRU with reset_after']],
  ELU: [['alpha', value => value !== null && value !== 1, 'it has ELU with alpha 1 only']],
  ReLU: [
    ['negative_slope', value => Boolean(value), 'its ReLU has no negative_slope'],
    ['threshold', value => Boolean(value), 'its ReLU has no threshold'],
  ],
  UpSampling2D: [['interpolation', value => value !== 'nearest', 'it places pixels otherwise where it interpolates']],
};
const lacksOfAll: readonly Lack[] = [
  ['groups', above1, 'its convolutions have no groups'],
  ['padding', value => typeof value === 'string' && !/^(same|valid)$/.test(value), 'it pads as valid and same only'],
  ['output_padding', value => value !== null, 'it has no output_padding'],
  ['time_major', anyTrue, 'it has no time_major'],
  ['keepdims', anyTrue, 'its global pooling has no keepdims'],
  ['dtype', value => value === 'string', 'TensorFlow.js takes no text as input'],
  ['dtype', value => value !== 'string' && !plainType(value), 'it computes in float32 only'],
];

function plainType(value: Json): boolean {
  return value === null || (typeof value === 'string' && /^(float32|int32|int64|bool|uint8)$/.test(value));
}

export interface TfjsRefusal extends ConfigRefusal {
  /** Layers of graphs, outermost first, in which it stands. */
  readonly path: readonly string[];
}

export interface TfjsTopology {
  readonly config: JsonObject;
  readonly refusals: readonly TfjsRefusal[];
}

interface Words {
  readonly refusals: TfjsRefusal[];
  readonly path: readonly string[];
}

/** `config` is `{class_name, config}` as tf.keras of TF 2.10 writes it. */
export function tfjsTopology(config: JsonObject): TfjsTopology {
  const refusals: TfjsRefusal[] = [];
  return { config: layerWords(config, { refusals, path: [] }), refusals };
}

/** A layer or model with all inside it. */
function layerWords(entry: JsonObject, words: Words): JsonObject {
  const className = String(entry.class_name);
  const config = (entry.config ?? {}) as JsonObject;
  const name = String(config.name ?? entry.name ?? className);
  const refuse = (key: string | null, what: string) =>
    words.refusals.push({ layer: name, className, key, what, path: words.path });
  if (!layers.has(className)) refuse(null, 'TensorFlow.js has no such layer');
  for (const [key, asksForMore, what] of [...(lacksOf[className] ?? []), ...lacksOfAll]) {
    if (key in config && asksForMore(config[key] as Json)) refuse(key, what);
  }
  if (givesTensorsByName(entry.inbound_nodes ?? null)) {
    refuse('inbound_nodes', 'TensorFlow.js takes no tensors by the names of arguments');
  }
  if (className === 'Bidirectional') checkDirections(config, refuse);
  const said = Object.entries(wantedArguments(className, config)).map(
    ([key, value]) => [key, argument(key, value, refuse, words)] as const,
  );
  return { ...entry, config: Object.fromEntries(said) };
}

/** Without what its constructors throw at, and with names that it makes others of. */
function wantedArguments(className: string, config: JsonObject): JsonObject {
  if (className === 'SeparableConv2D') {
    return Object.fromEntries(Object.entries(config).filter(([key]) => !/^kernel_(init|regul|constr)/.test(key)));
  }
  if (className !== 'Bidirectional') return config;
  // It puts "forward_" and "backward_" before the name itself.
  const { backward_layer: _, ...rest } = config;
  const layer = config.layer as JsonObject;
  const inner = layer.config as JsonObject;
  const name = String(inner.name).replace(/^forward_/, '');
  return { ...rest, layer: { ...layer, config: { ...inner, name } } };
}

/** What the layer of a direction computes with, without what only its weights' first values and training ask of. */
export function computedWith(className: string, config: JsonObject): string {
  const computed = Object.entries(config).filter(([key, value]) => {
    const incidental = /^(name|go_backwards|seed)$|_(initializer|regularizer|constraint)$/.test(key);
    return !incidental && typeof value !== 'object';
  });
  return JSON.stringify([className, computed.sort()]);
}

/** It makes the backward layer out of the forward one. */
function checkDirections(
  { layer, backward_layer: backward }: JsonObject,
  refuse: (key: string, what: string) => void,
): void {
  const described = (entry: Json | undefined) => {
    const { class_name: className, config } = entry as JsonObject;
    return computedWith(String(className), config as JsonObject);
  };
  if (isEntry(backward ?? null) && described(backward) !== described(layer)) {
    refuse('backward_layer', 'its backward layer is always a copy of the forward one');
  }
  if ((layer as JsonObject).class_name === 'RNN') refuse('layer', 'its Bidirectional cannot hold an RNN of cells');
}

function argument(key: string, value: Json, refuse: (key: string, what: string) => void, words: Words): Json {
  const within = (name: Json | undefined): Words => ({ ...words, path: [...words.path, String(name)] });
  if (key === 'layers' && isEntries(value)) {
    return value.map(inner => layerWords(inner, within((inner.config as JsonObject).name)));
  }
  if (isEntries(value)) return value.map(inner => layerWords(inner, words));
  if (key === 'axis' && Array.isArray(value) && value.length === 1) return value[0] as Json;
  if (/activation$/.test(key)) return activation(key, value, refuse);
  if (key === 'dtype') return value === 'int64' || value === 'uint8' ? 'int32' : value;
  if (/_initializer$/.test(key)) return initializer(value);
  // Constraints are applied to weights as they are loaded there, and change them.
  if (/_(regularizer|constraint)$/.test(key)) return null;
  return isEntry(value) ? layerWords(value, words) : value;
}

function activation(key: string, value: Json, refuse: (key: string, what: string) => void): Json {
  if (value === null || value === undefined) return null;
  const name = value === 'silu' ? 'swish' : value;
  if (typeof name !== 'string' || !activations.has(name)) refuse(key, `it has no activation ${JSON.stringify(name)}`);
  return name;
}

/** Weights are loaded, so that it does not matter for predictions what made them first. */
function initializer(value: Json): Json {
  if (!isEntry(value)) return value;
  const className = String(value.class_name).replace(/^Lecun/, 'LeCun');
  return initializers.has(className) ? { ...value, class_name: className } : { class_name: 'Zeros', config: {} };
}

function isEntry(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && 'class_name' in value && 'config' in value;
}

function isEntries(value: Json): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isEntry);
}

/** Calls are `[layer, node, tensor, kwargs]`; a tensor in kwargs looks like the first three. */
function givesTensorsByName(nodes: Json): boolean {
  const isTensor = (value: Json): boolean =>
    Array.isArray(value) &&
    ((typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number') ||
      value.some(isTensor));
  const calls = Array.isArray(nodes) ? nodes : [];
  return calls.some(call => {
    return Array.isArray(call) && call.some(input => Array.isArray(input) && hasTensor(input[3], isTensor));
  });
}

function hasTensor(kwargs: Json | undefined, isTensor: (value: Json) => boolean): boolean {
  return typeof kwargs === 'object' && kwargs !== null && Object.values(kwargs).some(isTensor);
}
