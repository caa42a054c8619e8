import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'cpu-instruction',
  group: 'machine',
  title: 'The processor lacks instructions that this TensorFlow was built with',
  why: 'Official packages need AVX since TensorFlow 1.6. Old processors and some virtual machines lack it.',
  signs: [
    { text: /[Ii]llegal instruction/m, confidence: 0.97 },
    {
      text: /(?:AVX2?|SSE4)[^\n]*(?:not available|your CPU|machine)/m,
      confidence: 0.6,
      unless: /optimized with|could speed|not compiled to use/m,
    },
  ],
  mends: [
    { title: 'Use a build without AVX, or TensorFlow 1.5', command: 'pip install tensorflow==1.5' },
    { title: 'Or run the model here', command: 'loadstone run {artefact} --input in.npy' },
  ],
  sources: ['TensorFlow 1.6 release notes'],
});
