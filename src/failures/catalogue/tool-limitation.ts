import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'tool-limitation',
  group: 'using-the-model',
  title: 'A viewer or runtime lacks this layer or storage form',
  why: 'The file is sound; the tool that reads it does not know everything that Keras can write.',
  signs: [
    { text: /specified in model configuration is not implemented/m, confidence: 0.95 },
    {
      text: /(?:is not|not yet) (?:implemented|supported) (?:in|by) (?:netron|onnx|keras-js|jsfive)/m,
      confidence: 0.8,
    },
    {
      text: /No (?:conversion|converter) (?:function|available)|unsupported (?:operator|layer) type/m,
      confidence: 0.5,
    },
  ],
  mends: [
    { title: 'Open it here', command: 'loadstone inspect {artefact}' },
    { title: 'Or convert it', command: 'loadstone convert {artefact} model.onnx' },
  ],
  sources: ['transcranial/keras-js#133'],
});
