/**
 * Config keys of ours for behaviour that Keras decided by its version and did not write into the file. Readers set
 * them when they bring an artefact's dialect to today's names; definitions read them. Left out, Keras 3's newest
 * behaviour holds.
 */

export interface EraKey {
  /** snake_case key in the normalised config. */
  readonly key: string;
  readonly meaning: string;
  /** What a reader decides the value by. */
  readonly decideBy: string;
}

/** Activation names of ours for functions that changed under one name. Wherever an activation may stand. */
export const eraActivations = {
  /** clip(0.2 x + 0.5, 0, 1) of Keras 1, Keras 2 and tf.keras; `hard_sigmoid` is Keras 3's relu6(x + 3) / 6. */
  hardSigmoid: 'hard_sigmoid_keras2',
} as const;

const mergeMask: EraKey = {
  key: 'mask_rule',
  meaning:
    '"and": all masks together, those missing left out; "none": no mask goes on; "or" (default): none where one is missing, else any of them, and masked values count for nothing in products and extremes',
  decideBy: '"and" before Keras 3; "none" in Keras 3.0 to 3.3, which lose masks of lists; nothing from 3.4 on',
};

const maskedOutput: EraKey = {
  key: 'masked_output',
  meaning: '"state": at a masked step the output is the first state; "previous" (default): the output before',
  decideBy: '"state" in Keras 1 and Keras 2 (not tf.keras)',
};

const maskBesideStates: EraKey = {
  key: 'mask_rule',
  meaning:
    '"always": a mask that came with the input counts whatever else is in the call; "alone" (default): only where no states are given with it',
  decideBy: '"always" before Keras 3',
};

const attentionMask: EraKey = {
  key: 'mask_rule',
  meaning:
    '"add": a query whose keys are all masked gives the mean of the values; "zero" (default): and 0 where scores are computed',
  decideBy: '"add" before Keras 3.10',
};

const valueMask: EraKey = {
  key: 'value_mask',
  meaning:
    '"as_is": without a causal mask, (B, S) stands against (B, T, S) as NumPy broadcasts it; "per_sample" (default)',
  decideBy: '"as_is" in Keras 3.0 to 3.11',
};

const squeezeOneHot: EraKey = {
  key: 'squeeze_one_hot',
  meaning: 'false: one-hot vectors of (B, 1) are (B, 1, depth) and not (B, depth)',
  decideBy: 'Keras 3.0 to 3.3',
};

const encodedDtype: EraKey = {
  key: 'encoded_dtype',
  meaning: '"policy": one-hot, multi-hot and counts have the dtype of the layer\'s policy; "int64" (default)',
  decideBy: '"policy" in tf.keras',
};

/** By class name. Layers of one family share an entry. */
export const eraKeys: Readonly<Record<string, readonly EraKey[]>> = {
  Add: [mergeMask],
  Subtract: [mergeMask],
  Multiply: [mergeMask],
  Average: [mergeMask],
  Maximum: [mergeMask],
  Minimum: [mergeMask],
  Concatenate: [
    {
      key: 'mask_rule',
      meaning:
        '"all": a step is kept where every input keeps it; "none": no mask goes on; "any" (default): where one does',
      decideBy: '"all" before Keras 3; "none" in Keras 3.0 to 3.3',
    },
  ],
  Lambda: [
    {
      key: 'made_by',
      meaning: 'the Keras whose functions the stored code calls: {"line", "keras", "backend"}',
      decideBy: 'what the artefact says of who wrote it',
    },
  ],
  UpSampling2D: [
    {
      key: 'interpolation',
      meaning: '"bilinear_legacy": TensorFlow 1 resizing, source = index · in / out, without half pixels',
      decideBy: '"bilinear" written by Keras 2 (not tf.keras), or by tf.keras of TF 1.13 (2.1.6-tf)',
    },
  ],
  Resizing: [
    {
      key: 'result_dtype',
      meaning:
        '"input" (default): rounded and cast back to what came in; "float": as interpolation leaves it, float32 but for nearest; "compute": the compute dtype',
      decideBy: '"compute" in tf.keras; "float" in Keras 3.0 to 3.5; nothing from 3.6 on',
    },
  ],
  BatchNormalization: [
    {
      key: 'mode',
      meaning: '0 (default): moving statistics; 1: statistics of each sample; 2: statistics of the batch',
      decideBy: 'the key `mode` that Keras 1 writes',
    },
  ],
  Softmax: [
    {
      key: 'mask_rule',
      meaning:
        '"none": a mask changes nothing; "add": masked scores get a large negative number; "zero" (default): and their shares become 0',
      decideBy: '"add" before Keras 3.7; it tells only where every score is hidden',
    },
  ],
  GlobalAveragePooling1D: [
    {
      key: 'ignore_mask',
      meaning: 'true: the mean is over all steps though a mask came',
      decideBy: 'Keras 2 before 2.2.3, and Keras 1',
    },
  ],
  Conv1D: [
    {
      key: 'padding',
      meaning:
        '"half": (effective kernel - 1) / 2 on both sides, then strides, as Theano pads "same". Conv2D, Conv3D and the pooling layers alike',
      decideBy: '"same" saved on the Theano backend',
    },
  ],
  ...Object.fromEntries(
    ['SimpleRNN', 'LSTM', 'GRU', 'RNN', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D', 'ConvRNN2D'].map(name => [
      name,
      [maskedOutput, maskBesideStates],
    ]),
  ),
  Bidirectional: [maskBesideStates],
  TimeDistributed: [
    {
      key: 'mask_rule',
      meaning: '"layer": the layer inside says what becomes of masks; "pass" (default): they go on as they are',
      decideBy: '"layer" before Keras 3',
    },
  ],
  MultiHeadAttention: [
    attentionMask,
    {
      key: 'automatic_masks',
      meaning: 'false: masks of query, value and key do not count, and none goes on',
      decideBy: 'tf.keras before 2.10',
    },
  ],
  GroupedQueryAttention: [attentionMask],
  Attention: [valueMask],
  AdditiveAttention: [valueMask],
  CategoryEncoding: [
    squeezeOneHot,
    {
      key: 'lone_samples',
      meaning: 'true: an input of one axis holds one number for each sample',
      decideBy: 'tf.keras before 2.6',
    },
  ],
  StringLookup: [encodedDtype],
  IntegerLookup: [encodedDtype],
  TextVectorization: [encodedDtype],
  Discretization: [
    squeezeOneHot,
    {
      key: 'truncate_input',
      meaning: 'true: in a layer of a whole dtype, numbers lose their fraction before they are put into bins',
      decideBy: 'true in Keras 3, which casts inputs to the dtype of the layer',
    },
  ],
  RandomCrop: [
    {
      key: 'inference',
      meaning:
        '"crop_and_resize": the largest window of the target\'s proportions, resized; "resize_and_crop": resized until one side fits, then cut; "unchanged" (default)',
      decideBy: '"resize_and_crop" in TF 2.3 to 2.7, "crop_and_resize" in TF 2.8 to 2.15 and Keras 3.0 to 3.7',
    },
  ],
};
