import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-zip-missing-config',
  group: 'bytes',
  title: 'The archive holds no architecture',
  why: 'config.json is missing in the .keras archive; the weights alone are no model. With the code that built it they still load.',
  signs: [{ text: /There is no item named 'config\.json' in the archive/m, confidence: 0.6 }],
  mends: [
    {
      title: 'Build the model with your code and take the weights out of the archive',
      python: "model.load_weights('{artefact}')",
    },
  ],
  sources: ['keras/src/saving/saving_lib.py: _load_model_from_fileobj'],
});
