import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tfjs-unsupported-layer',
  group: 'using-the-model',
  title: 'TensorFlow.js has no such layer',
  why: 'Its layer library ends at Keras 2.x and has no augmentation layers, no Lambda, none of the operations used as layers.',
  signs: [
    { text: /Unknown layer:\s*\w+\. This may be due to one of the following/m, confidence: 0.95 },
    { text: /Uncaught \(in promise\)[^\n]*Unknown layer: (?!Functional)/m, confidence: 0.95 },
  ],
  mends: [
    {
      title: 'Run it with Loadstone in JavaScript, where the layer exists',
      command: 'loadstone run {artefact} --input in.json',
    },
    {
      title: 'Leave augmentation out of what you convert',
      command: 'loadstone convert {artefact} web --to tfjs-layers',
    },
  ],
  sources: ['tensorflow/tfjs#2348, #4390'],
});
