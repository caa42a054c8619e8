import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'filename-extension-required',
  group: 'bytes',
  title: "Keras 3 goes by the file's ending",
  why: 'Keras 3 wants .keras for models and .weights.h5 for weights, and chooses its reader by that ending alone.',
  signs: [
    { text: /File format not supported: filepath=\S+?(?:\.zip|\.pb|\/\w+)\. /m, confidence: 0.4 },
    { text: /must end in `?\.?(?:keras|weights\.h5|weights\.json)/m, confidence: 0.97 },
    { text: /Invalid filepath extension for saving/m, confidence: 0.97 },
    { text: /\(file not recognised\)/m, confidence: 0.6 },
    { text: /accepts? (?:only )?(?:filenames|files) ending in/m, confidence: 0.85 },
    { text: /Please (?:add|include) (?:either )?a `?\.keras`? extension/m, confidence: 0.9 },
  ],
  mends: [
    {
      title:
        'Load it under the ending of its content: archives end in .keras, HDF5 in .h5 (weights by path in .weights.h5)',
      python:
        "import shutil, zipfile\nname = 'renamed.keras' if zipfile.is_zipfile('{artefact}') else 'renamed.h5'\nshutil.copy('{artefact}', name)",
    },
    { title: 'When saving, models end in .keras and weights in .weights.h5', python: "model.save('model.keras')" },
    {
      title: 'Under ModelCheckpoint',
      python: "keras.callbacks.ModelCheckpoint('best.keras')  # or 'best.weights.h5' with save_weights_only=True",
    },
  ],
  sources: ['keras 3 keras/src/saving/saving_api.py', 'keras 3 callbacks/model_checkpoint.py'],
});
