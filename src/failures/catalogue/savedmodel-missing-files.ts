import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'savedmodel-missing-files',
  group: 'bytes',
  title: 'A part of the SavedModel is not there, or the path names only a part of it',
  why: 'A SavedModel is a folder: saved_model.pb, and beside it variables/ with an index and shards, and assets/. load_model wants that folder, whole: not the .pb itself, not a zip of it, not the folder above.',
  signs: [
    { text: /File format not supported: filepath=\S*saved_model\.pb/m, confidence: 0.8 },
    { text: /variables\.data-\d{5}-of-\d{5}; No such file/m, confidence: 0.9 },
    { text: /lacks the (?:TF-)?Keras metadata file/m, confidence: 0.5 },
    { text: /Failed to (?:find any|get) matching files (?:for|on) \S*variables\b/m, confidence: 0.9 },
    { text: /SavedModel file does not exist at: (?<path>[^\n{]*)/m, confidence: 0.6, unless: /\.(?:h5|hdf5)\//m },
    { text: /SavedModel file does not exist at: [^\n]*\.pb\//m, confidence: 0.93 },
    { text: /SavedModel file does not exist/m, confidence: 0.3 },
    {
      text: /Cannot find (?:the )?variables|variables\/variables(?:\.index|\.data)[^\n]*(?:No such|not found|does not exist)/m,
      confidence: 0.85,
    },
    { text: /Unsuccessful TensorSliceReader constructor[^\n]*variables\/variables/m, confidence: 0.85 },
    { text: /Could not find SavedModel|saved_model\.pb[^\n]*(?:not found|missing)/m, confidence: 0.8 },
  ],
  mends: [
    { title: 'See what is missing', command: 'loadstone inspect {artefact}' },
    { title: 'Copy what is missing from where the folder came; the weights are in variables/ alone' },
    { title: 'Give the folder that holds saved_model.pb', python: "tf.keras.models.load_model('{folder}')" },
  ],
  sources: ['tensorflow/python/saved_model/loader_impl.py parse_saved_model'],
});
