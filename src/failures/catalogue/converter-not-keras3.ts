import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'converter-not-keras3',
  group: 'using-the-model',
  title: 'A converter reads attributes that Keras 3 models no longer have',
  why: 'Tools written for Keras 2 ask for output_names, _get_save_spec or batch_input_shape.',
  signs: [
    {
      text: /has no attribute '(?:output_names?|input_names?|_get_save_spec|output_?|inbound_nodes|_in_multi_worker_mode|_layers)/m,
      confidence: 0.9,
      unless: /str' object/m,
    },
    { text: /KeyError: '?batch_input_shape/m, confidence: 0.92 },
    { text: /'(?:Sequential|Functional)' object has no attribute/m, confidence: 0.7 },
  ],
  mends: [{ title: 'Convert without it', command: 'loadstone convert {artefact} model.onnx' }],
  sources: ['onnx/tensorflow-onnx#2319'],
});
