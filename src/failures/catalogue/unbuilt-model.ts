import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'unbuilt-model',
  group: 'code-not-in-file',
  title: 'The model has no declared input shape, so it has no variables',
  why: 'A subclassed model, or a Sequential without an input shape, makes its weights on the first call. Before that there is nothing to load into.',
  signs: [
    { text: /into a model with 0 layers/m, confidence: 0.9 },
    {
      text: /cannot be saved because the input shapes? ha(?:s|ve) not been set|has never been called and thus has no/m,
      confidence: 0.88,
    },
    { text: /was never built and thus it doesn't have any variables/m, confidence: 0.55 },
    { text: /Weights for model \S+ have not yet been created/m, confidence: 0.92 },
    { text: /subclassed Model which has not created its variables yet/m, confidence: 0.97 },
    { text: /first layer in a Sequential model must get an `?'?inputShape/m, confidence: 0.9 },
    {
      text: /(?:has not yet been built|model has not been built|Build the model first|weights .* have not yet been created)/m,
      confidence: 0.85,
    },
    {
      text: /You are loading weights into an unbuilt|layer that has not been built|not been created/m,
      confidence: 0.5,
    },
  ],
  mends: [
    {
      title: 'Call the model once, then load',
      python: "model.build((None, 28, 28, 1))\nmodel.load_weights('{artefact}')",
    },
    {
      title: 'Or declare the shape in a copy',
      command: 'loadstone mend {artefact} --for {environment} --input-shape 28,28,1 -o {fixed}',
    },
    { title: 'Where the file holds no weights either, build it in code as the file says, and train it anew' },
  ],
  sources: ['tf.keras training.py load_weights', 'TensorFlow.js layers: Sequential.add'],
});
