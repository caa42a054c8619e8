import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'checkpoint-missing-files',
  group: 'bytes',
  title: 'A part of the checkpoint is not there, or its path is not taken as it stands',
  why: 'A checkpoint is several files with one prefix: .index and .data-00000-of-00001. Brackets, ~ and * in a path are read as patterns.',
  signs: [
    { text: /\.data-\d{5}-of-\d{5}; No such file/m, confidence: 0.92 },
    {
      text: /Failed to find any matching files for (?<path>[^\n]*)/m,
      confidence: 0.95,
      unless: /variables\/variables/m,
    },
    { text: /Failed to get matching files on/m, confidence: 0.95, unless: /variables\/variables/m },
    { text: /NewRandomAccessFile failed to Create\/Open/m, confidence: 0.85 },
    { text: /(?:NotFoundError|Not found)[^\n]*(?:\.index|\.data-\d{5})/m, confidence: 0.85 },
    { text: /Unsuccessful TensorSliceReader constructor/m, confidence: 0.7, unless: /variables\/variables/m },
  ],
  mends: [
    { title: 'See what is there and what is missing', command: 'loadstone inspect {artefact}' },
    { title: 'Give the prefix that the files share, without .index', python: "model.load_weights('{prefix}')" },
  ],
  sources: ['tensorflow/core/util/tensor_slice_reader.cc'],
});
