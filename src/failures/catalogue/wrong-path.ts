import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'wrong-path',
  group: 'machine',
  title: 'The path names a part of the artefact, or a folder around it',
  why: 'A TensorFlow checkpoint is several files with one prefix, and the prefix is what loaders take: ckpt, not ckpt.index. A SavedModel is the folder in which saved_model.pb lies, not the one above it.',
  signs: [
    { text: /File format not supported: filepath=|file signature not found/m, confidence: 0.2 },
    { text: /SavedModel file does not exist at: (?!\S+\.(?:keras|h5))/m, confidence: 0.35 },
    { text: /file signature not found/m, confidence: 0.1 },
    { text: /(?:\.index|\.data-\d{5}-of-\d{5}): (?:Data loss|not an sstable)/m, confidence: 0.6 },
  ],
  mends: [
    { title: 'Give the prefix that the files share', python: "model.load_weights('{prefix}')" },
    { title: 'Give the folder that holds saved_model.pb', python: "tf.keras.models.load_model('{folder}')" },
  ],
  sources: ['tensorflow/python/checkpoint: list_variables, load_weights'],
});
