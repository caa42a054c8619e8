/**
 * Words of Keras 2, tf.keras and tf_keras under today's names. Where a key was not there yet, `absent` says what the
 * release meant by leaving it out; facts are from the tags named in semantics of each layer (first release in brackets).
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { isTfKeras } from '../era.ts';
import { zeroesMaskedSteps } from './behaviour.ts';
import type { ClassRule } from './rules.ts';
import { isRecord } from './values.ts';

/** TF 1 and 2 wrap the axis in a list of one. */
function plainAxis(config: JsonObject): JsonObject {
  const { axis } = config;
  return Array.isArray(axis) && axis.length === 1 ? { ...config, axis: axis[0] as Json } : config;
}

const batchNormalization: ClassRule = {
  to: 'BatchNormalization',
  drop: ['fused', 'virtual_batch_size'],
  adapt: plainAxis,
};

/** GRU's `reset_after` came in 2.1.5 and was False until TF 2 wrote it always. */
const gru: ClassRule = { drop: ['implementation'], absent: { reset_after: false } };
const lstm: ClassRule = { drop: ['implementation'] };

/** CuDNN computes what the plain layers do with these arguments; their weights are brought over as well. */
function cudnn(to: string, absent: JsonObject): ClassRule {
  const fixed = { activation: 'tanh', recurrent_activation: 'sigmoid', use_bias: true };
  return { to, absent: { ...fixed, ...absent } };
}

/** TF 2.3 to 2.5 (experimental): other words for modes and sizes. */
const encodingModes = { binary: 'multi_hot', 'tf-idf': 'tf_idf' };

/** Until TF 2.6 lookups kept a slot for masked values unless told not to. */
function oldLookup(maskToken: Json): NonNullable<ClassRule['adapt']> {
  return (config, { era }) => (isTfKeras(era, '0', '2.6') ? { mask_token: maskToken, ...config } : config);
}

/** 0xDECAFCAFFE: what TF 2.3 to 2.7 write where no salt was given, and hash without one. */
const usualSalt = 956888297470;

const withoutUsualSalt: NonNullable<ClassRule['adapt']> = (config, { era }) => {
  const { salt } = config;
  const usual = Array.isArray(salt) && salt.length === 2 && salt.every(part => Number(part) === usualSalt);
  return usual && isTfKeras(era, '0', '2.8') ? { ...config, salt: null } : config;
};

const rules: Readonly<Record<string, ClassRule>> = {
  InputLayer: { rename: { batch_input_shape: 'batch_shape', input_dtype: 'dtype' } },
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  SyncBatchNormalization: {
    ...batchNormalization,
    adapt: config => ({ ...plainAxis(config), synchronized: true }),
  },
  LeakyReLU: { rename: { alpha: 'negative_slope' } },
  Bidirectional: { adapt: (config, context) => zeroMaskedSteps(config, context) },
  Embedding: { drop: ['input_length', 'activity_regularizer'] },
  LSTM: lstm,
  CuDNNLSTM: cudnn('LSTM', {}),
  CuDNNGRU: cudnn('GRU', { reset_after: true }),
  LSTMV2: { ...lstm, to: 'LSTM' },
  UnifiedLSTM: { ...lstm, to: 'LSTM' },
  LSTMCell: lstm,
  GRU: gru,
  GRUV2: { ...gru, to: 'GRU' },
  UnifiedGRU: { ...gru, to: 'GRU' },
  GRUCell: gru,
  SimpleRNN: lstm,
  ConvLSTM2D: lstm,
  DepthwiseConv2D: { drop: ['filters', 'groups', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint'] },
  DepthwiseConv1D: { drop: ['filters', 'groups', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint'] },
  SeparableConv1D: { drop: ['groups', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint'] },
  SeparableConv2D: { drop: ['groups', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint'] },
  Conv1DTranspose: { drop: ['groups'] },
  Conv2DTranspose: { drop: ['groups'] },
  Conv3DTranspose: { drop: ['groups'] },
  CategoryEncoding: { rename: { max_tokens: 'num_tokens' }, words: { output_mode: encodingModes } },
  StringLookup: {
    rename: { max_values: 'max_tokens' },
    words: { output_mode: encodingModes },
    adapt: oldLookup(''),
  },
  IntegerLookup: {
    rename: { max_values: 'max_tokens', mask_value: 'mask_token', oov_value: 'oov_token' },
    words: { output_mode: encodingModes },
    adapt: oldLookup(0),
  },
  TextVectorization: { words: { output_mode: encodingModes } },
  Discretization: { rename: { bins: 'bin_boundaries' } },
  Hashing: { adapt: withoutUsualSalt },
};

/** tf.keras gives zeros at masked steps of what Bidirectional wraps, and does not write that it does. */
const zeroMaskedSteps: NonNullable<ClassRule['adapt']> = (config, { era, means }) => {
  if (!zeroesMaskedSteps(means ?? era)) return config;
  const inner = ['layer', 'forward_layer', 'backward_layer'].filter(key => isRecord(config[key]));
  const zeroed = inner.map(key => {
    const layer = config[key] as JsonObject;
    const given = isRecord(layer.config) ? layer.config : {};
    return [key, { ...layer, config: { ...given, zero_output_for_mask: true } }] as const;
  });
  return { ...config, ...Object.fromEntries(zeroed) };
};

const none: ClassRule = {};

/** The rule for a class of Keras 2, tf.keras or tf_keras. */
export function keras2Rule(className: string): ClassRule {
  return rules[className] ?? none;
}
