import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-regression',
  group: 'versions',
  title: 'A defect of exactly this Keras or TensorFlow release',
  why: 'Writer and reader are of one version and the file is sound, yet this release cannot read what it wrote. Another patch release can.',
  signs: [
    { text: /'class_name': '__tensor__'/m, confidence: 0.65 },
    { text: /Unknown activation function: 'function'/m, confidence: 0.95 },
    { text: /'<' not supported between instances of 'dict' and '(?:float|int)'/m, confidence: 0.8 },
    { text: /f\(inputs, training[^\n]*missing \d+ required (?:positional )?argument/m, confidence: 0.8 },
    { text: /'Sequential' object has no attribute 'loss'/m, confidence: 0.6 },
    { text: /^\s*IndexError: list index out of range\s*$/m, confidence: 0.3 },
    { text: /deserializing class 'RandomShear'/m, confidence: 0.5 },
    { text: /KeyError: 'query_shape'|local variable 'obj_type'/m, confidence: 0.6 },
    { text: /Object of type function is not JSON serializable/m, confidence: 0.6 },
    { text: /Shape mismatch in layer #\d+ \(named stem_conv\)/m, confidence: 0.75 },
    { text: /'activation': \{'module': 'builtins', 'class_name': 'function'/m, confidence: 0.7 },
    { text: /EfficientNetB\d[^\n]*(?:weights|mismatch)/m, confidence: 0.6 },
    { text: /Sequential starts with an explicit Input/m, confidence: 0.8 },
    { text: /cannot be loaded in TF 2\.0|regression/m, confidence: 0.5 },
    { text: /shape mismatch on EfficientNet/m, confidence: 0.8 },
  ],
  mends: [
    { title: 'Use another patch release', command: 'loadstone doctor {artefact} --env all' },
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: [
    'keras 3.11.0 EfficientNet weights',
    'tf.keras 2.13 to 2.15: custom functions in .h5',
    'keras 2.2.3, 2.2.4 with an explicit InputLayer',
  ],
});
