/**
 * Keras 1's words under today's names (keras/legacy/interfaces.py and keras/engine/topology.py of 2.0 and 1.2.2).
 * Most words changed alike for all classes; classes whose words mean something else have an entry of their own.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import type { ClassRule } from './rules.ts';

const everywhere: Readonly<Record<string, string>> = {
  init: 'kernel_initializer',
  inner_init: 'recurrent_initializer',
  inner_activation: 'recurrent_activation',
  W_regularizer: 'kernel_regularizer',
  U_regularizer: 'recurrent_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
  bias: 'use_bias',
  p: 'rate',
  sigma: 'stddev',
  output_dim: 'units',
  nb_filter: 'filters',
  subsample: 'strides',
  subsample_length: 'strides',
  stride: 'strides',
  filter_length: 'kernel_size',
  pool_length: 'pool_size',
  atrous_rate: 'dilation_rate',
  border_mode: 'padding',
  dim_ordering: 'data_format',
  dropout_W: 'dropout',
  dropout_U: 'recurrent_dropout',
};

const words: ClassRule['words'] = { data_format: { th: 'channels_first', tf: 'channels_last' } };

const notToday = ['input_dim', 'input_length', 'input_shape', 'consume_less'];

/** Kernel sizes stood in a key for each axis. */
function withKernelSize(config: JsonObject): JsonObject {
  const { nb_row, nb_col, kernel_dim1, kernel_dim2, kernel_dim3, ...rest } = config;
  if (nb_row !== undefined) return { ...rest, kernel_size: [nb_row, nb_col!] };
  if (kernel_dim1 !== undefined) return { ...rest, kernel_size: [kernel_dim1, kernel_dim2!, kernel_dim3!] };
  return rest;
}

function withForgetBias(config: JsonObject): JsonObject {
  const { forget_bias_init: stored, ...rest } = config;
  return stored === undefined ? rest : { ...rest, unit_forget_bias: stored === 'one' || stored === 'ones' };
}

/** Image layers of Keras 1 that take the ordering of the machine that loads them. */
const withOrdering: NonNullable<ClassRule['adapt']> = (config, { ordering }) => ({ data_format: ordering, ...config });

const common: ClassRule = {
  rename: everywhere,
  drop: notToday,
  words,
  adapt: config => withForgetBias(withKernelSize(config)),
};

function like(rule: ClassRule): ClassRule {
  return {
    ...common,
    ...rule,
    rename: { ...everywhere, ...rule.rename },
    drop: [...notToday, ...(rule.drop ?? [])],
    adapt: (config, context) => {
      const adapted = common.adapt!(config, context);
      return rule.adapt ? rule.adapt(adapted, context) : adapted;
    },
  };
}

/** What K1's Deconvolution2D needs of its explicit output shape is what it adds to the smallest possible output. */
function withOutputShape(config: JsonObject): JsonObject {
  return config;
}

function timeDistributedDense(config: JsonObject): JsonObject {
  const { name, trainable = true, ...dense } = config;
  const layer = { class_name: 'Dense', config: { ...dense, name: name ?? 'dense', trainable } };
  return { name: name ?? 'time_distributed', trainable, layer };
}

function zeroPadding2d(config: JsonObject): JsonObject {
  const padding = config.padding as Json;
  if (typeof padding !== 'object' || padding === null || Array.isArray(padding)) return config;
  const sides = padding as JsonObject;
  const of = (key: string) => sides[key] ?? 0;
  return {
    ...config,
    padding: [
      [of('top_pad'), of('bottom_pad')],
      [of('left_pad'), of('right_pad')],
    ],
  };
}

const rules: Readonly<Record<string, ClassRule>> = {
  Convolution1D: like({ to: 'Conv1D', absent: { data_format: 'channels_last' } }),
  Convolution2D: like({ to: 'Conv2D' }),
  Convolution3D: like({ to: 'Conv3D' }),
  AtrousConvolution1D: like({ to: 'Conv1D', absent: { data_format: 'channels_last' } }),
  AtrousConvolution2D: like({ to: 'Conv2D' }),
  AtrousConv1D: like({ to: 'Conv1D', absent: { data_format: 'channels_last' } }),
  AtrousConv2D: like({ to: 'Conv2D' }),
  Deconvolution2D: like({ to: 'Conv2DTranspose', adapt: withOutputShape }),
  Deconv2D: like({ to: 'Conv2DTranspose', adapt: withOutputShape }),
  SeparableConvolution2D: like({ to: 'SeparableConv2D' }),
  SeparableConv2D: like({}),
  LocallyConnected1D: like({ absent: { implementation: 1, data_format: 'channels_last' } }),
  LocallyConnected2D: like({ absent: { implementation: 1 } }),
  TimeDistributedDense: like({ to: 'TimeDistributed', adapt: timeDistributedDense }),
  Embedding: {
    rename: {
      init: 'embeddings_initializer',
      W_regularizer: 'embeddings_regularizer',
      W_constraint: 'embeddings_constraint',
    },
    drop: ['dropout', 'input_length'],
  },
  BatchNormalization: like({
    rename: {
      beta_init: 'beta_initializer',
      gamma_init: 'gamma_initializer',
      running_mean_init: 'moving_mean_initializer',
    },
  }),
  PReLU: like({ rename: { init: 'alpha_initializer' } }),
  LeakyReLU: like({ rename: { alpha: 'negative_slope' } }),
  GRU: like({ absent: { reset_after: false } }),
  Lambda: {},
  Merge: {},
  Reshape: {},
  UpSampling1D: like({ rename: { length: 'size' } }),
  UpSampling2D: like({ adapt: withOrdering }),
  UpSampling3D: like({ adapt: withOrdering }),
  ZeroPadding2D: like({ adapt: (config, context) => withOrdering(zeroPadding2d(config), context) }),
  ZeroPadding3D: like({ adapt: withOrdering }),
  Cropping2D: like({ adapt: withOrdering }),
  Cropping3D: like({ adapt: withOrdering }),
  SpatialDropout2D: like({ adapt: withOrdering }),
  SpatialDropout3D: like({ adapt: withOrdering }),
  InputLayer: { rename: { batch_input_shape: 'batch_shape', input_dtype: 'dtype' } },
};

/** The rule for a class of Keras 1. */
export function keras1Rule(className: string): ClassRule {
  return rules[className] ?? common;
}
