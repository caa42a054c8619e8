/**
 * Operations that graphs hold beside what a model computes: for saving, initialising, training, logging. They are known and never
 * run; a result that needs one says what it is for. Which they are: tensorflow/core/ops of 1.15 and 2.19.
 */

import { type Lowering, type LoweringTable, unsupported } from '../define.ts';

interface Purpose {
  readonly title: string;
  /** Goes on after the operation's name. */
  readonly why: string;
  readonly ops: readonly string[];
}

/** By what they are for, in the order of the reference page. */
export const purposes: readonly Purpose[] = [
  {
    title: 'Saving and restoring',
    why: 'reads or writes files of a checkpoint; its variables are read without it',
    ops: [
      'MergeV2Checkpoints',
      'Restore',
      'RestoreSlice',
      'RestoreV2',
      'Save',
      'SaveSlices',
      'SaveV2',
      'ShardedFilename',
      'ShardedFilespec',
    ],
  },
  {
    title: 'Initialising',
    why: 'sets what a variable holds at first; what was saved is used in its place',
    ops: ['Assign', 'DestroyResourceOp', 'DestroyTemporaryVariable', 'TemporaryVariable'],
  },
  {
    title: 'Random numbers',
    why: 'draws random numbers, so that no two runs would agree',
    ops: [
      'Multinomial',
      'ParameterizedTruncatedNormal',
      'RandomGamma',
      'RandomPoissonV2',
      'RandomShuffle',
      'RandomStandardNormal',
      'RandomUniform',
      'RandomUniformInt',
      'RngReadAndSkip',
      'RngSkip',
      'StatefulStandardNormalV2',
      'StatefulTruncatedNormal',
      'StatefulUniform',
      'StatefulUniformFullInt',
      'StatefulUniformInt',
      'StatelessMultinomial',
      'StatelessRandomGetAlg',
      'StatelessRandomGetKeyCounter',
      'StatelessRandomNormal',
      'StatelessRandomNormalV2',
      'StatelessRandomUniform',
      'StatelessRandomUniformInt',
      'StatelessRandomUniformIntV2',
      'StatelessRandomUniformV2',
      'StatelessTruncatedNormal',
      'StatelessTruncatedNormalV2',
      'TruncatedNormal',
    ],
  },
  {
    title: 'Training',
    why: 'belongs to training',
    ops: [
      'ApplyAdadelta',
      'ApplyAdagrad',
      'ApplyAdam',
      'ApplyFtrl',
      'ApplyGradientDescent',
      'ApplyMomentum',
      'ApplyRMSProp',
      'AvgPoolGrad',
      'BiasAddGrad',
      'BroadcastGradientArgs',
      'Conv2DBackpropFilter',
      'EluGrad',
      'FusedBatchNormGradV3',
      'MaxPoolGrad',
      'ReluGrad',
      'ResourceApplyAdadelta',
      'ResourceApplyAdagrad',
      'ResourceApplyAdam',
      'ResourceApplyAdamWithAmsgrad',
      'ResourceApplyAdaMax',
      'ResourceApplyFtrl',
      'ResourceApplyGradientDescent',
      'ResourceApplyKerasMomentum',
      'ResourceApplyMomentum',
      'ResourceApplyRMSProp',
      'ResourceSparseApplyAdagrad',
      'ScatterAdd',
      'ScatterUpdate',
      'SeluGrad',
      'SigmoidGrad',
      'SoftplusGrad',
      'TanhGrad',
    ],
  },
  {
    title: 'Records of training data',
    why: 'takes records of training data apart (tf.train.Example); call a signature that takes tensors, where there is one',
    ops: [
      'DecodeProtoV2',
      'DecodeRaw',
      'ParseExample',
      'ParseExampleV2',
      'ParseSequenceExample',
      'ParseSequenceExampleV2',
      'ParseSingleExample',
      'ParseSingleSequenceExample',
      'ParseTensor',
    ],
  },
  {
    title: 'Pictures in files',
    why: 'decodes files of pictures or sound; give the numbers that it makes of them, to a signature that takes tensors',
    ops: ['DecodeBmp', 'DecodeGif', 'DecodeImage', 'DecodeJpeg', 'DecodePng', 'DecodeWav', 'EncodeJpeg', 'EncodePng'],
  },
  {
    title: 'Programs of other compilers',
    why: "holds a program compiled for XLA or a TPU, as exports of other backends do, not TensorFlow's own operations",
    ops: ['TPUPartitionedCall', 'TPUReplicate', 'XlaCallModule', 'XlaLaunch', '_TPUCompile'],
  },
  {
    title: 'Logs and files',
    why: 'touches files or logs of the machine that it runs on',
    ops: [
      'AudioSummaryV2',
      'HistogramSummary',
      'ImageSummary',
      'MatchingFiles',
      'MergeSummary',
      'ReadFile',
      'ScalarSummary',
      'TensorSummaryV2',
      'WriteFile',
      'WriteScalarSummary',
      'WriteSummary',
    ],
  },
  {
    title: "The author's own Python",
    why: "calls Python code of the author's machine, which the artefact does not hold",
    ops: ['EagerPyFunc', 'PyFunc', 'PyFuncStateless'],
  },
];

const refusal =
  (why: string): Lowering =>
  node => {
    throw unsupported(node.where, `TensorFlow's operation ${node.op} ${why}`);
  };

/** Each with a lowering that refuses, saying why. */
export const aside: LoweringTable = Object.fromEntries(
  purposes.flatMap(({ ops, why }) => ops.map(op => [op, refusal(why)] as const)),
);
