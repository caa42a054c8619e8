import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lambda-unsafe',
  group: 'code-not-in-file',
  title: 'Keras refuses to load a Lambda layer, because it is code',
  why: 'A Lambda layer carries compiled Python that runs on loading. Safe mode (the default since TF 2.13 and Keras 3) refuses it; older loaders and some .h5 loaders run it without a word.',
  signs: [
    { text: /Requested the deserialization of a (?:`?Lambda`? layer|`?lambda)/m, confidence: 0.96 },
    { text: /enable_unsafe_deserialization/m, confidence: 0.85 },
    { text: /safe_mode/m, confidence: 0.6 },
    { text: /could not be deserialized properly[\s\S]*(?:Lambda|lambda)/m, confidence: 0.7 },
    { text: /could not be deserialized properly/m, confidence: 0.4 },
    { text: /Lambda runs its code on loading/m, confidence: 0.9 },
  ],
  mends: [
    { title: 'See what the code does before you trust it', command: 'loadstone inspect {artefact} --lambda' },
    {
      title: 'Write a copy whose Lambda is a plain layer',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    { title: 'If you trust who made it', python: "keras.models.load_model('{artefact}', safe_mode=False)" },
  ],
  sources: ['keras 3 keras/src/layers/core/lambda_layer.py', 'keras 3.11.3: the .h5 loader honours safe_mode'],
});
