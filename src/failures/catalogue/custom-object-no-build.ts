import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'custom-object-no-build',
  group: 'code-not-in-file',
  title: 'A custom layer has no variables yet when its weights arrive',
  why: 'Keras calls build() of the layer before it assigns weights; layers inside that are made or built elsewhere stay empty.',
  signs: [
    { text: /A total of \d+ objects could not be loaded/m, confidence: 0.8 },
    {
      text: /Layer '?"?[\w/]+'?"? expected \d+ variables?, but received 0 variables/m,
      confidence: 0.52,
      unless: /lstm_cell|gru_cell|simple_rnn_cell/m,
    },
    { text: /was never built|hasn't been built|`build\(\)` method of layer/m, confidence: 0.6 },
    { text: /Layer '(?:lstm_cell|gru_cell)' expected/m, confidence: 0.2 },
  ],
  mends: [
    {
      title: 'Build the inner layers in build() of the outer one',
      python: 'def build(self, input_shape):\n    self.dense.build(input_shape)\n    super().build(input_shape)',
    },
  ],
  sources: ['keras 3 keras/src/saving/saving_lib.py _raise_loading_failure'],
});
