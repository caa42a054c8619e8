import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-zip-nested-folder',
  group: 'bytes',
  title: 'The archive holds the model inside a folder',
  why: 'Somebody unpacked the .keras archive and packed the folder again: config.json must lie at the top.',
  signs: [{ text: /There is no item named 'config\.json' in the archive/m, confidence: 0.5 }],
  mends: [
    {
      title: 'Pack it again from inside the folder',
      command: 'cd FOLDER && zip -0 ../fixed.keras config.json metadata.json model.weights.h5',
    },
  ],
  sources: ['keras/src/saving/saving_lib.py: _load_model_from_fileobj'],
});
