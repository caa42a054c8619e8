import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'zip-renamed-weights-h5',
  group: 'bytes',
  title: 'A whole .keras archive has the name of a weights file',
  why: 'The name ends in .weights.h5, so loaders open it as HDF5; but it is a zip archive with config and weights, saved with model.save and renamed.',
  signs: [],
  mends: [
    {
      title: 'Give it its own name; load_weights of Keras 3 takes a .keras archive too',
      python: `import os
os.rename('{artefact}', 'model.keras')
model.load_weights('model.keras')`,
    },
    { title: 'Take the weights out of it', command: 'loadstone convert {artefact} fixed.weights.h5' },
  ],
  sources: ['keras/src/saving/saving_api.py: load_weights chooses by the ending'],
});
