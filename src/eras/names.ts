/** Which names are Keras's own, whatever the release: everything else in a config is the user's. */

import { kerasNameLists } from './keras-names.ts';

export type KerasKind = keyof typeof kerasNameLists;

/** Classes that configs name and no namespace exports. */
const unexported: Partial<Record<KerasKind, readonly string[]>> = {
  layer: [
    'Functional',
    'Model',
    'Network',
    'Sequential',
    'Merge',
    'TFOpLambda',
    'SlicingOpLambda',
    'TensorFlowOpLayer',
    'ClassMethod',
    'InstanceMethod',
    'InstanceProperty',
    'GroupQueryAttention',
    'GroupedQueryAttention',
    'UnifiedLSTM',
    'UnifiedGRU',
    'LSTMV2',
    'GRUV2',
    'BatchNormalizationV2',
    'StackedRNNCells',
  ],
  activation: ['log_softmax_v2', 'softmax_v2', 'gelu_v2', 'leaky_relu_v2', 'identity', 'exp'],
  metric: ['accuracy', 'acc', 'crossentropy', 'ce', 'SumOverBatchSize', 'SumOverBatchSizeMetricWrapper'],
  initializer: [
    'GlorotUniformV2',
    'GlorotNormalV2',
    'HeUniformV2',
    'HeNormalV2',
    'LecunUniformV2',
    'LecunNormalV2',
    'ZerosV2',
    'OnesV2',
    'ConstantV2',
    'RandomNormalV2',
    'RandomUniformV2',
    'TruncatedNormalV2',
    'VarianceScalingV2',
    'OrthogonalV2',
    'IdentityV2',
    'WrappedInitializer',
  ],
  optimizer: ['LossScaleOptimizerV1', 'LossScaleOptimizerV3', 'TFOptimizer', 'LossScaleOptimizer'],
  regularizer: ['L1L2Regularizer'],
};

const sets = Object.fromEntries(
  Object.entries(kerasNameLists).map(([kind, names]) => [
    kind,
    new Set([...names.split(' '), ...(unexported[kind as KerasKind] ?? [])]),
  ]),
) as unknown as Record<KerasKind, ReadonlySet<string>>;

/** True where some release of Keras knows the name as that kind. Packages (`keras.layers>Dense`) are not expected here. */
export function isKerasName(kind: KerasKind, name: string): boolean {
  return sets[kind].has(name);
}

/**
 * True for modules of Keras and TensorFlow themselves, as `module` in configs of TF 2.13 and Keras 3 names them.
 * `builtins` says nothing: functions of the user's stand there too.
 */
export function isKerasModule(module: string): boolean {
  return /^(keras|tf_keras|tensorflow\.(python\.)?keras|tensorflow)(\.|$)/.test(module);
}

/** `package>Name` → `Name`. */
export function withoutPackage(name: string): string {
  return name.slice(name.lastIndexOf('>') + 1);
}
