/**
 * What Keras decided by its version and did not write: set here as the keys of `layers/era-keys.ts`, so that a
 * definition computes what the release computed. Each entry decides by era alone; the config comes already renamed.
 */

import type { JsonObject } from '../../model/types.ts';
import { type Era, isKeras2, isKeras3, isTfKeras } from '../era.ts';
import { isRecord } from './values.ts';

type Behaviour = (era: Era, config: JsonObject) => JsonObject;

const nothing: JsonObject = {};

/** Before Keras 3: masks together, missing ones left out; 3.0 to 3.3: none, for lists lose theirs; later nothing to say. */
const mergeMask: Behaviour = era => {
  if (!isKeras3(era)) return { mask_rule: 'and' };
  return isKeras3(era, '3.0', '3.4') ? { mask_rule: 'none' } : nothing;
};

/** Theano pads "same" by half a kernel on both sides, whatever the stride. */
const theanoPadding: Behaviour = (era, config) =>
  era.backend === 'theano' && config.padding === 'same' && !padsAlike(config) ? { padding: 'half' } : nothing;

/** Odd windows moved by one are padded alike by everyone. */
export function padsAlike(config: JsonObject): boolean {
  const sizes = [config.kernel_size ?? config.pool_size ?? null].flat();
  const steps = [config.strides ?? 1].flat();
  return sizes.every(size => typeof size === 'number' && size % 2 === 1) && steps.every(step => step === 1);
}

/** TF 1 resized without half pixels, and Keras 2 called that; tf.keras moved over after 1.13. */
function resizesAsTensorflow1(era: Era): boolean {
  return era.line === 'keras1' || isKeras2(era) || isTfKeras(era, '2.1', '2.2');
}

/** K.rnn of standalone Keras takes the first state for the output before, except where the loop is unrolled. */
const maskedOutput: Behaviour = (era, config) =>
  (era.line === 'keras1' || isKeras2(era)) && config.unroll !== true ? { masked_output: 'state' } : nothing;

/** Keras 3 gives a mask to calls on one tensor only; before, first states in the call did not matter. */
const maskBesideStates: Behaviour = era => (isKeras3(era) ? nothing : { mask_rule: 'always' });

const recurrent: Behaviour = (era, config) => ({ ...maskedOutput(era, config), ...maskBesideStates(era, config) });

/** Softmax and what computes with it leave rows whose scores are all masked alike, until 3.10 emptied them. */
const attentionMask: Behaviour = era => (isKeras3(era, '3.10') ? nothing : { mask_rule: 'add' });

const valueMask: Behaviour = era => (isKeras3(era, '3.0', '3.12') ? { value_mask: 'as_is' } : nothing);

const encoding: Behaviour = (era, { output_mode: mode }) =>
  isKeras3(era, '3.0', '3.4') && mode === 'one_hot' ? { squeeze_one_hot: false } : nothing;

const lookup: Behaviour = era => (isTfKeras(era) ? { encoded_dtype: 'policy' } : nothing);

const behaviours: Readonly<Record<string, Behaviour>> = {
  ...Object.fromEntries(
    ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum'].map(name => [name, mergeMask]),
  ),
  ...Object.fromEntries(
    ['SimpleRNN', 'LSTM', 'GRU', 'RNN', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D', 'ConvRNN2D'].map(name => [
      name,
      recurrent,
    ]),
  ),
  Bidirectional: maskBesideStates,
  TimeDistributed: era => (isKeras3(era) ? nothing : { mask_rule: 'layer' }),
  // It took no mask before TF 2.4, which wrote attention with it.
  Softmax: era => (isTfKeras(era, '2.4') || isKeras3(era) ? attentionMask(era, nothing) : { mask_rule: 'none' }),
  MultiHeadAttention: (era, config) => ({
    ...attentionMask(era, config),
    ...(isTfKeras(era, '0', '2.10') && { automatic_masks: false }),
  }),
  GroupedQueryAttention: attentionMask,
  Attention: valueMask,
  RandomCrop: era => {
    if (isKeras3(era, '3.8')) return nothing;
    return { inference: isTfKeras(era, '0', '2.8') ? 'resize_and_crop' : 'crop_and_resize' };
  },
  StringLookup: lookup,
  IntegerLookup: lookup,
  TextVectorization: lookup,
  CategoryEncoding: (era, config) => ({
    ...encoding(era, config),
    ...(isTfKeras(era, '0', '2.6') && { lone_samples: true }),
  }),
  Discretization: (era, config) => ({
    ...encoding(era, config),
    ...(isKeras3(era) && hasWholeDtype(config) && { truncate_input: true }),
  }),
  AdditiveAttention: valueMask,
  Lambda: ({ line, keras, backend }) => ({ made_by: { line, keras, backend } }),
  Concatenate: era => {
    if (isKeras3(era, '3.4')) return nothing;
    return { mask_rule: isKeras3(era) ? 'none' : 'all' };
  },
  UpSampling2D: (era, config) =>
    config.interpolation === 'bilinear' && resizesAsTensorflow1(era) ? { interpolation: 'bilinear_legacy' } : nothing,
  GlobalAveragePooling1D: era =>
    era.line === 'keras1' || isKeras2(era, '2.0', '2.2.3') ? { ignore_mask: true } : nothing,
  ...Object.fromEntries(
    [
      ...['Conv1D', 'Conv2D', 'Conv3D'],
      ...['MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D', 'AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D'],
    ].map(name => [name, theanoPadding]),
  ),
};

/** Keras 3 up to 3.11 chooses int64 where bins are numbered; from 3.12 on only what is asked for is whole. */
function hasWholeDtype({ dtype }: JsonObject): boolean {
  const name = isRecord(dtype) && isRecord(dtype.config) ? dtype.config.name : dtype;
  return typeof name === 'string' && /^u?int/.test(name);
}

/** The keys that the era adds to a layer's config; they go over what the config says. */
export function eraBehaviour(className: string, config: JsonObject, era: Era): JsonObject {
  return behaviours[className]?.(era, config) ?? nothing;
}

/**
 * True where Bidirectional gives zeros at masked steps of a sequence though its config does not say so: tf.keras and
 * Keras 3 set `zero_output_for_mask` on their inner layers as they wrap them (and Keras 3 writes it), Keras 2 has no
 * such thing.
 */
export function zeroesMaskedSteps(era: Era): boolean {
  return isTfKeras(era) || isKeras3(era);
}
