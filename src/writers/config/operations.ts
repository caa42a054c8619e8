/** Modules of Keras 3 in which operations used as layers are defined; `.keras` files name them. */

/** Operations outside `keras.src.ops.numpy`, by module (keras/src/ops of 3.0 to 3.15). */
const modules: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'keras.src.ops.nn':
      'AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss ' +
      'CategoricalCrossentropy Celu Conv ConvTranspose DepthwiseConv DotProductAttention Elu Gelu Glu HardShrink ' +
      'HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot Normalize ' +
      'OneHot PSNR Polar RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus Softsign ' +
      'SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink Threshold Unfold',
    'keras.src.ops.math':
      'ERF Erf Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt STFT SegmentMax ' +
      'SegmentSum TopK',
    'keras.src.ops.image':
      'AffineTransform CropImages ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages PerspectiveTransform ' +
      'RGBToGrayscale RGBToHSV Resize ScaleAndTranslate',
    'keras.src.ops.linalg':
      'Cholesky CholeskyInverse Det Eig Eigh Inv LuFactor Norm Qr SVD Solve SolveTriangular Lstsq',
    'keras.src.ops.core':
      'AssociativeScan Cast Cond ConvertToTensor ForiLoop Map Scan Scatter ScatterUpdate Shape Slice SliceUpdate ' +
      'StopGradient Switch Unstack VectorizedMap WhileLoop',
  }).flatMap(([module, names]) => names.split(' ').map(name => [name, module])),
);

export function operationModule(className: string): string {
  return modules[className] ?? 'keras.src.ops.numpy';
}
