import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'wrong-path',
  group: 'machine',
  title: 'The path names one file of the artefact, not the artefact',
  why: 'A TensorFlow checkpoint is several files with one prefix, and the prefix is what loaders take: ckpt, not ckpt.index and not ckpt.data-00000-of-00001.',
  signs: [{ text: /(?:\.index|\.data-\d{5}-of-\d{5}): (?:Data loss|not an sstable)/m, confidence: 0.6 }],
  mends: [{ title: 'Give the prefix', python: "model.load_weights('ckpt')  # neither .index nor .data-…" }],
  sources: ['tensorflow/python/checkpoint: list_variables, load_weights'],
});
