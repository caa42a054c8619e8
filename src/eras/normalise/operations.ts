/**
 * Operations used as layers: `keras.ops` in Keras 3 (where names collide with layers: Add, Dot, Softmax), functions of
 * TensorFlow before. Zips name their module; an .h5 of Keras 3 does not, but a layer's config has `trainable` and an
 * operation's has not (keras/src/ops/operation.py: get_config).
 */

import type { JsonObject } from '../../model/types.ts';
import type { Era } from '../era.ts';
import { isKerasName, withoutPackage } from '../names.ts';
import { isRecord } from './values.ts';

const tensorflowOperations = new Set([
  'TFOpLambda',
  'SlicingOpLambda',
  'TensorFlowOpLayer',
  'ClassMethod',
  'InstanceMethod',
  'InstanceProperty',
]);

/** True for a serialised object that is an operation and no layer. */
export function isOperation(stored: JsonObject, era: Era): boolean {
  const className = typeof stored.class_name === 'string' ? stored.class_name : '';
  if (tensorflowOperations.has(className)) return true;
  if (era.line !== 'keras3') return false;
  if (typeof stored.module === 'string') return /^keras(\.src)?\.ops(\.|$)/.test(stored.module);
  // Only nodes of a graph are operations; they have the new form of inbound nodes.
  if (!Array.isArray(stored.inbound_nodes) || stored.inbound_nodes.length === 0) return false;
  const config = isRecord(stored.config) ? stored.config : {};
  if ('trainable' in config || 'dtype' in config || className.includes('>')) return false;
  return isKerasName('layer', withoutPackage(className)) || operationNames.has(className);
}

/** Classes of keras/src/ops that are no layers' names, over Keras 3.0 to 3.15. */
const operationNames: ReadonlySet<string> = new Set(
  (
    'Abs Absolute Angle All Any Amax Amin Append Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax ' +
    'Argmin Argpartition Argsort Array ArrayConv AssociativeScan Bartlett BatchNorm BatchNormalization Bincount ' +
    'BinaryCrossentropy BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor ' +
    'Blackman BroadcastTo CTCDecode CTCLoss Cast CategoricalCrossentropy Cbrt Ceil Celu Cholesky CholeskyInverse Clip ' +
    'Concatenate Cond Conj Conjugate Conv ConvTranspose ConvertToTensor Copy Corrcoef Correlate Cos Cosh CountNonzero ' +
    'Cross Cumprod Cumsum Deg2rad DepthwiseConv Det Diag Diagflat Diagonal Diff Digitize Divide DivideNoNan ' +
    'DotProductAttention DynamicSlice Eig Eigh Einsum Elu Equal Erf Erfinv Exp Exp2 ExpandDims Expm1 ExtractPatches ' +
    'ExtractSequences Eye FFT FFT2 Flip Floor FloorDivide ForiLoop FromDLPack Full FullLike Gcd Gelu GetItem Glu ' +
    'Greater GreaterEqual HSVToRGB Hamming Hanning HardShrink HardSigmoid HardSilu HardSwish HardTanh Heaviside ' +
    'Histogram Hypot IRFFT ISTFT Imag InTopK Inner Inv Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal Kaiser ' +
    'Kron Lcm Ldexp LeakyRelu Less LessEqual Linspace Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp Logaddexp2 ' +
    'Logdet LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Logsumexp LSTSQ LuFactor Map MapCoordinates Matmul Max ' +
    'MaxPool Mean Median Meshgrid Mish Mod Moments Moveaxis MultiHot NanToNum Ndim Negative Nonzero Norm Not NotEqual ' +
    'OneHot OnesLike Outer Pad PerspectiveTransform PolyHarmonic Pow Power Prod PSNR Qr Quantile RFFT RGBToGrayscale ' +
    'RGBToHSV Rad2deg Ravel Real Reciprocal Relu Relu6 Repeat Resize Roll Rot90 Round Rsqrt STFT ScaleAndTranslate ' +
    'Scan Scatter ScatterUpdate SearchSorted Select Selu SegmentMax SegmentSum SeparableConv Shape Sigmoid Sign Signbit ' +
    'Silu Sin Sinh Size Slice SliceUpdate Slogdet SoftShrink Softplus Softsign Solve SolveTriangular Sort ' +
    'SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Split Sqrt Square Squareplus Squeeze Stack Std ' +
    'StopGradient Sum SVD Swapaxes Switch Take TakeAlongAxis Tan Tanh TanhShrink Tensordot Threshold Tile TopK Trace ' +
    'Transpose Trapezoid Tri Tril Triu TrueDivide Trunc UnravelIndex Unstack Vander Var Vdot VectorizedMap Vectorize ' +
    'View Vstack Hstack WhileLoop Where ZerosLike AdaptiveAveragePool AdaptiveMaxPool AffineTransform AveragePool'
  ).split(' '),
);
