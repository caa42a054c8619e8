import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tf-keras-vs-keras-mixed',
  group: 'versions',
  title: 'Objects of two Keras packages meet',
  why: 'keras, tf.keras, tensorflow.python.keras and tf_keras are separate packages with separate classes. A layer of one is nothing to a model of the other.',
  signs: [
    { text: /Only instances of `?keras\.Layer`? can be added/m, confidence: 0.96 },
    { text: /Keyword argument not understood:', u?'module'/m, confidence: 0.85 },
    { text: /'tuple' object has no attribute 'layer'/m, confidence: 0.9 },
    { text: /tensorflow\.python\.keras[\s\S]{0,4000}(?:\/|\\)keras(?:\/|\\)(?:src|engine)/m, confidence: 0.4 },
    { text: /Unknown layer:\s*'?"?Functional\b/m, confidence: 0.3 },
    { text: /tensorflow\.python\.keras\.saving/m, confidence: 0.8 },
    { text: /KerasLayer[^\n]{0,80}Keras 3|with KerasLayer custom object/m, confidence: 0.85 },
    { text: /The added layer must be an instance of class Layer/m, confidence: 0.85 },
    {
      text: /'(?:Node|InputLayer|Dense)' object has no attribute '(?:output_masks|_keras_mask|outbound_nodes|_inbound_nodes|_outbound_nodes)'/m,
      confidence: 0.6,
    },
  ],
  mends: [
    {
      title: 'Import everything from one package; with tensorflow_hub under TensorFlow 2.16+, use the old Keras',
      python:
        "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'  # before tensorflow is imported; needs pip install tf-keras",
    },
  ],
  sources: ['tensorflow_hub with TensorFlow 2.16', 'keras 3 keras/src/models/sequential.py add'],
});
