import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras3-file-in-keras2',
  group: 'versions',
  title: 'A Keras 3 file is read by Keras 2',
  why: 'Keras 3 writes batch_shape, dtype policies as objects and module names that Keras 2, tf-keras and TensorFlow up to 2.15 do not have.',
  signs: [
    { text: /because its parent module (?:tf_)?keras\.src\.models\.\w+ cannot be imported/m, confidence: 0.93 },
    { text: /Unrecognized keyword arguments: \[[^\]]*'batch_shape'/m, confidence: 0.95 },
    { text: /parent module keras\.src\.(?:models|layers|ops)/m, confidence: 0.95 },
    { text: /Unknown dtype policy|Could not interpret dtype policy|DTypePolicy/m, confidence: 0.45, unless: /head/m },
    { text: /config=\{'batch_shape'/m, confidence: 0.9 },
    { text: /Unrecognized keyword arguments: \[[^\]]*'(?:optional|data_format)'/m, confidence: 0.5 },
    { text: /__keras_tensor__/m, confidence: 0.6 },
    { text: /\(expected str, bytes or os\.PathLike object, not dict\)|unhashable type: 'dict'/m, confidence: 0.35 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'Or install Keras 3', command: 'pip install -U keras' },
  ],
  sources: ['keras 3 InputLayer.get_config writes batch_shape', 'keras-team/tf-keras keras/src/engine/input_layer.py'],
});
