import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'optimizer-state-mismatch',
  group: 'weights',
  title: "The optimizer's settings or state do not fit this release",
  why: 'Optimizers were rewritten in TF 2.11 and Keras 3: other names, other arguments, other slots. Prediction does not need them.',
  signs: [
    { text: /\w+ is not a valid argument, kwargs should be empty/m, confidence: 0.75 },
    { text: /Error in loading the saved optimizer state/m, confidence: 0.96 },
    { text: /is deprecated in the new Keras optimizer/m, confidence: 0.95 },
    { text: /(?:weight_decay|decay|lr|epsilon) is not a valid argument/m, confidence: 0.93 },
    { text: /legacy Keras optimizer/m, confidence: 0.9 },
    {
      text: /optimizer (?:weights|state)[^\n]*(?:not restored|empty)|optimizer\.get_weights\(\) empty/m,
      confidence: 0.85,
    },
    { text: /Argument\(s\) not recognized: \{'(?:lr|decay)'/m, confidence: 0.25 },
    {
      text: /error message for object <(?:tf_)?keras\.(?:src\.)?optimizers\.[\s\S]{0,80}:\s+The shape of the target/m,
      confidence: 0.92,
    },
    { text: /Skipping variable loading for optimizer/m, confidence: 0.93 },
    { text: /You called `?set_weights\(weights\)`? on optimizer/m, confidence: 0.9 },
    { text: /Could not (?:interpret|deserialize) optimizer/m, confidence: 0.6 },
    { text: /optimizer expected a weight list of length|Length of the specified weight list/m, confidence: 0.7 },
    { text: /Unexpected keyword argument passed to optimizer/m, confidence: 0.5, unless: /learning_rate/m },
  ],
  mends: [
    { title: 'For prediction, leave it out', python: "keras.models.load_model('{artefact}', compile=False)" },
    {
      title: 'Write a copy whose optimizer fits',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
  ],
  sources: ['tf.keras 2.11 optimizers/optimizer.py', 'keras 3 keras/src/optimizers/base_optimizer.py'],
});
