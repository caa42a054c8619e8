import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'checkpoint-wrong-name',
  group: 'bytes',
  title: 'A checkpoint is given as a model, or one of its files in place of its prefix',
  why: 'A checkpoint holds variables and no layers: the model is built in code, and load_weights takes the prefix that the files share (model.ckpt-1000), not checkpoint, .meta, .index or .data.',
  signs: [
    {
      text: /(?:No file or directory found|SavedModel file does not exist) at:? \S*(?:ckpt|checkpoint)/m,
      confidence: 0.6,
    },
    { text: /File format not supported: filepath=\S*(?:ckpt|checkpoint)/m, confidence: 0.85 },
    { text: /(?:[\\/]checkpoint|\.meta|\.data-\d+-of-\d+|\.index)[^\n]*not an sstable/m, confidence: 0.95 },
    { text: /not an sstable \(bad magic number\)/m, confidence: 0.5, unless: /\.tar|\.zip|\.h5/m },
    { text: /checkpoint (?:taken for|in place of) a model/m, confidence: 0.7 },
  ],
  mends: [
    { title: 'Build the model in code, then give it the prefix', python: "model.load_weights('{prefix}')" },
    { title: 'See what it holds', command: 'loadstone inspect {artefact}' },
  ],
  sources: ['tensorflow/core/util/tensor_bundle'],
});
