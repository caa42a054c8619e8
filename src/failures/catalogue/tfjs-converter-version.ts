import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tfjs-converter-version',
  group: 'using-the-model',
  title: 'The TensorFlow.js converter does not go with the installed packages',
  why: 'It is bound to TensorFlow 2.15 and its days; newer Keras, NumPy or Python break it.',
  signs: [
    { text: /TensorFlow Decision Forests [\d.]+ is compatible with/m, confidence: 0.95 },
    { text: /tensorflowjs/m, confidence: 0.8, unless: /Unknown layer/m },
    { text: /converter cannot be installed|save_format argument under Keras 3/m, confidence: 0.9 },
    { text: /Unknown layer:\s*Functional(?! ?model)/m, confidence: 0.12 },
    { text: /\bUnknown layer: Functional\s*$/m, confidence: 0.5, unless: /ValueError/m },
  ],
  mends: [{ title: 'Convert without Python', command: 'loadstone convert {artefact} web --to tfjs-layers' }],
  sources: ['tensorflow/tfjs#8301, #8655, #8229'],
});
