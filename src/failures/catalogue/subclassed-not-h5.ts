import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'subclassed-not-h5',
  group: 'code-not-in-file',
  title: 'A subclassed model cannot be written as HDF5',
  why: 'Its structure is Python code, which HDF5 cannot hold. Only its weights can.',
  signs: [
    { text: /requires the model to be a Functional model or a Sequential/m, confidence: 0.98 },
    { text: /only works? (?:for|with) (?:Functional|functional) (?:models )?(?:or|and) Sequential/m, confidence: 0.7 },
  ],
  mends: [
    { title: 'Save the weights', python: "model.save_weights('model.weights.h5')" },
    { title: 'Or save as .keras, with the class registered', python: "model.save('model.keras')" },
  ],
  sources: ['tf.keras saving/save.py'],
});
