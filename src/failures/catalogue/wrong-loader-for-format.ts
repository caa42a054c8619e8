import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'wrong-loader-for-format',
  group: 'bytes',
  title: 'A good file, opened by the wrong function',
  why: 'Text functions on HDF5, zip functions on a folder, load_weights on a whole model, Sequential on a Functional config.',
  signs: [
    { text: /Improper config format: \{"?'?node\b/m, confidence: 0.95 },
    { text: /'(?:_UserObject|AutoTrackable)' object has no attribute/m, confidence: 0.85 },
    { text: /invalid load key, '(?:\\x89|H|P)'/m, confidence: 0.9 },
    { text: /Unable to create a TF-Keras model from (?:this )?SavedModel/m, confidence: 0.85 },
    { text: /errno = 21\b|Is a directory/m, confidence: 0.88 },
    { text: /Unable to create a Keras model from (?:this )?SavedModel/m, confidence: 0.85 },
    { text: /codec can't decode byte 0x89 in position 0/m, confidence: 0.95 },
    { text: /BadZipFile|File is not a zip file/m, confidence: 0.78 },
    { text: /errno = 13, error message = 'Permission denied', flags = 0/m, confidence: 0.42 },
    { text: /IsADirectoryError/m, confidence: 0.7 },
    { text: /Model\.from_config given|models\.Model\.from_config\(/m, confidence: 0.85 },
    { text: /json\.decoder\.JSONDecodeError: Expecting value: line 1 column 1/m, confidence: 0.5 },
    { text: /(?:the|a) legacy H5 format files|not a valid weights file/m, confidence: 0.3 },
  ],
  mends: [{ title: 'See what it is, and which function takes it', command: 'loadstone inspect {artefact}' }],
  sources: ['keras models.py model_from_json, load_model'],
});
