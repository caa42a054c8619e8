import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tf1-api-in-tf2',
  group: 'versions',
  title: 'Code of the TensorFlow 1 days runs under TensorFlow 2',
  why: 'Keras before 2.3 calls functions that TensorFlow 2 moved to tf.compat.v1.',
  signs: [
    {
      text: /module 'tensorflow(?:\.\w+)*' has no attribute '(?:get_default_graph|placeholder|Session|ConfigProto|global_variables_initializer|get_variable|variable_scope|reset_default_graph|contrib|to_float|log|app|flags)'/m,
      confidence: 0.88,
    },
    { text: /No module named 'tensorflow\.contrib'/m, confidence: 0.9 },
  ],
  mends: [
    {
      title: 'Use tf.keras of the installed TensorFlow in place of the old keras package',
      python: 'from tensorflow import keras',
    },
    { title: 'Or install what the file was made with', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: ['keras 2.2.4 keras/backend/tensorflow_backend.py get_default_graph'],
});
