import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'multi-gpu-model-wrapper',
  group: 'weights',
  title: 'The weights were saved from the wrapper of multi_gpu_model',
  why: 'The wrapper is a model with one layer that is your model, so the file holds one group.',
  signs: [
    { text: /weight file containing 1 layers into a model with (?<wanted>\d+) layers/m, confidence: 0.76 },
    { text: /weight file containing \d+ layers into a model with 2 layers/m, confidence: 0.25 },
    { text: /multi_gpu_model/m, confidence: 0.6 },
  ],
  mends: [
    { title: 'Take the model out of its wrapper', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    {
      title: 'Or take the inner model out where it was saved',
      python: "inner = model.layers[-2]\ninner.save_weights('weights.h5')",
    },
  ],
  sources: ['keras-team/keras#11253', 'keras 2.x keras/utils/multi_gpu_utils.py'],
});
