/** Preprocessing of categories, text and sound. */

import categoryEncoding from './category-encoding.ts';
import denseFeatures from './dense-features.ts';
import discretization from './discretization.ts';
import dynamicLookup from './dynamic-lookup.ts';
import hashing from './hashing.ts';
import lookup from './lookup.ts';
import melSpectrogram from './mel-spectrogram.ts';
import stftSpectrogram from './stft-spectrogram.ts';
import textVectorization from './text-vectorization.ts';

export default [
  ...lookup,
  textVectorization,
  ...hashing,
  discretization,
  categoryEncoding,
  ...dynamicLookup,
  denseFeatures,
  melSpectrogram,
  stftSpectrogram,
];
