import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'savedmodel-in-keras3',
  group: 'versions',
  title: 'A SavedModel folder is given to the load_model of Keras 3',
  why: 'Keras 3 reads .keras and .h5 only. A SavedModel can be wrapped in a layer for prediction, or its weights be carried over.',
  signs: [
    {
      text: /legacy SavedModel format is not supported by `?load_model/m,
      confidence: 0.72,
      unless: /filepath=\.?\s*\. Keras|filepath=\s/m,
    },
    {
      text: /File format not supported: filepath=[^\n]*Keras 3 only supports/m,
      confidence: 0.7,
      unless: /filepath=\.?\s*\. Keras|filepath=\s/m,
    },
    { text: /TFSMLayer/m, confidence: 0.5 },
  ],
  mends: [
    { title: 'Write it as a .keras file', command: 'loadstone convert {artefact} model.keras' },
    {
      title: 'Or use it for prediction only',
      python: "layer = keras.layers.TFSMLayer('{artefact}', call_endpoint='serving_default')",
    },
  ],
  sources: ['keras 3 keras/src/saving/saving_api.py load_model'],
});
