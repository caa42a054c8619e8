/**
 * How standalone Keras 2 takes Keras 1's arguments: each constructor renames before it binds. Facts:
 * keras/legacy/interfaces.py of 2.0 to 2.3. tf.keras has none of it.
 */

import { copyDict, has, type PyDict, type PyValue, put } from '../python/values.ts';

type Rename = readonly (readonly [from: string, to: string])[];

const weighted: Rename = [
  ['W_regularizer', 'kernel_regularizer'],
  ['b_regularizer', 'bias_regularizer'],
  ['W_constraint', 'kernel_constraint'],
  ['b_constraint', 'bias_constraint'],
  ['bias', 'use_bias'],
];
const ordered: Rename = [
  ['border_mode', 'padding'],
  ['dim_ordering', 'data_format'],
];
const conv: Rename = [
  ['nb_filter', 'filters'],
  ['subsample', 'strides'],
  ...ordered,
  ['init', 'kernel_initializer'],
  ...weighted,
];
const recurrent: Rename = [
  ['output_dim', 'units'],
  ['init', 'kernel_initializer'],
  ['inner_init', 'recurrent_initializer'],
  ['inner_activation', 'recurrent_activation'],
  ['W_regularizer', 'kernel_regularizer'],
  ['b_regularizer', 'bias_regularizer'],
  ['U_regularizer', 'recurrent_regularizer'],
  ['dropout_W', 'dropout'],
  ['dropout_U', 'recurrent_dropout'],
  ['consume_less', 'implementation'],
];
const dropout: Rename = [['p', 'rate']];

const renames: readonly (readonly [classes: RegExp, rename: Rename])[] = [
  [/^InputLayer$/, [['input_dtype', 'dtype']]],
  [/^Dense$/, [['output_dim', 'units'], ['init', 'kernel_initializer'], ...weighted]],
  [/^(SpatialDropout[123]D|Dropout|GaussianDropout)$/, [...dropout, ['dim_ordering', 'data_format']]],
  [/^GaussianNoise$/, [['sigma', 'stddev']]],
  [
    /^Embedding$/,
    [
      ['init', 'embeddings_initializer'],
      ['W_regularizer', 'embeddings_regularizer'],
      ['W_constraint', 'embeddings_constraint'],
    ],
  ],
  [
    /^(Max|Average)Pooling1D$/,
    [
      ['pool_length', 'pool_size'],
      ['stride', 'strides'],
      ['border_mode', 'padding'],
    ],
  ],
  [/^(Max|Average)Pooling[23]D$/, ordered],
  [/^Global(Max|Average)Pooling[23]D$/, [['dim_ordering', 'data_format']]],
  [/^UpSampling1D$/, [['length', 'size']]],
  [/^(UpSampling|ZeroPadding|Cropping)[23]D$/, [['dim_ordering', 'data_format']]],
  [/^PReLU$/, [['init', 'alpha_initializer']]],
  [/^(LSTM|GRU|SimpleRNN)$/, recurrent],
  [
    /^ConvLSTM2D$/,
    [
      ...recurrent.filter(([from]) => from !== 'output_dim'),
      ['nb_filter', 'filters'],
      ['subsample', 'strides'],
      ...ordered,
    ],
  ],
  [
    /^(Conv1D|LocallyConnected1D)$/,
    [
      ['nb_filter', 'filters'],
      ['filter_length', 'kernel_size'],
      ['subsample_length', 'strides'],
      ['border_mode', 'padding'],
      ['init', 'kernel_initializer'],
      ...weighted,
    ],
  ],
  [/^(Conv[23]D|Conv2DTranspose|LocallyConnected2D)$/, conv],
  [
    /^SeparableConv2D$/,
    [
      ['nb_filter', 'filters'],
      ['subsample', 'strides'],
      ...ordered,
      ['b_regularizer', 'bias_regularizer'],
      ['b_constraint', 'bias_constraint'],
      ['bias', 'use_bias'],
    ],
  ],
  [
    /^BatchNormalization$/,
    [
      ['beta_init', 'beta_initializer'],
      ['gamma_init', 'gamma_initializer'],
    ],
  ],
];

const dimOrdering: { readonly [name: string]: PyValue } = { tf: 'channels_last', th: 'channels_first', default: null };
const consumeLess: { readonly [name: string]: PyValue } = { cpu: 0, mem: 1, gpu: 2 };

/** The keywords with which the constructor proper is called. */
export function renameKeras1(className: string, config: PyDict): PyDict {
  const rename = renames.find(([classes]) => classes.test(className))?.[1];
  const isOld = rename?.some(([from]) => has(config, from)) || has(config, 'forget_bias_init') || has(config, 'mode');
  if (!isOld && !(className === 'Conv2DTranspose' && has(config, 'output_shape'))) return config;
  const renamed = preprocess(className, copyDict(config));
  for (const [from, to] of rename ?? []) {
    if (!has(renamed, from)) continue;
    const value = renamed[from]!;
    delete renamed[from];
    put(renamed, to, newValue(from, value));
  }
  return renamed;
}

function newValue(from: string, value: PyValue): PyValue {
  if (typeof value !== 'string') return value;
  const known = from === 'dim_ordering' ? dimOrdering : from === 'consume_less' ? consumeLess : null;
  return known && Object.hasOwn(known, value) ? known[value]! : value;
}

/** Arguments that two or three old ones make together. */
function preprocess(className: string, config: PyDict): PyDict {
  const join = (to: string, parts: readonly string[]) => {
    if (!parts.every(part => has(config, part))) return;
    config[to] = parts.map(part => config[part]!);
    for (const part of parts) delete config[part];
  };
  if (/^(LSTM|GRU|SimpleRNN|ConvLSTM2D)$/.test(className)) {
    if (config.forget_bias_init === 'one') config.unit_forget_bias = true;
    delete config.forget_bias_init;
  }
  if (/^(LSTM|GRU|SimpleRNN|Conv1D|LocallyConnected1D)$/.test(className) && has(config, 'input_dim')) {
    config.input_shape = [config.input_length ?? null, config.input_dim!];
    delete config.input_length;
    delete config.input_dim;
  }
  if (className === 'Conv2DTranspose') delete config.output_shape;
  if (className === 'BatchNormalization') delete config.mode;
  if (className === 'Embedding') delete config.dropout;
  if (className === 'SeparableConv2D' && has(config, 'init')) {
    config.depthwise_initializer = config.init!;
    config.pointwise_initializer = config.init!;
    delete config.init;
  }
  join('kernel_size', ['nb_row', 'nb_col']);
  join('kernel_size', ['kernel_dim1', 'kernel_dim2', 'kernel_dim3']);
  return config;
}
