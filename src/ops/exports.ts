/** Everything that `ops` offers: one line for each family of operations. */

export type { Shape } from '../numbers/tensor.ts';
export * from './activations.ts';
export * from './arrange.ts';
export { dotProductAttention } from './attention.ts';
export * from './binary.ts';
export * from './complex.ts';
export * from './control.ts';
export {
  conv,
  convTranspose,
  depthToSpace,
  depthwiseConv,
  extractPatches,
  separableConv,
  spaceToDepth,
} from './convolution.ts';
export * from './create.ts';
export { combinedNonMaxSuppression, nonMaxSuppression } from './detection.ts';
export * from './elementwise.ts';
export { gaussianBlur, hsvToRgb, rgbToGrayscale, rgbToHsv, sobelEdges, ssim } from './filters.ts';
export { affineTransform, mapCoordinates, perspectiveTransform } from './geometry.ts';
export * from './graph.ts';
export * from './index-by.ts';
export * from './linalg.ts';
export { cross, dot, einsum, inner, kron, matmul, outer, tensordot, vdot } from './linear.ts';
export * from './losses.ts';
export * from './math.ts';
export * from './normalize.ts';
export * from './patches.ts';
export { adaptiveAveragePool, adaptiveMaxPool, averagePool, maxPool } from './pooling.ts';
export * from './recurrent.ts';
export * from './reduce.ts';
export { resample } from './resample.ts';
export * from './scaling.ts';
export * from './sets.ts';
export * from './shape.ts';
export * from './signal.ts';
export * from './sort.ts';
export * from './statistics.ts';
export * from './text.ts';
export type { OpNode, SizeLike, Subgraph, SymbolicTensor, TensorLike } from './types.ts';
