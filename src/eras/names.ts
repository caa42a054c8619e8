/** Which names are Keras's own, by kind and release: everything else in a config is the user's. */

import type { Line } from '../model/types.ts';
import type { Era } from './era.ts';
import { kerasNameRows } from './keras-names.ts';
import { compareVersions } from './versions.ts';

export type KerasKind =
  | 'layer'
  | 'activation'
  | 'loss'
  | 'metric'
  | 'optimizer'
  | 'schedule'
  | 'regularizer'
  | 'initializer'
  | 'constraint';

/** Classes and functions that configs name and no namespace exports. */
const unexported: readonly (readonly [kind: KerasKind, lines: string, names: string])[] = [
  ['layer', 'keras1 keras2 tf.keras tf_keras keras3', 'Model Sequential'],
  ['layer', 'tf.keras tf_keras keras3', 'Functional StackedRNNCells TFSMLayer'],
  ['layer', 'keras1 keras2', 'Merge Container Graph'],
  // DepthwiseConv2D lay in keras.applications before it was exported (2.1.5).
  ['layer', 'keras2', 'StackedRNNCells Network DepthwiseConv2D'],
  ['layer', 'keras3', 'GroupQueryAttention GroupedQueryAttention'],
  [
    'layer',
    'tf.keras tf_keras',
    'Network TFOpLambda SlicingOpLambda TensorFlowOpLayer ClassMethod InstanceMethod InstanceProperty UnifiedLSTM ' +
      'UnifiedGRU LSTMV1 LSTMV2 GRUV1 GRUV2 LSTMCellV2 GRUCellV2 BatchNormalizationV1 BatchNormalizationV2 ' +
      'SyncBatchNormalization CuDNNLSTM CuDNNGRU ModuleWrapper Normalization Rescaling Resizing CenterCrop',
  ],
  ['activation', 'tf.keras tf_keras', 'log_softmax_v2 softmax_v2 gelu_v2 leaky_relu_v2 log_softmax silu identity'],
  ['metric', 'keras1 keras2 tf.keras tf_keras keras3', 'accuracy acc crossentropy ce'],
  ['metric', 'tf.keras tf_keras', 'MeanMetricWrapper SumOverBatchSize SumOverBatchSizeMetricWrapper'],
  [
    'initializer',
    'tf.keras tf_keras',
    'GlorotUniformV2 GlorotNormalV2 HeUniformV2 HeNormalV2 LecunUniformV2 LecunNormalV2 ZerosV2 OnesV2 ConstantV2 ' +
      'RandomNormalV2 RandomUniformV2 TruncatedNormalV2 VarianceScalingV2 OrthogonalV2 IdentityV2 OrthogonalInitializer',
  ],
  ['optimizer', 'tf.keras tf_keras', 'LossScaleOptimizer LossScaleOptimizerV1 LossScaleOptimizerV3 TFOptimizer'],
  ['optimizer', 'keras2', 'TFOptimizer'],
  ['optimizer', 'keras3', 'LossScaleOptimizer'],
];

/** The version after which a line knows a name; empty for all its versions. */
type Since = ReadonlyMap<Line, string>;

const known = new Map<string, Map<Line, string>>();
for (const [kind, lines, names] of [...unexported, ...kerasNameRows]) {
  for (const name of names.split(' ')) {
    const since = known.get(`${kind} ${name}`) ?? new Map<Line, string>();
    for (const word of lines.split(' ')) {
      const [line, after = ''] = word.split('>') as [Line, string?];
      if (since.get(line) !== '') since.set(line, after);
    }
    known.set(`${kind} ${name}`, since);
  }
}

/** True where any release of any line knows the name as that kind. */
export function isKerasName(kind: KerasKind, name: string): boolean {
  return known.has(`${kind} ${name}`);
}

/** True where the release of that era knows the name as that kind, without custom objects. */
export function isKnownIn(era: Era, kind: KerasKind, name: string): boolean {
  const since: Since | undefined = known.get(`${kind} ${name}`);
  const after = since?.get(era.line);
  return after !== undefined && (after === '' || compareVersions(era.keras, after) > 0);
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

/**
 * True for `package>Name` of a package that is not Keras's. `Custom` is the package of who names none, some of Keras's
 * own classes among them (`Custom>Adam` of TensorFlow 2.11).
 */
export function isInOwnPackage(name: string): boolean {
  const at = name.lastIndexOf('>');
  return at > 0 && !/^(Custom|keras.*|tf[._]keras.*)$/i.test(name.slice(0, at));
}
