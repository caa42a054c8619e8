import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tfjs-inputlayer-batch-shape',
  group: 'using-the-model',
  title: 'TensorFlow.js does not know the batch_shape that Keras 3 writes',
  why: 'The converter copies the Keras 3 config unchanged; the runtime reads Keras 2 names.',
  signs: [
    { text: /should (?:have been|be) passed either a `?batchInputShape`? or an `?inputShape/m, confidence: 0.97 },
  ],
  mends: [
    {
      title: 'Convert into the dialect that TensorFlow.js reads',
      command: 'loadstone convert {artefact} web --to tfjs-layers',
    },
    { title: 'Or run the file as it is in JavaScript', command: 'loadstone run {artefact} --input in.json' },
  ],
  sources: ['tensorflow/tfjs#8494, #8489'],
});
