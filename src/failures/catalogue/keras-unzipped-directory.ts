import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-unzipped-directory',
  group: 'bytes',
  title: 'This .keras model was unpacked into a folder',
  why: 'A .keras file is one zip archive. Keras 3.4 and later load the folder too, if its name does not end in .keras; older ones do not.',
  signs: [{ text: /Is a directory: '[^']*\.keras'/m, confidence: 0.95 }],
  mends: [
    {
      title: 'Pack it again',
      command: 'cd {artefact} && zip -0 ../fixed.keras config.json metadata.json model.weights.h5',
    },
  ],
  sources: ['keras/src/saving/saving_api.py 3.4.0'],
});
