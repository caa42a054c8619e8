/**
 * Every built-in layer class, by name and alias. A layer file's default export is one definition or a list of them;
 * adding a layer is adding its file here.
 */

import activationLayer from './activation-layer.ts';
import adaptivePooling from './adaptive-pooling.ts';
import attention from './attention/index.ts';
import batchNormalization from './batch-normalization.ts';
import centerCrop from './center-crop.ts';
import concatenate from './concatenate.ts';
import conv from './conv.ts';
import convTranspose from './conv-transpose.ts';
import cropping from './cropping.ts';
import type { AnyLayerDefinition } from './define.ts';
import dense from './dense.ts';
import depthwiseConv from './depthwise-conv.ts';
import dot from './dot.ts';
import einsumDense from './einsum-dense.ts';
import embedding from './embedding.ts';
import flatten from './flatten.ts';
import globalPooling from './global-pooling.ts';
import groupNormalization from './group-normalization.ts';
import identity from './identity.ts';
import image from './image/index.ts';
import inputLayer from './input-layer.ts';
import keras1 from './keras1/index.ts';
import lambda from './lambda.ts';
import layerNormalization from './layer-normalization.ts';
import locallyConnected from './locally-connected.ts';
import masking from './masking.ts';
import merging from './merging.ts';
import normalization from './normalization.ts';
import notRun from './not-run.ts';
import permute from './permute.ts';
import pooling from './pooling.ts';
import preprocessing from './preprocessing/index.ts';
import randomFourierFeatures from './random-fourier-features.ts';
import rectifiers from './rectifiers.ts';
import recurrent from './recurrent/index.ts';
import repeatVector from './repeat-vector.ts';
import rescaling from './rescaling.ts';
import reshape from './reshape.ts';
import resizing from './resizing.ts';
import reversibleEmbedding from './reversible-embedding.ts';
import rmsNormalization from './rms-normalization.ts';
import separableConv from './separable-conv.ts';
import softmax from './softmax.ts';
import spectralNormalization from './spectral-normalization.ts';
import unitNormalization from './unit-normalization.ts';
import upSampling from './up-sampling.ts';
import zeroPadding from './zero-padding.ts';

const files: readonly (AnyLayerDefinition | readonly AnyLayerDefinition[])[] = [
  activationLayer,
  adaptivePooling,
  attention,
  batchNormalization,
  centerCrop,
  concatenate,
  conv,
  convTranspose,
  cropping,
  dense,
  depthwiseConv,
  dot,
  einsumDense,
  embedding,
  flatten,
  globalPooling,
  groupNormalization,
  identity,
  image,
  inputLayer,
  keras1,
  lambda,
  layerNormalization,
  locallyConnected,
  masking,
  merging,
  normalization,
  notRun,
  permute,
  pooling,
  randomFourierFeatures,
  rectifiers,
  preprocessing,
  recurrent,
  repeatVector,
  rescaling,
  reshape,
  reversibleEmbedding,
  resizing,
  rmsNormalization,
  separableConv,
  softmax,
  spectralNormalization,
  unitNormalization,
  upSampling,
  zeroPadding,
];

/** All built-in layer definitions, in the order of their files. */
export const builtInLayers: readonly AnyLayerDefinition[] = files.flat();

const byName = new Map<string, AnyLayerDefinition>();
for (const definition of builtInLayers) {
  for (const name of [definition.name, ...(definition.aliases ?? [])]) byName.set(name, definition);
}

/** The built-in layer of that class name, or null. Keras's own prefixes (`keras.layers.Dense`) are not expected here. */
export function builtInLayer(className: string): AnyLayerDefinition | null {
  return byName.get(className) ?? null;
}
