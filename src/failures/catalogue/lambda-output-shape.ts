import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lambda-output-shape',
  group: 'code-not-in-file',
  title: 'Keras 3 cannot tell the output shape of a Lambda layer',
  why: 'It tries the function on placeholders; where that fails, the shape must be given.',
  signs: [{ text: /could not automatically infer the shape of the Lambda/m, confidence: 0.98 }],
  mends: [
    {
      title: 'Write a copy with the shape declared',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    { title: 'Or give it where the layer is made', python: 'keras.layers.Lambda(function, output_shape=(64,))' },
  ],
  sources: ['keras 3 keras/src/layers/core/lambda_layer.py compute_output_shape'],
});
